import { normalizeContrast } from '../../solve/matching/contrast-normalization.js';
import { measureLight } from '../../solve/matching/image-quality.js';
import type {
  DecodedFrame,
  FeatureExtractor,
  FrameFeatures,
  FrameLight,
} from '../../solve/model/frame-features.js';
import { DESCRIPTOR_WORDS } from '../../solve/model/hamming.js';
import { loadOpenCv } from './opencv-binding.js';

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

const AKAZE = {
  descriptorType: 'DESCRIPTOR_MLDB_UPRIGHT',
  descriptorSize: 0,
  descriptorChannels: 3,
  threshold: 0.0007,
  nOctaves: 3,
  // Two layers cost 70 ms more of 250 and found no more that agrees; between zoom levels a sixth more.
  nOctaveLayers: 1,
  diffusivity: 'DIFF_PM_G2',
};
const DESCRIPTOR_BYTES = 61;
const MAX_FEATURES = 3000;
/** Buckets over the frame among which the features are spread. */
const BUCKET_PX = 80;

/** Keypoints with what is asked of them often: every look at a native one makes a new object. */
interface Keypoints {
  readonly native: readonly KeyPoint[];
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly size: Float32Array;
  readonly response: Float32Array;
}

const readKeypoints = (native: readonly KeyPoint[]): Keypoints => {
  const points = native.map(({ pt }) => pt);
  return {
    native,
    x: Float32Array.from(points, ({ x }) => x),
    y: Float32Array.from(points, ({ y }) => y),
    size: Float32Array.from(native, ({ size }) => size),
    response: Float32Array.from(native, ({ response }) => response),
  };
};

const pickKeypoints = ({ native, x, y, size, response }: Keypoints, chosen: readonly number[]): Keypoints => {
  const pick = (values: Float32Array): Float32Array => Float32Array.from(chosen, (i) => values[i]!);
  return {
    native: chosen.map((i) => native[i]!),
    x: pick(x),
    y: pick(y),
    size: pick(size),
    response: pick(response),
  };
};

/** The strongest of every bucket in turn, until there are enough. */
const spread = ({ native, x, y, response }: Keypoints, widthPx: number): number[] => {
  if (native.length <= MAX_FEATURES) return [...native.keys()];
  const buckets = new Map<number, number[]>();
  const columns = Math.ceil(widthPx / BUCKET_PX);
  for (let i = 0; i < native.length; i++) {
    const key = Math.floor(y[i]! / BUCKET_PX) * columns + Math.floor(x[i]! / BUCKET_PX);
    const bucket = buckets.get(key);
    if (bucket === undefined) buckets.set(key, [i]);
    else bucket.push(i);
  }
  for (const bucket of buckets.values()) bucket.sort((a, b) => response[b]! - response[a]!);
  const kept: number[] = [];
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

const describeKeypoints = (detector: Detector, image: Mat, keypoints: KeyPoint[]): Uint32Array => {
  if (keypoints.length === 0) return new Uint32Array(0);
  const mat = detector.compute(image, keypoints);
  if (mat.rows !== keypoints.length) throw new Error('OpenCV left out keypoints');
  const packed = packDescriptors(mat.getData(), keypoints.length);
  mat.release();
  return packed;
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

/** What was found in a frame once and serves for every roll it is described at. */
interface Sight {
  /** Luminance after contrast normalisation. */
  readonly normalized: Buffer;
  readonly keypoints: Keypoints;
  readonly light: FrameLight;
}

export interface OpenCvEyes extends FeatureExtractor {
  /** Luminance of an encoded picture; null when it cannot be decoded, `deep` when its samples are wider than 8 bits. */
  decode(encoded: Buffer): DecodedFrame | null | 'deep';
}

/** AKAZE with upright binary descriptors on contrast-normalised luminance. Synchronous: for child processes only. */
export const createOpenCvEyes = (): OpenCvEyes => {
  const cv = loadOpenCv<OpenCv>();
  const detector = new cv.AKAZEDetector(AKAZE);
  /** Runs `use` on the picture turned by `rollDeg`, as a native one that is gone afterwards. */
  const withMat = <T>(
    { widthPx, heightPx }: DecodedFrame,
    normalized: Buffer,
    rollDeg: number,
    use: (image: Mat) => T,
  ): T => {
    const straight = new cv.Mat(normalized, heightPx, widthPx, cv.CV_8UC1);
    const centre = new cv.Point2((widthPx - 1) / 2, (heightPx - 1) / 2);
    const transform = cv.getRotationMatrix2D(centre, rollDeg, 1);
    const size = new cv.Size(widthPx, heightPx);
    const image =
      rollDeg === 0 ? straight : straight.warpAffine(transform, size, cv.INTER_LINEAR, cv.BORDER_CONSTANT);
    try {
      return use(image);
    } finally {
      for (const mat of new Set([straight, image, transform])) mat.release();
    }
  };
  const see = (frame: DecodedFrame): Sight => {
    const normalized = Buffer.from(normalizeContrast(frame).buffer);
    const all = readKeypoints(withMat(frame, normalized, 0, (image) => detector.detect(image)));
    const chosen = spread(all, frame.widthPx).filter((i) => isInside({ x: all.x[i]!, y: all.y[i]! }, frame));
    return { normalized, keypoints: pickKeypoints(all, chosen), light: measureLight(frame) };
  };
  // A turned picture keeps the keypoints of the straight one: finding them takes as long as describing them.
  const sights = new WeakMap<DecodedFrame, Sight>();
  const sightOf = (frame: DecodedFrame): Sight => {
    const sight = sights.get(frame) ?? see(frame);
    sights.set(frame, sight);
    return sight;
  };
  const turnKeypoint = (keypoint: KeyPoint, { x, y }: Point): KeyPoint => {
    const { size, angle, response, octave, class_id } = keypoint;
    return new cv.KeyPoint(new cv.Point2(x, y), size, angle, response, octave, class_id);
  };
  const turnedKeypoints = (
    frame: DecodedFrame,
    { x, y, native }: Keypoints,
    rollDeg: number,
  ): { seen: number[]; asked: KeyPoint[] } => {
    const places = native.map((_, i) => turnedPoint(frame, rollDeg, { x: x[i]!, y: y[i]! }));
    const seen = [...native.keys()].filter((i) => isInside(places[i]!, frame));
    return { seen, asked: seen.map((i) => turnKeypoint(native[i]!, places[i]!)) };
  };
  const describe = (frame: DecodedFrame, rollDeg: number): FrameFeatures => {
    const { normalized, keypoints: all, light } = sightOf(frame);
    const { seen, asked } =
      rollDeg === 0 ? { seen: null, asked: [...all.native] } : turnedKeypoints(frame, all, rollDeg);
    const { x, y, size, response } = seen === null ? all : pickKeypoints(all, seen);
    const descriptors = withMat(frame, normalized, rollDeg, (image) =>
      describeKeypoints(detector, image, asked),
    );
    const { widthPx, heightPx } = frame;
    return { count: asked.length, x, y, size, response, descriptors, widthPx, heightPx, light };
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
