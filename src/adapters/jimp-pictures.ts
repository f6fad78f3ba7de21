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
class DrawingThread {
  private readonly waiting = new Map<number, Waiting>();
  private readonly worker = new Worker(new URL('./jimp-pictures/worker.js', import.meta.url));
  private lastId = 0;
  private cause: unknown;
  /** True once the thread has ended or is about to. */
  over = false;

  constructor() {
    this.worker.on('message', (reply: DrawingReply) => this.settle(reply));
    this.worker.on('error', (error) => (this.cause = error));
    this.worker.on('exit', () => this.giveUp('the drawing thread ended'));
    this.worker.unref();
  }

  draw(job: DrawingJob): Promise<Buffer> {
    const id = ++this.lastId;
    const deadline = setTimeout(() => void this.end('it took too long'), DRAWING_DEADLINE_MS);
    return new Promise<Buffer>((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.worker.ref();
      this.worker.postMessage({ id, job });
    }).finally(() => clearTimeout(deadline));
  }

  async end(why: string): Promise<void> {
    this.giveUp(why);
    await this.worker.terminate();
  }

  private settle(reply: DrawingReply): void {
    const caller = this.waiting.get(reply.id);
    this.waiting.delete(reply.id);
    if (this.waiting.size === 0) this.worker.unref(); // an idle thread keeps no program alive
    if ('picture' in reply) caller?.resolve(Buffer.from(reply.picture));
    else caller?.reject(new AppError(reply.code, reply.message, reply.remedy));
  }

  private giveUp(why: string): void {
    this.over = true;
    for (const { reject } of this.waiting.values()) reject(failed(why, this.cause));
    this.waiting.clear();
  }
}

/** Pictures drawn with jimp in one thread, started by the first of them and, after a crash, by the next. */
export const createPictures = (): Pictures => {
  let thread: DrawingThread | null = null;
  const draw = (job: DrawingJob): Promise<Buffer> => {
    if (thread === null || thread.over) thread = new DrawingThread();
    return thread.draw(job);
  };
  return {
    expectedView: (request) => draw({ kind: 'expectedView', request }),
    overlay: (request) => draw({ kind: 'overlay', request }),
    historyPlot: (request) => draw({ kind: 'historyPlot', request }),
    close: async () => {
      const ending = thread;
      thread = null;
      await ending?.end('drawing was closed');
    },
  };
};
