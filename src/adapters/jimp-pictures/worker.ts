import { parentPort } from 'node:worker_threads';
import { AppError } from '../../ports/app-error.js';
import { drawCoverageMap } from './coverage-map.js';
import { drawExpectedView } from './expected-view.js';
import { drawHistoryPlot } from './history-plot.js';
import { loadLetters } from './jimp-codec.js';
import type { DrawingJob, DrawingReply } from './messages.js';
import { drawOverlay } from './overlay.js';
import { TextPainter } from './text.js';

/** A thread that draws, so that the app's own loop goes on meanwhile. A fault of the program ends it. */
const painter = loadLetters().then((letters) => new TextPainter(letters));

const draw = async (job: DrawingJob): Promise<Uint8Array> => {
  switch (job.kind) {
    case 'expectedView':
      return drawExpectedView(job.request);
    case 'overlay':
      return drawOverlay(job.request, await painter);
    case 'historyPlot':
      return drawHistoryPlot(job.request, await painter);
    case 'coverageMap':
      return drawCoverageMap(job.request, await painter);
  }
};

const answer = async (id: number, job: DrawingJob): Promise<DrawingReply> => {
  try {
    return { id, picture: await draw(job) };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { id, code: error.code, message: error.message, remedy: error.remedy };
  }
};

parentPort?.on('message', ({ id, job }: { id: number; job: DrawingJob }) => {
  void answer(id, job).then((reply) => parentPort?.postMessage(reply));
});
