import { createRandom, hashOf } from '../scenery/random.js';

/** How far one stop's jitter may last, and how often its last digit flickers. */
const FLICKER_MS = 700;
const FLICKER_SHARE = 0.02;

interface EncoderTraits {
  readonly noiseDeg: number;
  readonly stepDeg: number;
  readonly seed: number;
}

/**
 * What an encoder says at `positionDeg`: an error that stays the same for a whole stop, rounded to its step; now and then
 * the last digit flickers by one.
 */
export const encoderReading = (
  { noiseDeg, stepDeg, seed }: EncoderTraits,
  positionDeg: number,
  stop: number,
  nowMs: number,
): number => {
  const random = createRandom(hashOf(seed, stop));
  const noisy = positionDeg + random.gauss() * noiseDeg;
  if (stepDeg <= 0) return noisy;
  const side = random.chance(0.5) ? 1 : -1;
  const window = createRandom(hashOf(seed, stop, Math.floor(nowMs / FLICKER_MS)));
  const flicker = window.chance(FLICKER_SHARE) ? side : 0;
  return Number(((Math.round(noisy / stepDeg) + flicker) * stepDeg).toFixed(9));
};
