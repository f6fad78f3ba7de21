import { parentPort } from 'node:worker_threads';
import { decodePicture, encodeJpeg } from '../../src/adapters/jimp-pictures/jimp-codec.js';
import type { Raster } from '../../src/adapters/jimp-pictures/canvas.js';

parentPort?.on('message', (request: Uint8Array | Raster) => {
  const answer = request instanceof Uint8Array ? decodePicture(request) : encodeJpeg(request, 85);
  void answer.then((done) => parentPort?.postMessage(done));
});
