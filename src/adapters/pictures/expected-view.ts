import { AppError } from '../../ports/app-error.js';
import type { ExpectedView, PictureView } from '../../ports/pictures.js';
import { jpegSize } from '../camera/jpeg-size.js';
import type { Raster, Size } from './canvas.js';
import type { JpegCodec } from './opencv-codec.js';
import { axisAngleRad, reachRad, warpView } from './warp.js';

const unreadable = (what: string): AppError =>
  new AppError('picture_unreadable', `${what} cannot be read.`, 'Capture it again.');

export const sizeOf = (jpeg: Uint8Array, what: string): Size => {
  const size = jpegSize(Buffer.from(jpeg.buffer, jpeg.byteOffset, jpeg.byteLength));
  if (size === null) throw unreadable(what);
  return size;
};

export const decodeJpeg = (jpegs: JpegCodec, jpeg: Uint8Array, size: Size, what: string): Raster => {
  const picture = jpegs.decode(jpeg, size);
  if (picture === null) throw unreadable(what);
  return picture;
};

/** The same view in a picture of another size. */
const scaled = <View extends PictureView>(view: View, share: number): View => ({
  ...view,
  focalPx: view.focalPx * share,
  // Pixel centres lie at integers: a picture begins half a pixel before its first.
  centreX: (view.centreX + 0.5) * share - 0.5,
  centreY: (view.centreY + 0.5) * share - 0.5,
});

/**
 * Draws {@link ExpectedView} for a picture of `size`, at a share of that size; only frames that can reach into the wanted
 * view are decoded, at the same share.
 */
export const drawExpectedView = (
  { frames, wanted }: ExpectedView,
  { widthPx, heightPx }: Size,
  share: number,
  jpegs: JpegCodec,
): Raster => {
  const what = 'A frame of the reference';
  const sized = frames.map((frame) => ({ frame, size: sizeOf(frame.jpeg, what) }));
  const near = sized.filter(({ frame, size }) => {
    const reach = reachRad(frame, size.widthPx, size.heightPx) + reachRad(wanted, widthPx, heightPx);
    return axisAngleRad(frame, wanted) <= reach;
  });
  const small = (size: Size): Size => ({
    widthPx: Math.max(1, Math.round(size.widthPx * share)),
    heightPx: Math.max(1, Math.round(size.heightPx * share)),
  });
  const decoded = near.map(({ frame, size }) => {
    const picture = decodeJpeg(jpegs, frame.jpeg, small(size), what);
    return { ...scaled(frame, picture.widthPx / size.widthPx), picture };
  });
  const drawn = small({ widthPx, heightPx });
  return warpView(decoded, scaled(wanted, share), drawn.widthPx, drawn.heightPx);
};
