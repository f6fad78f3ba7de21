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
interface Point {
  readonly x: number;
  readonly y: number;
}
interface KeyPoint {
  readonly pt: Point;
  readonly size: number;
  readonly angle: number;
  readonly response: number;
  readonly octave: number;
  readonly class_id: number;
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
  readonly Point2: new (x: number, y: number) => Point;
  readonly KeyPoint: new (
    point: Point,
    size: number,
    angle: number,
    response: number,
    octave: number,
    classId: number,
  ) => KeyPoint;
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
  nOctaveLayers: 3,
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

/** Keypoints nearer than this to the border have no whole neighbourhood. */
const BORDER_PX = 4;

const isInside = ({ x, y }: Point, { widthPx, heightPx }: DecodedFrame): boolean =>
  x >= BORDER_PX && y >= BORDER_PX && x < widthPx - BORDER_PX && y < heightPx - BORDER_PX;

/** Where a point of the picture lies once the picture is turned about its centre (counter-clockwise as seen, as OpenCV turns). */
const turnedPoint = ({ widthPx, heightPx }: DecodedFrame, rollDeg: number, { x, y }: Point): Point => {
  const [cx, cy] = [(widthPx - 1) / 2, (heightPx - 1) / 2];
  const angle = (rollDeg * Math.PI) / 180;
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  return { x: cx + c * (x - cx) + s * (y - cy), y: cy - s * (x - cx) + c * (y - cy) };
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
  // A turned picture keeps the keypoints of the straight one: finding them takes as long as describing them.
  const keypointsOf = new WeakMap<DecodedFrame, KeyPoint[]>();
  const findKeypoints = (frame: DecodedFrame, image: Mat): KeyPoint[] => {
    const known = keypointsOf.get(frame);
    if (known !== undefined) return known;
    const found = spread(detector.detect(image), frame.widthPx).filter(({ pt }) => isInside(pt, frame));
    keypointsOf.set(frame, found);
    return found;
  };
  const turnKeypoint = (frame: DecodedFrame, rollDeg: number, keypoint: KeyPoint): KeyPoint => {
    const { x, y } = turnedPoint(frame, rollDeg, keypoint.pt);
    const { size, angle, response, octave, class_id } = keypoint;
    return new cv.KeyPoint(new cv.Point2(x, y), size, angle, response, octave, class_id);
  };
  const describe = (frame: DecodedFrame, rollDeg: number): FrameFeatures => {
    const normalized = Buffer.from(normalizeContrast(frame).buffer);
    const image = new cv.Mat(normalized, frame.heightPx, frame.widthPx, cv.CV_8UC1);
    const straight = findKeypoints(frame, image);
    const seen =
      rollDeg === 0
        ? straight
        : straight.filter(({ pt }) => isInside(turnedPoint(frame, rollDeg, pt), frame));
    const asked = rollDeg === 0 ? seen : seen.map((keypoint) => turnKeypoint(frame, rollDeg, keypoint));
    const mat = seen.length === 0 ? null : detector.compute(turned(image, frame, rollDeg), asked);
    if (mat !== null && mat.rows !== seen.length) throw new Error('OpenCV left out keypoints');
    return {
      count: seen.length,
      x: Float32Array.from(seen, ({ pt }) => pt.x),
      y: Float32Array.from(seen, ({ pt }) => pt.y),
      size: Float32Array.from(seen, ({ size }) => size),
      response: Float32Array.from(seen, ({ response }) => response),
      descriptors: packDescriptors(mat?.getData() ?? Buffer.alloc(0), seen.length),
      widthPx: frame.widthPx,
      heightPx: frame.heightPx,
      light: measureLight(frame),
    };
  };
  return {
    decode: (encoded) => decode(cv, encoded),
    extract: (frame, rollDeg = 0) => describe(frame, rollDeg),
  };
};

const decode = (cv: OpenCv, encoded: Buffer): DecodedFrame | null | 'deep' => {
  if (encoded.length === 0) return null;
  // A JPEG holds 8 bits a sample; other formats are asked.
  const isJpeg = encoded[0] === 0xff && encoded[1] === 0xd8;
  const picture = cv.imdecode(encoded, isJpeg ? cv.IMREAD_GRAYSCALE : cv.IMREAD_UNCHANGED);
  if (picture.rows === 0 || picture.cols === 0) return null;
  if (picture.depth !== cv.CV_8U) return 'deep';
  const grey = picture.channels === 1 ? picture : cv.imdecode(encoded, cv.IMREAD_GRAYSCALE);
  return { luminance: new Uint8Array(grey.getData()), widthPx: grey.cols, heightPx: grey.rows };
};
