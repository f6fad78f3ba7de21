import { describe, expect, it } from '@jest/globals';
import type { Probed, Product } from '../../src/monitor/product.js';
import { runCli } from './run-cli.js';

const PROBED: readonly Probed[] = [
  { what: 'store', name: '/srv/calib', ok: true, found: 'can be written' },
  { what: 'rtsp', name: 'site-a/north', ok: false, found: 'No answer in 5 s. Look at its power.' },
];

const probing = (probed: readonly Probed[]): Partial<Product> => ({
  probe: async (onProbed) => {
    probed.forEach(onProbed);
    return [...probed];
  },
});

describe('calib validate', () => {
  it('says what is in the settings without touching anything', async () => {
    const said = await runCli(['validate']);
    expect(said.lines).toEqual([
      'devices.yaml is sound: 2 deployments, 4 cameras, 8 reference stops.',
      'site-a: 3 cameras, reached directly',
      '  north (cam-00): 2 reference stops, passive checks, threshold 0.5°',
      '  south (cam-01): 2 reference stops, passive checks, threshold 0.5°',
      '  mast (cam-02): 2 reference stops, passive checks, threshold 0.5°',
      'site-b: 1 camera, through prod-b, namespace video',
      '  mast (cam-10): 2 reference stops, passive checks, threshold 0.5°',
      'Files in /srv/calib, rows in /srv/calib.duckdb, no Slack; a sweep every 60 min, 2 cameras at once.',
    ]);
    expect(said).toMatchObject({ code: 0, opened: 0 });
  });

  it('tells each thing tried as it comes, and ends with the counts', async () => {
    const said = await runCli(['validate', '--connect'], probing(PROBED));
    expect(said.lines.slice(-3)).toEqual([
      '✓ store     /srv/calib: can be written',
      '✗ rtsp      site-a/north: No answer in 5 s. Look at its power.',
      '1 of 2 reached.',
    ]);
    expect(said).toMatchObject({ code: 1, opened: 1, closed: 1 });
  });

  it('exits with 0 when everything was reached', async () => {
    const said = await runCli(['validate', '--connect'], probing(PROBED.slice(0, 1)));
    expect(said).toMatchObject({ code: 0 });
  });

  it('prints JSON objects of one shape', async () => {
    const said = await runCli(['validate', '--connect', '--json'], probing(PROBED));
    const [settings, ...probed] = said.lines.map((line) => JSON.parse(line) as Probed);
    expect(settings).toMatchObject({
      what: 'settings',
      name: 'devices.yaml',
      ok: true,
      found: '2 deployments, 4 cameras, 8 reference stops',
      deployments: [
        { deployment: 'site-a', cameras: [{ device: 'cam-00', reference_stops: 2 }, {}, {}] },
        { deployment: 'site-b', cameras: [{ camera: 'mast', active_stops: 0, threshold_deg: 0.5 }] },
      ],
    });
    expect(probed).toEqual(PROBED);
  });
});
