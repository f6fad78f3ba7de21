import { AppError } from '../ports/app-error.js';
import type { Probed } from '../ports/probed.js';
import type { Dependencies } from './dependencies.js';

const trial = async (what: Probed['what'], name: string, work: () => Promise<string>): Promise<Probed> => {
  try {
    return { what, name, ok: true, found: await work() };
  } catch (fault) {
    if (!(fault instanceof AppError)) throw fault;
    return { what, name, ok: false, found: `${fault.message} ${fault.remedy}` };
  }
};

/** Writes, reads and deletes one object, and reads the table: what a check will do with both. */
export const probeStores = async (
  { store, results, identity, clock }: Pick<Dependencies, 'store' | 'results' | 'identity' | 'clock'>,
  onProbed: (probed: Probed) => void,
  signal: AbortSignal,
): Promise<Probed[]> => {
  const key = `_state/probes/${encodeURIComponent(identity.self)}`;
  const tried = [
    await trial('store', store.locationOf('_state'), async () => {
      await store.put(key, Buffer.from('probe'), undefined, signal);
      const found = await store.get(key, signal);
      await store.delete(key, signal);
      if (found?.body.toString() !== 'probe')
        throw new AppError('store_unreadable', 'What was written is not read back.', 'Check the store.');
      return 'can be written and read';
    }),
    await trial('results', 'calibration_monitoring', async () => {
      await results.history({ sinceMs: clock.nowMs() });
      return 'can be read';
    }),
  ];
  tried.forEach(onProbed);
  return tried;
};
