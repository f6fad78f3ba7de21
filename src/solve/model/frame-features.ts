import { DESCRIPTOR_WORDS } from './hamming.js';

/** Keypoints of one frame; arrays run parallel. Pixel centres at integers. */
export interface FrameFeatures {
  readonly count: number;
  readonly x: Float32Array;
  readonly y: Float32Array;
  /** Diameter of the described neighbourhood, px. */
  readonly size: Float32Array;
  readonly response: Float32Array;
  /** `DESCRIPTOR_WORDS` per keypoint. */
  readonly descriptors: Uint32Array;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly light: FrameLight;
}

/** What can be said of a frame before looking at features; grey levels 0–255. */
export interface FrameLight {
  readonly meanLevel: number;
  readonly contrast: number;
  /** Rms of the Laplacian over the contrast: low means blurred. */
  readonly sharpness: number;
}

export interface DecodedFrame {
  readonly luminance: Uint8Array;
  readonly widthPx: number;
  readonly heightPx: number;
}

/** Finds and describes keypoints; features are upright (described along the image's axes). */
export interface FeatureExtractor {
  /** `rollDeg` turns the picture before describing, so that a rolled camera still matches; coordinates stay the picture's own. */
  extract(frame: DecodedFrame, rollDeg?: number): FrameFeatures;
}

/** The features that `keep` accepts, in order. */
export const selectFeatures = (features: FrameFeatures, keep: (index: number) => boolean): FrameFeatures => {
  const chosen = Array.from({ length: features.count }, (_, index) => index).filter(keep);
  const descriptors = new Uint32Array(chosen.length * DESCRIPTOR_WORDS);
  chosen.forEach((from, to) => {
    descriptors.set(
      features.descriptors.subarray(from * DESCRIPTOR_WORDS, (from + 1) * DESCRIPTOR_WORDS),
      to * DESCRIPTOR_WORDS,
    );
  });
  const pick = (values: Float32Array): Float32Array => Float32Array.from(chosen, (index) => values[index]!);
  return {
    ...features,
    count: chosen.length,
    x: pick(features.x),
    y: pick(features.y),
    size: pick(features.size),
    response: pick(features.response),
    descriptors,
  };
};
