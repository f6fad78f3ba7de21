import { createRequire } from 'node:module';
import process from 'node:process';
import {
  DESCRIPTOR_WORDS,
  type DecodedFrame,
  type FeatureExtractor,
  type FrameFeatures,
} from '../solve/features.js';
import { measureLight, normalizeContrast } from '../solve/normalize-contrast.js';

interface Mat {
  readonly rows: number;
  readonly cols: number;
  readonly channels: number;
  readonly depth: number;
  getData(): Buffer;
  warpAffine(transform: Mat, size: unknown, flags: number, border: number): Mat;
  release(): void;
}
interface KeyPoint {
  readonly pt: { readonly x: number; readonly y: number };
  readonly size: number;
  readonly response: number;
}
interface Detector {
  detect(image: Mat): KeyPoint[];
  compute(image: Mat, keypoints: KeyPoint[]): Mat;
}
interface OpenCv {
  readonly CV_8U: number;
  readonly CV_8UC1: number;
  readonly IMREAD_GRAYSCALE: number;
  readonly IMREAD_UNCHANGED: number;
  readonly INTER_LINEAR: number;
  readonly BORDER_CONSTANT: number;
  readonly Mat: new (data: Buffer, rows: number, cols: number, type: number) => Mat;
  readonly Size: new (width: number, height: number) => unknown;
  readonly Point2: new (x: number, y: number) => unknown;
  readonly AKAZEDetector: new (options: Record<string, unknown>) => Detector;
  imdecode(data: Buffer, flags: number): Mat;
  getRotationMatrix2D(centre: unknown, angleDeg: number, scale: number): Mat;
  setNumThreads(count: number): void;
}

/** Loads the binding; only child processes do. It must be told not to look for a build of its own. */
const loadOpenCv = (): OpenCv => {
  process.env['OPENCV4NODEJS_DISABLE_AUTOBUILD'] = '1';
  const cv = createRequire(import.meta.url)('@u4/opencv4nodejs') as OpenCv;
  cv.setNumThreads(1);
  return cv;
};

const AKAZE = {
  descriptorType: 'DESCRIPTOR_MLDB_UPRIGHT',
  descriptorSize: 0,
  descriptorChannels: 3,
  threshold: 0.0007,
  nOctaves: 3,
  nOctaveLayers: 4,
  diffusivity: 'DIFF_PM_G2',
};
const DESCRIPTOR_BYTES = 61;
const MAX_FEATURES = 3000;
/** Buckets over the frame among which the features are spread. */
const BUCKET_PX = 80;

/** The strongest of every bucket in turn, until there are enough. */
const spread = (keypoints: KeyPoint[], widthPx: number): KeyPoint[] => {
  if (keypoints.length <= MAX_FEATURES) return keypoints;
  const buckets = new Map<number, KeyPoint[]>();
  const columns = Math.ceil(widthPx / BUCKET_PX);
  for (const keypoint of keypoints) {
    const key = Math.floor(keypoint.pt.y / BUCKET_PX) * columns + Math.floor(keypoint.pt.x / BUCKET_PX);
    const bucket = buckets.get(key);
    if (bucket === undefined) buckets.set(key, [keypoint]);
    else bucket.push(keypoint);
  }
  for (const bucket of buckets.values()) bucket.sort((a, b) => b.response - a.response);
  const kept: KeyPoint[] = [];
  for (let rank = 0; kept.length < MAX_FEATURES; rank++) {
    for (const bucket of buckets.values()) {
      const keypoint = bucket[rank];
      if (keypoint !== undefined && kept.length < MAX_FEATURES) kept.push(keypoint);
    }
  }
  return kept;
};

const packDescriptors = (bytes: Buffer, count: number): Uint32Array => {
  const padded = new Uint8Array(count * DESCRIPTOR_WORDS * 4);
  for (let i = 0; i < count; i++) {
    padded.set(bytes.subarray(i * DESCRIPTOR_BYTES, (i + 1) * DESCRIPTOR_BYTES), i * DESCRIPTOR_WORDS * 4);
  }
  return new Uint32Array(padded.buffer);
};

/** Pixel back in the unturned picture. */
const unturn = (
  frame: DecodedFrame,
  rollDeg: number,
): ((x: number, y: number) => readonly [number, number]) => {
  const [cx, cy] = [(frame.widthPx - 1) / 2, (frame.heightPx - 1) / 2];
  const angle = (rollDeg * Math.PI) / 180;
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  // getRotationMatrix2D turns counter-clockwise as seen; its inverse takes turned pixels back.
  return (x, y) => [cx + c * (x - cx) - s * (y - cy), cy + s * (x - cx) + c * (y - cy)];
};

export interface OpenCvEyes extends FeatureExtractor {
  /** Luminance of an encoded picture; null when it cannot be decoded, `deep` when its samples are wider than 8 bits. */
  decode(encoded: Buffer): DecodedFrame | null | 'deep';
}

/** AKAZE with upright binary descriptors on contrast-normalised luminance. Synchronous: for child processes only. */
export const createOpenCvEyes = (): OpenCvEyes => {
  const cv = loadOpenCv();
  const detector = new cv.AKAZEDetector(AKAZE);
  const turned = (image: Mat, frame: DecodedFrame, rollDeg: number): Mat => {
    if (rollDeg === 0) return image;
    const centre = new cv.Point2((frame.widthPx - 1) / 2, (frame.heightPx - 1) / 2);
    const transform = cv.getRotationMatrix2D(centre, rollDeg, 1);
    return image.warpAffine(
      transform,
      new cv.Size(frame.widthPx, frame.heightPx),
      cv.INTER_LINEAR,
      cv.BORDER_CONSTANT,
    );
  };
  const describe = (image: Mat, frame: DecodedFrame, rollDeg: number): FrameFeatures => {
    const chosen = spread(detector.detect(image), frame.widthPx);
    const back = unturn(frame, rollDeg);
    const inside = chosen.filter(({ pt }) => {
      const [x, y] = back(pt.x, pt.y);
      return x >= 4 && y >= 4 && x < frame.widthPx - 4 && y < frame.heightPx - 4;
    });
    const mat = inside.length === 0 ? null : detector.compute(image, inside);
    const places = inside.map(({ pt }) => back(pt.x, pt.y));
    return {
      count: inside.length,
      x: Float32Array.from(places, ([x]) => x),
      y: Float32Array.from(places, ([, y]) => y),
      size: Float32Array.from(inside, ({ size }) => size),
      response: Float32Array.from(inside, ({ response }) => response),
      descriptors: packDescriptors(mat?.getData() ?? Buffer.alloc(0), inside.length),
      widthPx: frame.widthPx,
      heightPx: frame.heightPx,
      light: measureLight(frame),
    };
  };
  return {
    decode: (encoded) => {
      const probe = cv.imdecode(encoded, cv.IMREAD_UNCHANGED);
      if (probe.rows === 0 || probe.cols === 0) return null;
      if (probe.depth !== cv.CV_8U) return 'deep';
      const grey = cv.imdecode(encoded, cv.IMREAD_GRAYSCALE);
      return { luminance: new Uint8Array(grey.getData()), widthPx: grey.cols, heightPx: grey.rows };
    },
    extract: (frame, rollDeg = 0) => {
      const normalized = Buffer.from(normalizeContrast(frame).buffer);
      const image = new cv.Mat(normalized, frame.heightPx, frame.widthPx, cv.CV_8UC1);
      return describe(turned(image, frame, rollDeg), frame, rollDeg);
    },
  };
};
