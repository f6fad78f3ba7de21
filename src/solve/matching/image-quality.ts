import type { DecodedFrame, FrameFeatures, FrameLight } from '../model/frame-features.js';

/** Why a frame cannot be answered from its light alone, or null. */
export const lightFault = (light: FrameLight, features: FrameFeatures): string | null => {
  if (light.meanLevel < 10) return 'too dark: the picture is almost black';
  if (light.contrast < 4) return 'blocked or featureless: the picture is one even grey';
  if (features.count < 30) {
    return light.sharpness < 0.08
      ? 'blurred or out of focus: no detail to compare'
      : `featureless: only ${features.count} points of interest`;
  }
  return null;
};

/** Level, contrast and sharpness of a frame, from every second pixel. */
export const measureLight = ({ luminance, widthPx, heightPx }: DecodedFrame): FrameLight => {
  let [sum, sumSquared, laplacian, count] = [0, 0, 0, 0];
  for (let y = 1; y < heightPx - 1; y += 2) {
    for (let x = 1; x < widthPx - 1; x += 2) {
      const at = y * widthPx + x;
      const v = luminance[at]!;
      const edge =
        4 * v - luminance[at - 1]! - luminance[at + 1]! - luminance[at - widthPx]! - luminance[at + widthPx]!;
      sum += v;
      sumSquared += v * v;
      laplacian += edge * edge;
      count++;
    }
  }
  const meanLevel = sum / Math.max(1, count);
  const contrast = Math.sqrt(Math.max(0, sumSquared / Math.max(1, count) - meanLevel * meanLevel));
  return {
    meanLevel,
    contrast,
    sharpness: Math.sqrt(laplacian / Math.max(1, count)) / Math.max(1, contrast),
  };
};
