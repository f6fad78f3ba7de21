import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createMonitorRig, device, fault, type MonitorRig } from './monitor-rig.js';

const signal = new AbortController().signal;

let rig: MonitorRig;
beforeEach(async () => {
  rig = await createMonitorRig([device('site-a', 'cam-1')]);
});
afterEach(() => rig.close());

const probed = async (product = rig.product): Promise<string[]> =>
  (await product.probe(() => undefined, signal)).map(
    ({ what, ok, found }) => `${ok ? '✓' : '✗'} ${what}: ${found}`,
  );

describe('probing what a sweep needs', () => {
  it('writes to the store, reads the table, and inspects the queue', async () => {
    await rig.deps.queue.send(['one', 'two'], signal);
    expect(await probed()).toEqual([
      '✓ store: readable and writable',
      '✓ results: readable',
      '✓ queue: 2 waiting, 0 taken, 0 given up',
    ]);
    expect(await rig.deps.store.list('_state/probes/')).toEqual([]);
  });

  it('reports what does not respond, with the remedy', async () => {
    const { queue, results } = rig.deps;
    const product = rig.restart({
      queue: { ...queue, depth: () => Promise.reject(fault('queue_missing')) },
      results: { ...results, history: () => Promise.reject(fault('table_missing')) },
    });
    expect(await probed(product)).toEqual([
      '✓ store: readable and writable',
      '✗ results: It is table_missing. Mend it.',
      '✗ queue: It is queue_missing. Mend it.',
    ]);
  });
});
