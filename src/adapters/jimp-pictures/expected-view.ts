import { AppError } from '../../ports/app-error.js';
import type { Pictures } from '../../ports/pictures.js';
import { jpegSize } from '../jpeg-size.js';
import type { Raster } from './canvas.js';
import { decodePicture, encodeJpeg } from './jimp-codec.js';
import { axisAngleRad, reachRad, warpView } from './warp.js';

const QUALITY = 88;

const unreadable = (what: string, cause?: unknown): AppError =>
  new AppError('picture_unreadable', `${what} cannot be read.`, 'Capture it again.', cause);

export const decodeJpeg = async (jpeg: Uint8Array, what: string): Promise<Raster> => {
  try {
    return await decodePicture(jpeg);
  } catch (error) {
    throw unreadable(what, error);
  }
};

/** Draws {@link Pictures.expectedView}; only frames that can reach into the wanted view are decoded. */
export const drawExpectedView = async ({
  frames,
  wanted,
  widthPx,
  heightPx,
}: Parameters<Pictures['expectedView']>[0]): Promise<Uint8Array> => {
  const near = frames.filter((frame, index) => {
    const size = jpegSize(Buffer.from(frame.jpeg));
    if (size === null) throw unreadable(`Frame ${index} of the reference`);
    const reach = reachRad(frame, size.widthPx, size.heightPx) + reachRad(wanted, widthPx, heightPx);
    return axisAngleRad(frame, wanted) <= reach;
  });
  const decoded = [];
  for (const frame of near)
    decoded.push({ ...frame, picture: await decodeJpeg(frame.jpeg, 'A frame of the reference') });
  return encodeJpeg(warpView(decoded, wanted, widthPx, heightPx), QUALITY);
};
