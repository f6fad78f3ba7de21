import { Jimp } from 'jimp';
import type { Writable } from 'node:stream';

/** How a test's video looks and is encoded. */
export interface ClockVideo {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly fps: number;
  readonly keySeconds: number;
  readonly codec: 'h264' | 'h265';
}

const BITS = 20;
const PERIOD_MS = 2 ** BITS;

/** A raw I420 picture that shows its time as black and white bars, which survive any encoder: the highest bit is leftmost. */
const clockFrame = ({ widthPx, heightPx }: ClockVideo, nowMs: number): Buffer => {
  const row = Buffer.from(
    Array.from({ length: widthPx }, (_, x) => {
      const bit = BITS - 1 - Math.floor((x * BITS) / widthPx);
      return (Math.floor(nowMs % PERIOD_MS) >> bit) & 1 ? 220 : 30;
    }),
  );
  const frame = Buffer.alloc((widthPx * heightPx * 3) / 2, 128);
  for (let y = 0; y < heightPx; y += 1) row.copy(frame, y * widthPx);
  return frame;
};

/** The time a picture shows: the last such time before `beforeMs`. */
export const shownMs = async (jpeg: Buffer, beforeMs: number): Promise<number> => {
  const { width, height, data } = (await Jimp.read(jpeg)).bitmap;
  let shown = 0;
  for (let bar = 0; bar < BITS; bar += 1) {
    const x = Math.floor(((bar + 0.5) * width) / BITS);
    const brightness = data[(Math.floor(height / 2) * width + x) * 4] ?? 0;
    shown = 2 * shown + (brightness > 128 ? 1 : 0);
  }
  return beforeMs - ((beforeMs - shown) % PERIOD_MS);
};

/** Writes pictures of the time to a server for as long as it takes them; one it has no time for is left out. */
export const feedClock = (video: ClockVideo, to: Writable): { stop(): void } => {
  const timer = setInterval(() => {
    if (to.writableLength === 0 && to.writable) to.write(clockFrame(video, Date.now()));
  }, 1000 / video.fps);
  return { stop: () => clearInterval(timer) };
};
