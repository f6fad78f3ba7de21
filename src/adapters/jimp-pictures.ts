import { Worker } from 'node:worker_threads';
import { AppError } from '../ports/app-error.js';
import type { Pictures } from '../ports/pictures.js';
import type { DrawingJob, DrawingReply } from './jimp-pictures/messages.js';

/** No picture takes this long; a thread that does not answer by then is ended. */
const DRAWING_DEADLINE_MS = 60_000;

interface Waiting {
  resolve(picture: Buffer): void;
  reject(error: Error): void;
}

const failed = (why: string, cause?: unknown): AppError =>
  new AppError(
    'picture_failed',
    `The picture could not be drawn: ${why}.`,
    'The figures stand without it.',
    cause,
  );

/** One drawing thread and the calls that wait for it. */
interface DrawingThread {
  draw(job: DrawingJob): Promise<Buffer>;
  end(why: string): Promise<void>;
  /** True once the thread has ended or is about to. */
  isOver(): boolean;
}

const startThread = (): DrawingThread => {
  const waiting = new Map<number, Waiting>();
  const worker = new Worker(new URL('./jimp-pictures/worker.js', import.meta.url));
  let lastId = 0;
  let cause: unknown;
  let over = false;

  const giveUp = (why: string): void => {
    over = true;
    for (const { reject } of waiting.values()) reject(failed(why, cause));
    waiting.clear();
  };
  const end = async (why: string): Promise<void> => {
    giveUp(why);
    await worker.terminate();
  };
  worker.on('message', (reply: DrawingReply) => {
    const caller = waiting.get(reply.id);
    waiting.delete(reply.id);
    if (waiting.size === 0) worker.unref(); // an idle thread keeps no program alive
    if ('picture' in reply) caller?.resolve(Buffer.from(reply.picture));
    else caller?.reject(new AppError(reply.code, reply.message, reply.remedy));
  });
  worker.on('error', (error) => (cause = error));
  worker.on('exit', () => giveUp('the drawing thread ended'));

  return {
    draw: (job) => {
      const id = ++lastId;
      const deadline = setTimeout(() => void end('it took too long'), DRAWING_DEADLINE_MS);
      return new Promise<Buffer>((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        worker.ref();
        worker.postMessage({ id, job });
      }).finally(() => clearTimeout(deadline));
    },
    end,
    isOver: () => over,
  };
};

/** Pictures drawn with jimp in one thread, started by the first of them and, after a crash, by the next. */
export const createPictures = (): Pictures => {
  let thread: DrawingThread | null = null;
  const draw = (job: DrawingJob): Promise<Buffer> => {
    if (thread === null || thread.isOver()) thread = startThread();
    return thread.draw(job);
  };
  return {
    expectedView: (request) => draw({ kind: 'expectedView', request }),
    overlay: (request) => draw({ kind: 'overlay', request }),
    historyPlot: (request) => draw({ kind: 'historyPlot', request }),
    coverageMap: (request) => draw({ kind: 'coverageMap', request }),
    close: async () => {
      const ending = thread;
      thread = null;
      await ending?.end('drawing was closed');
    },
  };
};
