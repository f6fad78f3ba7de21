import { AppError } from '../../ports/app-error.js';
import type { Pictures } from '../../ports/pictures.js';
import { ChildDied, createChildPool } from '../process/child-pool.js';

type Request<K extends keyof Pictures> = Parameters<Pictures[K]>[0];

/** A drawing for the child process. */
export type DrawingJob =
  | { readonly kind: 'overlay'; readonly request: Request<'overlay'> }
  | { readonly kind: 'historyPlot'; readonly request: Request<'historyPlot'> }
  | { readonly kind: 'coverageMap'; readonly request: Request<'coverageMap'> };

/** No picture takes this long; a process that has not answered by then is killed. */
const DRAWING_DEADLINE_MS = 60_000;

const failed = ({ message }: ChildDied, cause: unknown): AppError =>
  new AppError(
    'picture_failed',
    `The picture could not be drawn: ${message}.`,
    'The measured angles are not affected.',
    cause,
  );

/** Draws pictures in one child process, started by the first picture and, after a crash, by the next. */
export const createPictures = (): Pictures => {
  const entry = new URL('./worker.js', import.meta.url);
  const pool = createChildPool<DrawingJob, Uint8Array>({ entry, size: 1, timeoutMs: DRAWING_DEADLINE_MS });
  const lasting = new AbortController().signal;
  const draw = async (job: DrawingJob): Promise<Buffer> => {
    try {
      return Buffer.from(await pool.run(job, lasting));
    } catch (fault) {
      throw fault instanceof ChildDied ? failed(fault, fault) : fault;
    }
  };
  return {
    overlay: (request) => draw({ kind: 'overlay', request }),
    historyPlot: (request) => draw({ kind: 'historyPlot', request }),
    coverageMap: (request) => draw({ kind: 'coverageMap', request }),
    close: () => pool.close(),
  };
};
