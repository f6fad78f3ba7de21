import { describe, expect, it } from '@jest/globals';
import type { DeviceSettings } from '../../../src/config/settings.js';
import { parseSince } from '../../../src/monitor/text/parse-since.js';
import type { ResultRow } from '../../../src/ports/results-table.js';
import { fakeRow } from '../../fakes/fake-product.js';
import { NOW_MS, runCli } from '../run-cli.js';

const rowsOf = (device: DeviceSettings | undefined): ResultRow[] =>
  device === undefined
    ? []
    : [
        fakeRow(device, 0.0123, '2026-01-31T14:00:05.123Z'),
        fakeRow(device, -0.7, '2026-01-31T15:00:05.123Z'),
        fakeRow(device, null, '2026-01-31T16:00:05.123Z'),
      ];

const history = async ({ device }: { device?: DeviceSettings }): Promise<ResultRow[]> => rowsOf(device);

describe('calib history', () => {
  it('prints a table against the threshold, failures with their reason', async () => {
    const said = await runCli(['history', 'north'], { history });
    expect(said.lines).toEqual([
      'site-a/north',
      'time (UTC)                yaw     pitch      roll  verdict at 0.5°',
      '2026-01-31 14:00:05   +0.012°   +0.000°   +0.000°  ✅ ok',
      '2026-01-31 15:00:05   −0.700°   +0.000°   +0.000°  🚨 drifted',
      '2026-01-31 16:00:05         –         –         –  ⚠️ not measured: no telemetry',
    ]);
    expect(said).toMatchObject({ code: 0, err: '', closed: 1 });
  });

  it('prints the rows of the table as JSON', async () => {
    const said = await runCli(['history', 'north', '--json'], { history });
    const rows = said.lines.map((line) => JSON.parse(line) as ResultRow & { verdict: string });
    expect(rows.map(({ verdict }) => verdict)).toEqual(['ok', 'drifted', 'unmeasured']);
    expect(rows[0]).toMatchObject({ device_id: 'cam-00', yaw_offset: 0.0123, threshold_deg: 0.5 });
  });

  it('asks for a week, or for what --since says', async () => {
    const asked: number[] = [];
    const listen = async ({ sinceMs }: { sinceMs: number }): Promise<ResultRow[]> => {
      asked.push(sinceMs);
      return [];
    };
    const said = await runCli(['history', 'north'], { history: listen });
    await runCli(['history', 'north', '--since', '2026-01-30'], { history: listen });
    expect(asked).toEqual([NOW_MS - 7 * 86_400_000, Date.parse('2026-01-30T00:00:00Z')]);
    expect(said).toMatchObject({ code: 0, out: '', err: 'site-a/north was not checked since 7d.\n' });
  });

  it('draws into a file', async () => {
    const written: string[] = [];
    const said = await runCli(
      ['history', 'north', '--plot', 'north.png'],
      { history },
      { writeFile: async (file, body) => void written.push(`${file}: ${body.toString()}`) },
    );
    expect(written).toEqual(['north.png: png']);
    expect(said.err).toBe('Drawn into north.png.\n');
  });

  it('wants one camera', async () => {
    const said = await runCli(['history', 'site-a/*']);
    expect(said).toMatchObject({ code: 2, opened: 0, err: 'site-a/* names 3 cameras. Name one of them.\n' });
  });
});

describe('--since', () => {
  it.each([
    ['90m', '2026-01-31T22:30:00Z'],
    ['24h', '2026-01-31T00:00:00Z'],
    ['7d', '2026-01-25T00:00:00Z'],
    ['2026-01-31', '2026-01-31T00:00:00Z'],
    ['2026-01-31T14:00', '2026-01-31T14:00:00Z'],
    ['2026-01-31T14:00:05.5Z', '2026-01-31T14:00:05.500Z'],
    ['2026-01-31T14:00+02:00', '2026-01-31T12:00:00Z'],
  ])('%s is %s', (text, iso) => {
    expect(new Date(parseSince(text, NOW_MS)).toISOString()).toBe(new Date(iso).toISOString());
  });

  it.each([
    '',
    '7',
    '7w',
    '-1d',
    '7 d',
    'yesterday',
    '2026-02-31',
    '2026-13-01',
    '2026-01-31T25:00',
    '2027-01-01',
  ])('refuses %j', (text) => {
    expect(() => parseSince(text, NOW_MS)).toThrow(/^The time /);
  });
});
