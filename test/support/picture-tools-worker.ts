import { Jimp } from 'jimp';
import { answerJobs } from '../../src/adapters/process/child-jobs.js';
import type { Raster } from '../../src/adapters/pictures/canvas.js';
import { drawExpectedView } from '../../src/adapters/pictures/expected-view.js';
import { createJpegCodec } from '../../src/adapters/pictures/opencv-codec.js';
import type { PictureJob } from './picture-tools.js';

const jpegs = createJpegCodec();

const decode = async (picture: Uint8Array): Promise<Raster> => {
  const { width, height, data } = (await Jimp.fromBuffer(Buffer.from(picture))).bitmap;
  return { widthPx: width, heightPx: height, rgba: data };
};

answerJobs(async (job: PictureJob): Promise<Raster | Uint8Array> => {
  switch (job.kind) {
    case 'decode':
      return decode(job.picture);
    case 'encode': {
      const { widthPx: width, heightPx: height, rgba } = job.picture;
      return new Jimp({ width, height, data: Buffer.from(rgba) }).getBuffer('image/jpeg', { quality: 85 });
    }
    case 'expected':
      return drawExpectedView(job.view, job.size, job.share, jpegs);
  }
});
