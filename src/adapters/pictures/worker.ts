import { answerJobs } from '../process/child-jobs.js';
import { drawCoverageMap } from './coverage-map.js';
import { drawHistoryPlot } from './history-plot.js';
import { loadLetters } from './jimp-codec.js';
import { createJpegCodec } from './opencv-codec.js';
import { drawOverlay } from './overlay.js';
import type { DrawingJob } from './pictures.js';
import { TextPainter } from './text.js';

/** A child process that draws. */
const painter = loadLetters().then((letters) => new TextPainter(letters));
const jpegs = createJpegCodec();

answerJobs(async (job: DrawingJob): Promise<Uint8Array> => {
  switch (job.kind) {
    case 'overlay':
      return drawOverlay(job.request, await painter, jpegs);
    case 'historyPlot':
      return drawHistoryPlot(job.request, await painter);
    case 'coverageMap':
      return drawCoverageMap(job.request, await painter);
  }
});
