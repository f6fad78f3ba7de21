import { AppError } from '../ports/app-error.js';
import type { Probed } from '../ports/probed.js';
import type { Settings } from '../config/settings.js';
import type { Dependencies } from './record/dependencies.js';

type ProbedDeps = Pick<Dependencies, 'settings' | 'store' | 'results' | 'queue' | 'identity' | 'clock'>;

const trial = async (what: Probed['what'], name: string, work: () => Promise<string>): Promise<Probed> => {
  try {
    return { what, name, ok: true, found: await work() };
  } catch (fault) {
    if (!(fault instanceof AppError)) throw fault;
    return { what, name, ok: false, found: `${fault.message} ${fault.remedy}` };
  }
};

const queueName = ({ queue }: Settings): string => (queue.kind === 'sqs' ? queue.name : 'in the store');

/** Writes, reads and deletes one object, reads the table and inspects the queue, as a sweep will. */
export const probeStores = async (
  { settings, store, results, queue, identity, clock }: ProbedDeps,
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
        throw new AppError(
          'store_unreadable',
          'The object read back differs from the one written.',
          'Check the store.',
        );
      return 'readable and writable';
    }),
    await trial('results', 'calibration_monitoring', async () => {
      await results.history({ sinceMs: clock.nowMs() });
      return 'readable';
    }),
    await trial('queue', queueName(settings), async () => {
      const { waiting, taken, dead } = await queue.depth(signal);
      return `${waiting} waiting, ${taken} taken, ${dead} given up`;
    }),
  ];
  tried.forEach(onProbed);
  return tried;
};
