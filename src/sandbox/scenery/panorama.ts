import { Jimp } from 'jimp';
import { AppError } from '../../ports/app-error.js';

/**
 * Everything there is to see around one place, equirectangular: column x shows pan = x/width·360 − 180,
 * row y shows tilt = 90 − y/height·180 (at pixel centres; degrees, right and up positive). RGB, row by row.
 */
export interface Panorama {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly rgb: Uint8Array;
}

/** Reads any equirectangular JPEG or PNG (twice as wide as high). */
export const panoramaFromFile = async (file: string): Promise<Panorama> => {
  const image = await Jimp.read(file).catch((cause: unknown) => {
    throw new AppError(
      'panorama_unreadable',
      `The panorama ${file} cannot be read.`,
      'Give a JPEG or PNG file that exists.',
      cause,
    );
  });
  const { width, height, data } = image.bitmap;
  if (width !== 2 * height) {
    throw new AppError(
      'panorama_shape',
      `The panorama ${file} is ${width}x${height}, not twice as wide as high.`,
      'Give a full equirectangular panorama.',
    );
  }
  const rgb = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; to < rgb.length; from += 4, to += 3) {
    rgb[to] = data[from]!;
    rgb[to + 1] = data[from + 1]!;
    rgb[to + 2] = data[from + 2]!;
  }
  return { widthPx: width, heightPx: height, rgb };
};

const halves = new WeakMap<Panorama, Panorama>();

/** The same at half the resolution: pixel i covers pixels 2i and 2i+1, so its centre lies at 2i+0.5. Kept for the next caller. */
export const halfPanorama = (full: Panorama): Panorama => {
  const known = halves.get(full);
  if (known !== undefined) return known;
  const widthPx = full.widthPx >> 1;
  const heightPx = full.heightPx >> 1;
  const rgb = new Uint8Array(widthPx * heightPx * 3);
  const stride = full.widthPx * 3;
  for (let y = 0, to = 0; y < heightPx; y++) {
    for (let x = 0, from = 2 * y * stride; x < widthPx; x++, from += 3) {
      for (let channel = 0; channel < 3; channel++, from++, to++) {
        const upper = full.rgb[from]! + full.rgb[from + 3]!;
        rgb[to] = (upper + full.rgb[from + stride]! + full.rgb[from + stride + 3]! + 2) >> 2;
      }
    }
  }
  const half = { widthPx, heightPx, rgb };
  halves.set(full, half);
  return half;
};
