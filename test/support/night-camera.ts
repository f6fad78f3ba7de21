import type { Panorama } from '../../src/sandbox/scenery/panorama.js';
import { createCamera, type Camera, type CameraOptions } from '../../src/sandbox/camera/camera.js';

// Taken out of the global once: a look-up in a test's own global is slow.
const { imul, floor, sin, PI } = Math;

const hash = (x: number, y: number): number => {
  const a = imul(imul(x, 73856093) ^ imul(y, 19349663), 0x85ebca6b);
  const b = imul(a ^ (a >>> 13), 0xc2b2ae35);
  return ((b ^ (b >>> 16)) >>> 0) / 4294967296;
};

const LOOKS = 64;
const LEVELS = 256;

/** What becomes of every grey in each of so many lights of its own. */
const looks = (): Uint8Array =>
  Uint8Array.from({ length: LOOKS * LEVELS }, (_, at) => {
    const look = floor(at / LEVELS);
    const waves = 1.5 + 2 * hash(look, 7);
    return 60 + 50 * sin(PI * (((at % LEVELS) / LEVELS) * waves + 2 * hash(look, 3)));
  });

/**
 * The same place under lamps of its own: edges stay where they are, but what is bright and what is dark beside them changes from
 * patch to patch (`patchPx` wide), so that a descriptor of the day fits nothing. Wider patches leave more that is alike.
 */
export const nightOf = (panorama: Panorama, patchPx = 12): Panorama => {
  const { widthPx, heightPx } = panorama;
  const rgb = Uint8Array.from(panorama.rgb);
  const table = looks();
  for (let y = 0, at = 0; y < heightPx; y++) {
    let look = 0;
    for (let x = 0; x < widthPx; x++, at += 3) {
      if (x % patchPx === 0) look = floor(LOOKS * hash(x / patchPx, floor(y / patchPx)));
      const grey = (77 * rgb[at]! + 128 * rgb[at + 1]! + 51 * rgb[at + 2]!) >> 8;
      rgb[at] = rgb[at + 1] = rgb[at + 2] = table[look * LEVELS + grey]!;
    }
  }
  return { ...panorama, rgb };
};

/** A camera for which it can become night; head and mount are one and the same. */
export interface DayNightCamera extends Camera {
  setNight(isNight: boolean): void;
}

export const createDayNightCamera = (options: CameraOptions, patchPx?: number): DayNightCamera => {
  const day = createCamera(options);
  const night = createCamera({ ...options, panorama: nightOf(options.panorama, patchPx) });
  let shown = day;
  return {
    ...day,
    renderRgb: (nowMs) => shown.renderRgb(nowMs),
    moveTo: (target, nowMs) => [day, night].forEach((camera) => camera.moveTo(target, nowMs)),
    stop: (nowMs) => [day, night].forEach((camera) => camera.stop(nowMs)),
    setMountOffset: (offset) => [day, night].forEach((camera) => camera.setMountOffset(offset)),
    setEncoderSlip: (slip) => [day, night].forEach((camera) => camera.setEncoderSlip(slip)),
    setNight: (isNight) => {
      shown = isNight ? night : day;
    },
  };
};
