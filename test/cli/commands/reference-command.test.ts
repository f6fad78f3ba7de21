import { describe, expect, it } from '@jest/globals';
import type { DeviceSettings } from '../../../src/config/settings.js';
import type { Product } from '../../../src/monitor/product.js';
import { AppError } from '../../../src/ports/app-error.js';
import { planScan } from '../../../src/capture/planning/plan-scan.js';
import { fakeReport } from '../../fakes/fake-product.js';
import { interruption, runCli } from '../run-cli.js';

const unreachable = new AppError('camera_unreachable', 'north does not answer.', 'Look at its power.');

/** Scans that remember what they did, each taking a moment. */
const recording = (events: string[]): Product['scanReference'] => {
  return async (device) => {
    events.push(`${device.deploymentName} began`);
    await new Promise((resolve) => setTimeout(resolve, 5));
    events.push(`${device.deploymentName} ended`);
    return fakeReport(true);
  };
};

describe('calib reference', () => {
  it('says in words what the reference is worth, and its progress on standard error', async () => {
    const said = await runCli(['reference', 'north']);
    expect(said.lines).toEqual([
      '✅ site-a/north: reference ready, 812 landmarks from 2 stops, residual 0.42 px',
      '   passive checks are answered from 12 % of the sphere',
      '   lens at zoom 1: 60.10° wide, focal length 1108.5 px, k1 -0.0510, k2 0.0000, principal point 643.1, 357.2 px',
      '   head: tilt axis 0.210° ± 0.003° out of square, tilt reads 0.300° ± 0.002° too high, lens points 0.250° ± 0.020° to the right, body rolled 0.420° ± 0.003° clockwise, pan turns 0.100 % ± 0.002 % more than its encoder reads, tilt turns 0.080 % ± 0.020 % less than its encoder reads',
      '   encoders repeatable to 0.004° in pan, 0.005° in tilt',
      '   weak stop images/0001.jpg (pan 30°, tilt -4°) matches one other stop only. (1 other stop, 14 shared points, residual 0.40 px, 85 features)',
      '   coverage map file:///srv/coverage.png',
    ]);
    expect(said.err.split('\n')).toEqual([
      'site-a/north: 0 of 2 stops, 0 %',
      'site-a/north: 1 of 2 stops, 50 %, 2 min left',
      'site-a/north: 2 of 2 stops, 100 %',
      '',
    ]);
    expect(said).toMatchObject({ code: 0, closed: 1 });
  });

  it('says what a scan that plans itself is going to do before it drives', async () => {
    const plan = planScan({
      ...{ panRangeDeg: [-180, 180], tiltRangeDeg: [-30, 90], zoomRange: [1, 30] },
      ...{ hfovDeg: 60.1, vfovDeg: 36 },
    });
    const total = plan.stops.length;
    const scanReference: Product['scanReference'] = async (_device, onProgress) => {
      onProgress({ done: 0, total: 6, etaMs: null, plan: null });
      onProgress({ done: 6, total: 6, etaMs: null, plan: null });
      onProgress({ done: 0, total, etaMs: null, plan });
      onProgress({ done: total, total, etaMs: null, plan });
      return fakeReport(true);
    };
    const said = await runCli(['reference', 'north'], { scanReference });
    expect(said.err.split('\n')).toEqual([
      'site-a/north: 0 of 6 looks around, 0 %',
      'site-a/north: 6 of 6 looks around, 100 %',
      'site-a/north: 60.1° wide; 39 stops in 3 rows of tilt, 12 of them at zoom 2 and 4, about 6 min',
      '   what lies above 25° is left out as sky; a grid can take it in',
      'site-a/north: 0 of 39 stops, 0 %',
      'site-a/north: 39 of 39 stops, 100 %',
      '',
    ]);
    const terminal = await runCli(['reference', 'north'], { scanReference }, { errColumns: () => 90 });
    expect(terminal.err.match(/60\.1° wide/g)).toHaveLength(1);
    expect(terminal.err).toContain('\r\u001b[Ksite-a/north: 60.1° wide');
  });

  it('says where a narrow view looks, and where not', async () => {
    const plan = planScan({
      ...{ panRangeDeg: [-170, 170], tiltRangeDeg: [-30, 20], zoomRange: null },
      ...{ hfovDeg: 5, vfovDeg: 2.8 },
    });
    const said = await runCli(['reference', 'north'], {
      scanReference: async (_device, onProgress) => {
        onProgress({ done: 0, total: 1, etaMs: null, plan });
        return fakeReport(true);
      },
    });
    expect(said.err.split('\n').slice(0, 2)).toEqual([
      'site-a/north: 5.0° wide; 147 stops in 2 rows of tilt, about 23 min',
      '   the view is too narrow for all directions: only pan −128° to 128°, tilt −7° to −3° are scanned; give a grid of those that matter',
    ]);
  });

  it('says what the pictures make of a lens that devices.yaml gives, and what is wrong with the scan as a whole', async () => {
    const report = fakeReport(false);
    const faults = [...report.faults, 'The lens in devices.yaml does not fit the pictures.'];
    const lens_found = [{ zoom: 1, focal_px: 1130, hfov_deg: 59.05, k1: -0.05, k2: 0.001, cx: 640, cy: 360 }];
    const said = await runCli(['reference', 'north'], {
      scanReference: async () => ({ ...report, faults, lens_found }),
    });
    expect(said.out).toContain(
      'so devices.yaml gives it; the pictures say 59.05° wide at zoom 1, k1 -0.0500, k2 0.0010',
    );
    expect(said.lines.at(-2)).toBe('   The lens in devices.yaml does not fit the pictures.');
  });

  it('draws its progress in place on a terminal and never wider than it', async () => {
    const said = await runCli(['reference', 'north'], {}, { errColumns: () => 57 });
    const drawn = said.err.split('\r\u001b[K').filter((text) => text !== '');
    expect(drawn[1]).toBe('[██████████░░░░░░░░░░] site-a/north: 1 of 2 stops, 50 %,');
    expect(Math.max(...drawn.map((text) => text.length))).toBeLessThan(57);
    expect(said.err.endsWith('\r\u001b[K')).toBe(true);
    expect(said.err).not.toContain('\n');
  });

  it('draws the cameras of several deployments side by side', async () => {
    const scanReference: Product['scanReference'] = async (_device, onProgress) => {
      onProgress({ done: 1, total: 4, etaMs: null });
      await new Promise((resolve) => setTimeout(resolve, 5));
      return fakeReport(true);
    };
    const said = await runCli(['reference', '*/mast'], { scanReference }, { errColumns: () => 100 });
    expect(said.err).toContain('\r\u001b[Ksite-a/mast: 1 of 4 stops, 25 %; site-b/mast: 1 of 4 stops, 25 %');
  });

  it('tells one line per 10 % of a long scan', async () => {
    const said = await runCli(['reference', 'north'], {
      scanReference: async (_device, onProgress) => {
        for (let done = 0; done <= 200; done++) onProgress({ done, total: 200, etaMs: 3_700_000 });
        return fakeReport(true);
      },
    });
    expect(said.err.split('\n').slice(0, -1)).toHaveLength(11);
    expect(said.err).toContain('20 of 200 stops, 10 %, 1 h 2 min left');
  });

  it('scans deployments side by side, and within one camera after camera', async () => {
    const events: string[] = [];
    await runCli(['reference', '--all'], { scanReference: recording(events) });
    expect(events.slice(0, 2).sort()).toEqual(['site-a began', 'site-b began']);
    const ofSiteA = events.filter((event) => event.startsWith('site-a'));
    expect(ofSiteA).toEqual(Array.from({ length: 3 }, () => ['site-a began', 'site-a ended']).flat());
  });

  it('scans what is missing', async () => {
    const said = await runCli(['reference', '--missing', '--json'], {
      hasReference: async ({ cameraName }) => cameraName !== 'south',
    });
    expect(said.lines.map((line) => (JSON.parse(line) as { camera: string }).camera)).toEqual(['south']);
    const none = await runCli(['reference', '--missing'], { hasReference: async () => true });
    expect(none).toMatchObject({ code: 0, out: '', err: 'Every camera has a reference.\n' });
  });

  it('exits with 1 and the reasons when a scan is not usable', async () => {
    const said = await runCli(['reference', 'north'], { scanReference: async () => fakeReport(false) });
    expect(said.code).toBe(1);
    expect(said.lines[0]).toContain('⚠️ site-a/north: not usable, the reference before was kept');
    expect(said.lines.at(-2)).toContain(
      '   weak stop images/0001.jpg (pan 30°, tilt -4°) shows almost no texture.',
    );
    expect(said.out.match(/shows almost no texture/g)).toHaveLength(1);
  });

  it('goes on with the others when one camera fails, and exits with 3', async () => {
    const said = await runCli(['reference', 'site-a/north', 'site-a/south', '--json'], {
      scanReference: async ({ cameraName }) => {
        if (cameraName === 'north') throw unreachable;
        return fakeReport(true);
      },
    });
    expect(said.code).toBe(3);
    expect(said.lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      {
        device: 'cam-00',
        deployment: 'site-a',
        camera: 'north',
        failure_code: 'camera_unreachable',
        failure_log: 'north does not answer. Look at its power.',
        report: null,
      },
      {
        device: 'cam-01',
        deployment: 'site-a',
        camera: 'south',
        failure_code: null,
        report: fakeReport(true),
      },
    ]);
  });

  it('says a failure in words', async () => {
    const scanReference = async (): Promise<never> => {
      throw unreachable;
    };
    const said = await runCli(['reference', 'north'], { scanReference });
    expect(said.out).toBe('⚠️ site-a/north: not scanned: north does not answer. Look at its power.\n');
  });

  it('stops at the first camera when interrupted', async () => {
    const stopping = new AbortController();
    let scans = 0;
    const scanReference = async (): Promise<never> => {
      scans++;
      stopping.abort(interruption());
      throw stopping.signal.reason;
    };
    const said = await runCli(['reference', 'site-a/*'], { scanReference }, { signal: stopping.signal });
    expect(said).toMatchObject({ code: 130, out: '', err: 'Interrupted.\n', closed: 1 });
    expect(scans).toBe(1);
  });

  it('puts the references before back, each told', async () => {
    const restoreReference = async ({ cameraName }: DeviceSettings) => {
      if (cameraName === 'south') throw new AppError('no_previous_reference', 'There is none.', 'Scan one.');
      return { scannedAt: '2026-01-30T14:00:05.123Z' };
    };
    const args = ['reference', '--restore', 'site-a/north', 'site-a/south'];
    expect(await runCli(args, { restoreReference })).toMatchObject({
      code: 3,
      lines: [
        '✅ site-a/north: the reference of 2026-01-30 14:00:05 UTC is in use again; the other one is kept',
        '⚠️ site-a/south: not restored: There is none. Scan one.',
      ],
    });
    const { lines } = await runCli([...args, '--json'], { restoreReference });
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
      { camera: 'north', failure_code: null, scanned_at: '2026-01-30T14:00:05.123Z' },
      { camera: 'south', failure_code: 'no_previous_reference', scanned_at: null },
    ]);
  });

  it.each([[[]], [['--all', 'north']], [['--missing', 'north']], [['--all', '--missing']]])(
    'refuses %j',
    async (args) => {
      expect(await runCli(['reference', ...args])).toMatchObject({ code: 2, opened: 0, out: '' });
    },
  );
});
