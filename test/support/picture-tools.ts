import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Raster } from '../../src/adapters/jimp-pictures/canvas.js';

/** Decodes and encodes outside the test runner, where these loops run ten times faster. One call at a time. */
export interface PictureTools {
  decode(picture: Buffer): Promise<Raster>;
  /** A JPEG of one level of grey a pixel. */
  jpegOf(luminance: Uint8Array, widthPx: number, heightPx: number): Promise<Buffer>;
  close(): Promise<void>;
}

export const createPictureTools = (): PictureTools => {
  const worker = new Worker(new URL('./picture-tools-worker.js', import.meta.url));
  const ask = async <T>(request: Uint8Array | Raster): Promise<T> => {
    const answered = once(worker, 'message');
    worker.postMessage(request);
    return ((await answered) as [T])[0];
  };
  return {
    decode: (picture) => ask<Raster>(new Uint8Array(picture)),
    jpegOf: async (luminance, widthPx, heightPx) => {
      const rgba = new Uint8Array(luminance.length * 4);
      for (let i = 0; i < luminance.length; i++) rgba.fill(luminance[i]!, i * 4, i * 4 + 4);
      return Buffer.from(await ask<Uint8Array>({ widthPx, heightPx, rgba }));
    },
    close: async () => {
      await worker.terminate();
    },
  };
};
