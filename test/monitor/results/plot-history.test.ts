import { afterEach, describe, expect, it } from '@jest/globals';
import type { Pictures } from '../../../src/ports/pictures.js';
import { AppError } from '../../../src/ports/app-error.js';
import { createMonitorRig, device, measured, type MonitorRig } from '../monitor-rig.js';

const signal = new AbortController().signal;
const silent = (): void => undefined;
const north = device('site-a', 'cam-1');
const HOUR_MS = 3_600_000;

let rig: MonitorRig;
afterEach(() => rig.close());

describe('the plot of a history', () => {
  it('shows the standard errors of each check and where the reference changed', async () => {
    rig = await createMonitorRig([north]);
    let asked: Parameters<Pictures['historyPlot']>[0] | null = null;
    const pictures: Pictures = {
      ...rig.deps.pictures,
      historyPlot: async (request) => {
        asked = request;
        return Buffer.from('png');
      },
    };
    const product = rig.restart({ pictures });
    const times: string[] = [];
    const next = async (): Promise<string> => {
      await rig.clock.advance(HOUR_MS);
      const at = new Date(rig.clock.nowMs()).toISOString();
      times.push(at);
      return at;
    };
    const check = async (): Promise<void> => {
      await next();
      await product.check(north, {}, signal);
    };
    rig.script.solve = () => measured(0.2);
    await next();
    await product.scanReference(north, silent, signal);
    await check();
    rig.script.capture = async () => new AppError('no_telemetry', 'Silence.', 'Look.');
    await check();
    rig.script.capture = async () => null;
    const second = await next();
    await product.scanReference(north, silent, signal);
    await check();
    await product.restoreReference(north, signal);
    await check();
    expect(await product.historyPlot(north, 0)).toEqual(Buffer.from('png'));
    const sigma = { yaw: 0.01, pitch: 0.01, roll: 0.02 };
    expect(asked!.rows.map((row) => row.sigma)).toEqual([sigma, null, sigma, sigma]);
    expect(asked!.references).toEqual([second, times.at(-1)]);
    expect(asked).toMatchObject({ thresholdDeg: 0.5, title: 'site-a/cam-1-mast' });
  });
});
