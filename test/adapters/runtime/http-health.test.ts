import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startHealthServer, type HealthServer } from '../../../src/adapters/runtime/http-health.js';
import { createPinoLog } from '../../../src/adapters/runtime/pino-log.js';
import { AppError } from '../../../src/ports/app-error.js';
import type { LogEntry } from '../../../src/monitor/product.js';
import { createMonitorRig, device, measured, type MonitorRig } from '../../monitor/monitor-rig.js';

const north = device('site-a', 'cam-1');
const signal = new AbortController().signal;

let rig: MonitorRig;
let server: HealthServer;
beforeEach(async () => {
  rig = await createMonitorRig([north]);
  server = await startHealthServer(rig.product.health, { host: '127.0.0.1', port: 0 });
});
afterEach(async () => {
  await server.close();
  await rig.close();
});

const asked = async (path: string): Promise<{ status: number; text: string }> => {
  const got = await fetch(`http://127.0.0.1:${server.port}${path}`);
  return { status: got.status, text: await got.text() };
};

const until = async (condition: () => boolean): Promise<void> => {
  for (let tries = 0; tries < 400 && !condition(); tries += 1)
    await new Promise((resolve) => setTimeout(resolve, 5));
};

describe('health over HTTP', () => {
  it('is alive and ready while store and queue answer', async () => {
    expect(await asked('/healthz')).toEqual({ status: 200, text: 'alive\n' });
    expect(await asked('/readyz?verbose')).toEqual({ status: 200, text: 'ready\n' });
    expect((await asked('/else')).status).toBe(404);
  });

  it('is not ready while the store does not answer, and says why', async () => {
    const fault = new AppError('aws_unreachable', 'The bucket cannot be reached.', 'Check the network.');
    const product = rig.restart({ store: { ...rig.deps.store, get: () => Promise.reject(fault) } });
    const other = await startHealthServer(product.health, { host: '127.0.0.1', port: 0 });
    const got = await fetch(`http://127.0.0.1:${other.port}/readyz`);
    expect([got.status, await got.text()]).toEqual([
      503,
      'The bucket cannot be reached. Check the network.\n',
    ]);
    await other.close();
  });

  it('is not alive once the worker has hung for minutes', async () => {
    const abort = new AbortController();
    let isHung = false;
    const queue = rig.deps.queue;
    const product = rig.restart({
      queue: Object.assign(Object.create(queue) as typeof queue, {
        take: () => {
          isHung = true;
          return new Promise<never>((_, reject) =>
            abort.signal.addEventListener('abort', () => reject(abort.signal.reason as Error)),
          );
        },
      }),
    });
    const serving = product.serve(() => undefined, abort.signal, {}, 'worker').catch(() => undefined);
    await until(() => isHung);
    expect(product.health.stuck()).toBeNull();
    await rig.clock.advance(400_000);
    expect(product.health.stuck()).toMatch(/has not run for 400 s/);
    abort.abort(new Error('stop'));
    await serving;
  });

  it('tells checks by verdict, durations, the queue and the last sweep to Prometheus', async () => {
    await rig.product.scanReference(north, () => undefined, signal);
    rig.script.solve = () => measured(0.1);
    const abort = new AbortController();
    const lines: string[] = [];
    const serving = rig.product.serve((line) => lines.push(line), abort.signal).catch(() => undefined);
    await until(() => lines.some((line) => line.startsWith('Sweep of')));
    await asked('/readyz');
    const { text } = await asked('/metrics');
    expect(text).toMatch(/calib_checks_total{verdict="ok",mode="passive"} 1/);
    expect(text).toMatch(/calib_check_duration_seconds_count{mode="passive"} 1/);
    expect(text).toMatch(/calib_queue_messages{state="waiting"} 0/);
    expect(text).toMatch(/calib_queue_age_seconds 5\.123/);
    expect(text).toMatch(/calib_last_sweep_timestamp_seconds 1769868005\.123/);
    expect(text).toMatch(/calib_last_sweep_cameras 1/);
    abort.abort(new Error('stop'));
    await serving;
  });

  it('says that its port is taken', async () => {
    const again = startHealthServer(rig.product.health, { host: '127.0.0.1', port: server.port });
    await expect(again).rejects.toMatchObject({ name: 'AppError', code: 'health_port' });
  });
});

describe('structured logs', () => {
  it('carry the name of the check all through, and no credentials', async () => {
    const lines: string[] = [];
    const log = createPinoLog({ write: (line) => void lines.push(line) });
    const merge = (): Promise<never> =>
      Promise.reject(new AppError('results_full', 'rtsp://user:secret@host is full', 'Make room.'));
    const product = rig.restart({ log, results: { ...rig.deps.results, merge } });
    await product.scanReference(north, () => undefined, signal);
    await product.check(north, {}, signal);
    const entries = lines.map((line) => JSON.parse(line) as LogEntry & { time: string });
    expect(entries.map(({ level, event }) => [level, event])).toEqual([
      ['debug', 'check_started'],
      ['error', 'record_deferred'],
      ['debug', 'check_finished'],
    ]);
    expect(new Set(entries.map(({ check }) => check))).toEqual(
      new Set(['site-a/cam-1-mast/2026-01-31T14-00-05.123Z']),
    );
    expect(entries[1]?.cause).toEqual({ code: 'results_full', message: 'rtsp://***@host is full' });
    expect(lines.join('')).not.toContain('secret');
  });
});
