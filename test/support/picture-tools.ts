import { createChildPool } from '../../src/adapters/process/child-pool.js';
import type { Raster, Size } from '../../src/adapters/pictures/canvas.js';
import type { ExpectedView } from '../../src/ports/pictures.js';

export type PictureJob =
  | { readonly kind: 'decode'; readonly picture: Uint8Array }
  | { readonly kind: 'encode'; readonly picture: Raster }
  | { readonly kind: 'expected'; readonly view: ExpectedView; readonly size: Size; readonly share: number };

/** Decodes, encodes and draws outside the test runner, where these loops run ten times faster. */
export interface PictureTools {
  /** By a codec that the product does not use for JPEGs. */
  decode(picture: Buffer): Promise<Raster>;
  /** A JPEG of one level of grey a pixel. */
  jpegOf(luminance: Uint8Array, widthPx: number, heightPx: number): Promise<Buffer>;
  /** The product's drawing of an expected view. */
  expected(view: ExpectedView, size: Size, share: number): Promise<Raster>;
  close(): Promise<void>;
}

const signal = new AbortController().signal;

export const createPictureTools = (): PictureTools => {
  const entry = new URL('./picture-tools-worker.js', import.meta.url);
  const pool = createChildPool<PictureJob, Raster | Uint8Array>({ entry, size: 1 });
  const raster = async (job: PictureJob): Promise<Raster> => {
    const drawn = await pool.run(job, signal);
    if (drawn instanceof Uint8Array) throw new Error('a raster was asked for');
    return drawn;
  };
  return {
    decode: (picture) => raster({ kind: 'decode', picture }),
    expected: (view, size, share) => raster({ kind: 'expected', view, size, share }),
    jpegOf: async (luminance, widthPx, heightPx) => {
      const rgba = new Uint8Array(luminance.length * 4);
      for (let i = 0; i < luminance.length; i++) rgba.fill(luminance[i]!, i * 4, i * 4 + 4);
      return (await pool.run({ kind: 'encode', picture: { widthPx, heightPx, rgba } }, signal)) as Buffer;
    },
    close: () => pool.close(),
  };
};
