import { describe, expect, it } from '@jest/globals';
import type { DeviceSettings } from '../../../src/config/settings.js';
import { fakeOutcome, fakeSettings } from '../../fakes/fake-product.js';
import { interruption, runCli } from '../run-cli.js';

const YAWS: Readonly<Record<string, number | null>> = {
  'cam-00': 0.1,
  'cam-01': 0.7,
  'cam-02': null,
  'cam-10': -1.2,
};

const check = async (device: DeviceSettings): Promise<ReturnType<typeof fakeOutcome>> =>
  fakeOutcome(device, YAWS[device.deviceId] ?? null);

const devices = fakeSettings().deployments.flatMap((deployment) => deployment.devices);
const firstDevice = devices[0]!;
const sweeping = {
  sweep: async (onOutcome: (outcome: ReturnType<typeof fakeOutcome>) => void) => {
    const outcomes = await Promise.all(devices.map(check));
    outcomes.forEach(onOutcome);
    return outcomes;
  },
};

describe('calib sweep', () => {
  it('lists the worst first, then the counts; progress goes to standard error', async () => {
    const said = await runCli(['sweep'], sweeping);
    expect(said.lines).toEqual([
      '🚨 mast -1.2',
      '   picture file:///srv/cam-10.jpg',
      '🚨 south 0.7',
      '   picture file:///srv/cam-01.jpg',
      '⚠️ mast no telemetry',
      '✅ north 0.1',
      '4 cameras: 2 drifted, 1 not measured, 1 ok',
    ]);
    expect(said.err).toContain('sweep: 2 of 4 cameras, 50 %');
    expect(said).toMatchObject({ code: 1, closed: 1 });
  });

  it('reports a fault shared by a site once, after drifted cameras', async () => {
    const shared = (outcome: ReturnType<typeof fakeOutcome>): ReturnType<typeof fakeOutcome> =>
      outcome.device.deploymentName === 'site-a' && outcome.verdict !== 'drifted'
        ? { ...outcome, verdict: 'unmeasured', failureCode: 'broker_unreachable' }
        : outcome;
    const said = await runCli(['sweep'], {
      sweep: async (onOutcome) => {
        const outcomes = (await Promise.all(devices.map(check))).map(shared);
        for (const outcome of outcomes) await onOutcome(outcome);
        return outcomes;
      },
    });
    expect(said.lines.filter((line) => !line.startsWith('   '))).toEqual([
      '🚨 mast -1.2',
      '🚨 south 0.7',
      expect.stringMatching(/^⚠️ site-a: 2 cameras not measured: /),
      '4 cameras: 2 drifted, 2 not measured',
    ]);
  });

  it('prints one JSON object per camera as results arrive', async () => {
    const said = await runCli(['sweep', '--json'], sweeping);
    const devices = said.lines.map((line) => (JSON.parse(line) as { device: string }).device);
    expect(devices).toEqual(['cam-00', 'cam-01', 'cam-02', 'cam-10']);
  });

  it('exits with 0 when all is well', async () => {
    expect(await runCli(['sweep'])).toMatchObject({ code: 0 });
  });

  it('lists what was measured before it was interrupted', async () => {
    const stopping = new AbortController();
    const said = await runCli(
      ['sweep'],
      {
        sweep: async (onOutcome) => {
          await onOutcome(fakeOutcome(firstDevice, 0.7));
          stopping.abort(interruption());
          throw stopping.signal.reason;
        },
      },
      { signal: stopping.signal },
    );
    expect(said.code).toBe(130);
    expect(said.lines.at(-1)).toBe('1 camera: 1 drifted');
  });
});
