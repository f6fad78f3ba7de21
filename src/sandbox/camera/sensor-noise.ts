import { createRandom } from '../scenery/random.js';

/** A prime number of samples, so that the pattern does not line up with picture rows. */
const LENGTH = 131_071;
let samples: Int8Array | null = null;

const sensorSamples = (): Int8Array => {
  if (samples !== null) return samples;
  const random = createRandom(4711);
  samples = Int8Array.from({ length: LENGTH }, () =>
    Math.max(-127, Math.min(127, Math.round(random.gauss() * 16))),
  );
  return samples;
};

/** Adds brightness noise of `levels` rms (8-bit levels) to every pixel; another pattern for another `moment`. */
export const addSensorNoise = (rgb: Uint8ClampedArray, levels: number, moment: number): void => {
  const noise = sensorSamples();
  const gain = levels / 16;
  let from = moment % LENGTH;
  for (let at = 0; at < rgb.length; at += 3) {
    const change = noise[from]! * gain;
    rgb[at]! += change;
    rgb[at + 1]! += change;
    rgb[at + 2]! += change;
    from = from + 1 === LENGTH ? 0 : from + 1;
  }
};
