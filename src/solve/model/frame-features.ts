/** 32-bit words of one binary descriptor (AKAZE MLDB: 61 bytes, padded with zeros). */
export const DESCRIPTOR_WORDS = 16;

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

// Taken out of the global once: a look-up in a test's own global is slow.
const { imul } = Math;

/** Bits of a word, counted within each of its nibbles. */
const nibblesOf = (word: number): number => {
  const pairs = word - ((word >>> 1) & 0x55555555);
  return (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
};

/** Bits that differ in four words. A nibble holds the counts of three words, a byte those of all four. */
const blockDistance = (a: Uint32Array, i: number, b: Uint32Array, j: number): number => {
  const three =
    nibblesOf(a[i]! ^ b[j]!) + nibblesOf(a[i + 1]! ^ b[j + 1]!) + nibblesOf(a[i + 2]! ^ b[j + 2]!);
  const one = nibblesOf(a[i + 3]! ^ b[j + 3]!);
  const bytes =
    (three & 0x0f0f0f0f) + ((three >>> 4) & 0x0f0f0f0f) + (one & 0x0f0f0f0f) + ((one >>> 4) & 0x0f0f0f0f);
  return imul(bytes, 0x01010101) >>> 24;
};

/** Of the leading 128 bits chance alone makes about 60 differ. */
const MAX_LEADING = 46;

/** Whether two descriptors may have something in common, by their leading bits; to thin out many candidates. */
export const mayMatch = (a: Uint32Array, aOffset: number, b: Uint32Array, bOffset: number): boolean =>
  blockDistance(a, aOffset, b, bOffset) <= MAX_LEADING;

/** Bits that differ, given up (any value ≥ `limit`) as soon as `limit` is reached. */
export const hammingDistance = (
  a: Uint32Array,
  aOffset: number,
  b: Uint32Array,
  bOffset: number,
  limit: number,
): number => {
  let sum = 0;
  for (let word = 0; word < DESCRIPTOR_WORDS; word += 4) {
    sum += blockDistance(a, aOffset + word, b, bOffset + word);
    if (sum >= limit) return sum;
  }
  return sum;
};

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
