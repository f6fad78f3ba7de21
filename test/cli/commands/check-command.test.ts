import { describe, expect, it } from '@jest/globals';
import type { DeviceSettings } from '../../../src/config/settings.js';
import { AppError } from '../../../src/ports/app-error.js';
import { fakeOutcome } from '../../fakes/fake-product.js';
import { interruption, runCli } from '../run-cli.js';

const yawByCamera =
  (yaws: Readonly<Record<string, number | null>>) =>
  async (device: DeviceSettings): Promise<ReturnType<typeof fakeOutcome>> =>
    fakeOutcome(device, yaws[device.cameraName] ?? null);

describe('calib check', () => {
  it('prints the line and the picture of one camera', async () => {
    const said = await runCli(['check', 'north']);
    expect(said.lines).toEqual(['✅ north 0.1', '   picture file:///srv/cam-00.jpg']);
    expect(said).toMatchObject({ code: 0, opened: 1, closed: 1 });
    expect(said.err).toBe('check: 0 of 1 cameras, 0 %\ncheck: 1 of 1 cameras, 100 %\n');
  });

  it.each([
    [{ north: 0.1, south: 0.7 }, 1, '2 cameras: 1 drifted, 1 ok'],
    [{ north: null, south: 0.7 }, 1, '2 cameras: 1 drifted, 1 not measured'],
    [{ north: null, south: 0.2 }, 3, '2 cameras: 1 not measured, 1 ok'],
    [{ north: 0.5, south: -0.5 }, 0, '2 cameras: 2 ok'],
  ])('of %j exits with %d', async (yaws, code, counts) => {
    const said = await runCli(['check', 'north', 'cam-01'], { check: yawByCamera(yaws) });
    expect(said.code).toBe(code);
    expect(said.lines.at(-1)).toBe(counts);
  });

  it('tells outcomes as they come, as many at once as the settings allow', async () => {
    let underWay = 0;
    let most = 0;
    let ended = 0;
    let release: (() => void) | null = null;
    const othersDone = new Promise<void>((resolve) => (release = resolve));
    const said = await runCli(['check', '*'], {
      check: async (device) => {
        most = Math.max(most, ++underWay);
        if (device.cameraName === 'north') await othersDone;
        underWay--;
        if (++ended === 3) release?.();
        return fakeOutcome(device, 0);
      },
    });
    const told = said.lines.filter((line) => line.startsWith('✅'));
    expect(told).toEqual(['✅ south 0', '✅ mast 0', '✅ mast 0', '✅ north 0']);
    expect(most).toBe(2);
  });

  it.each([
    [[], {}],
    [['--active'], { mode: 'active' }],
    [['--passive'], { mode: 'passive' }],
  ])('with %j asks for %j', async (flags, wanted) => {
    let asked: object | null = null;
    await runCli(['check', 'north', ...flags], {
      check: async (device, options) => {
        asked = options;
        return fakeOutcome(device, 0);
      },
    });
    expect(asked).toEqual(wanted);
  });

  it('prints the row, the answer and the failure as JSON', async () => {
    const said = await runCli(['check', 'north', '--json'], { check: yawByCamera({}) });
    expect(said.lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      {
        device: 'cam-00',
        deployment: 'site-a',
        camera: 'north',
        verdict: 'unmeasured',
        deployment_name: 'site-a',
        device_id: 'cam-00',
        timestamp: '2026-01-31T14:00:05.123Z',
        pitch_offset: null,
        yaw_offset: null,
        roll_offset: null,
        mode: 'passive',
        capture_positions: [{ pan: 1, tilt: 2, zoom: 1 }],
        files_location: 'file:///srv/calib/x',
        success: false,
        failure_log: 'no telemetry',
        answer: null,
        picture: null,
        failure_code: 'no_telemetry',
        recorded: true,
      },
    ]);
  });

  it("says when a check waits in the spool, and tells a fault of a deployment once, as the deployment's", async () => {
    const said = await runCli(['check', 'site-a/*'], {
      check: async (device) => ({
        ...fakeOutcome(device, null),
        recorded: false,
        failureCode: device.cameraName === 'north' ? 'no_telemetry' : 'cluster_unreachable',
      }),
    });
    expect(said.lines).toEqual([
      '⚠️ north no telemetry',
      '   not recorded yet: it waits in the spool',
      '⚠️ site-a: 2 cameras not measured: no telemetry',
      '   not recorded yet: it waits in the spool',
      '3 cameras: 3 not measured',
    ]);
  });

  it('refuses both modes at once and a call without cameras', async () => {
    const both = await runCli(['check', 'north', '--active', '--passive']);
    expect(both).toMatchObject({ code: 2, opened: 0 });
    expect(both.err).toContain("option '--active' cannot be used with option '--passive'");
    expect(await runCli(['check'])).toMatchObject({ code: 2, opened: 0 });
  });

  it('lets the other cameras end before it tells a failure', async () => {
    const said = await runCli(['check', 'north', 'south'], {
      check: async (device) => {
        if (device.cameraName === 'north') throw new AppError('store_down', 'The store is down.', 'Wait.');
        await new Promise((resolve) => setTimeout(resolve, 10));
        return fakeOutcome(device, 0);
      },
    });
    expect(said).toMatchObject({ code: 3, closed: 1 });
    expect(said.err).toMatch(/\nThe store is down\. Wait\.\n$/);
    expect(said.lines[0]).toBe('✅ south 0');
  });

  it('still exits with 1 when a camera drifted and another one failed', async () => {
    const said = await runCli(['check', 'south', 'north'], {
      check: async (device) => {
        if (device.cameraName === 'north') throw new AppError('store_down', 'The store is down.', 'Wait.');
        return fakeOutcome(device, 0.7);
      },
    });
    expect(said.code).toBe(1);
  });

  it('closes the product only when every interrupted camera has been put back, and starts no other', async () => {
    const stopping = new AbortController();
    const events: string[] = [];
    const said = await runCli(
      ['check', '*'],
      {
        check: async (device, _options, signal) => {
          events.push(`began ${device.deviceId}`);
          if (device.cameraName === 'south') stopping.abort(interruption());
          await new Promise((resolve) => setTimeout(resolve, device.cameraName === 'north' ? 20 : 1));
          events.push(`back ${device.deviceId}`);
          signal.throwIfAborted();
          return fakeOutcome(device, 0);
        },
        close: async () => void events.push('closed'),
      },
      { signal: stopping.signal },
    );
    expect(events).toEqual(['began cam-00', 'began cam-01', 'back cam-01', 'back cam-00', 'closed']);
    expect(said.code).toBe(130);
    expect(said.err).toMatch(/\nInterrupted\.\n$/);
  });

  it('tells that a camera could not be put back after an interruption', async () => {
    const stopping = new AbortController();
    const check = async (): Promise<never> => {
      stopping.abort(interruption());
      throw new AppError('not_put_back', 'north stands at pan 30.', 'Drive it to pan 0.');
    };
    const said = await runCli(['check', 'north'], { check }, { signal: stopping.signal });
    expect(said.code).toBe(130);
    expect(said.err).toMatch(/\nnorth stands at pan 30\. Drive it to pan 0\.\n$/);
  });
});
