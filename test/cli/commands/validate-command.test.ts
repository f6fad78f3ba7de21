import { describe, expect, it } from '@jest/globals';
import type { Probed, Product } from '../../../src/monitor/product.js';
import { fakeSettings } from '../../fakes/fake-product.js';
import { runCli } from '../run-cli.js';

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

  it('says what a scan that plans itself will do, as far as the settings tell', async () => {
    const settings = fakeSettings();
    const [site, other] = settings.deployments;
    const ptz = { ...site!.devices[0]!.ptz, panRangeDeg: [-180, 180], tiltRangeDeg: [-30, 20] } as const;
    const auto = { ...site!.devices[0]!, referenceStops: null, ptz };
    const lens = { zoomToHfovDeg: [[1, 60]], k1: 0, k2: 0 } as const;
    const devices = [
      auto,
      { ...auto, lens },
      { ...auto, lens: { ...lens, zoomToHfovDeg: [[2, 5]] } },
    ] as const;
    const loadSettings = async () => ({ ...settings, deployments: [{ ...site!, devices }, other!] });
    const said = await runCli(['validate'], {}, { loadSettings });
    expect(said.lines.slice(0, 6)).toEqual([
      'devices.yaml is sound: 2 deployments, 4 cameras, 133 reference stops, 1 reference scan planned when scanned.',
      'site-a: 3 cameras, reached directly',
      '  north (cam-00): auto: planned when scanned, passive checks, threshold 0.5°',
      '  north (cam-00): auto: about 27 stops in 3 rows of tilt, passive checks, threshold 0.5°',
      '  north (cam-00): auto: about 104 stops in 2 rows of tilt, passive checks, threshold 0.5°',
      '    the view is too narrow for all directions: only pan −180° to 180°, tilt −9° to −1° are scanned; give a grid of those that matter',
    ]);
    const json = await runCli(['validate', '--json'], {}, { loadSettings });
    expect(JSON.parse(json.lines[0]!)).toMatchObject({
      deployments: [
        {
          cameras: [
            { reference_scan: 'auto', reference_stops: null },
            { reference_scan: 'auto', reference_stops: 27 },
            {},
          ],
        },
        { cameras: [{ reference_scan: 'listed', reference_stops: 2 }] },
      ],
    });
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
