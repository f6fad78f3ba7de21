/**
 * What is wrong with a head and its lens, degrees and shares of the picture's width:
 * mountFromBody = Rz(P)·Rx(tiltAxis)·Ry(T)·Rz(collimation)·Rx(roll), P = pan·(1 + panGain) + eccentricitySin·sin(pan) +
 * eccentricityCos·cos(pan), T = tilt·(1 + tiltGain) + tiltZero.
 */
export interface ViewHead {
  readonly tiltAxisDeg: number;
  readonly tiltZeroDeg: number;
  readonly collimationDeg: number;
  readonly rollDeg: number;
  readonly panGain: number;
  readonly tiltGain: number;
  readonly eccentricitySinDeg: number;
  readonly eccentricityCosDeg: number;
  /** Where the optical axis meets the picture: right of and below its middle. */
  readonly principalShare: readonly [number, number];
}

/** A head as no factory makes it. */
export const IDEAL_HEAD_VIEW: ViewHead = {
  tiltAxisDeg: 0,
  tiltZeroDeg: 0,
  collimationDeg: 0,
  rollDeg: 0,
  panGain: 0,
  tiltGain: 0,
  eccentricitySinDeg: 0,
  eccentricityCosDeg: 0,
  principalShare: [0, 0],
};

/** A head with end stops as factories make them; its encoders repeat exactly. */
export const ORDINARY_HEAD: ViewHead = {
  tiltAxisDeg: 0.2,
  tiltZeroDeg: -0.3,
  collimationDeg: 0.25,
  rollDeg: -0.4,
  panGain: 0.001,
  tiltGain: -0.0008,
  eccentricitySinDeg: 0.015,
  eccentricityCosDeg: -0.01,
  principalShare: [0.006, -0.004],
};

/** A renderer for tests that shares nothing with the product: pinhole views of a textured sphere, plain formulas. */
export interface View {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly hfovDeg: number;
  readonly k1: number;
  readonly panDeg: number;
  readonly tiltDeg: number;
  readonly zoom?: number;
  readonly offsetDeg?: readonly [number, number, number];
  /** Default {@link IDEAL_HEAD_VIEW}; {@link ORDINARY_HEAD} wherever a scan of several stops is to be solved. */
  readonly head?: ViewHead;
  /** Another place for another seed. */
  readonly seed?: number;
  /** Burns in what stays at the same pixels wherever the camera looks. */
  readonly overlay?: boolean;
}

// Looking up globals is slow in the test runner.
const { imul, floor, sqrt } = Math;
const D = Math.PI / 180;
type M = readonly number[];
const mul = (a: M, b: M): number[] =>
  [0, 1, 2].flatMap((i) =>
    [0, 1, 2].map((j) => [0, 1, 2].reduce((s, k) => s + a[i * 3 + k]! * b[k * 3 + j]!, 0)),
  );
const rz = (t: number): M => [
  Math.cos(t * D),
  -Math.sin(t * D),
  0,
  Math.sin(t * D),
  Math.cos(t * D),
  0,
  0,
  0,
  1,
];
const ry = (t: number): M => [
  Math.cos(t * D),
  0,
  Math.sin(t * D),
  0,
  1,
  0,
  -Math.sin(t * D),
  0,
  Math.cos(t * D),
];
const rx = (t: number): M => [
  1,
  0,
  0,
  0,
  Math.cos(t * D),
  -Math.sin(t * D),
  0,
  Math.sin(t * D),
  Math.cos(t * D),
];

const mix = (h: number): number => {
  const a = imul(h ^ (h >>> 16), 0x85ebca6b);
  const b = imul(a ^ (a >>> 13), 0xc2b2ae35);
  return b ^ (b >>> 16);
};
const hash = (x: number, y: number, z: number): number =>
  (mix(x + mix(y + mix(z + 0x9e3779b9))) >>> 0) / 4294967296;

const blocks = (x: number, y: number, z: number, scale: number, seed: number): number =>
  hash(floor(x * scale) + seed, floor(y * scale), floor(z * scale));

/** Blocks of random grey at three scales on the directions of the sphere: corners everywhere. */
const levelAt = (x: number, y: number, z: number, seed: number): number => {
  return (
    20 + 107 * blocks(x, y, z, 9, seed) + 65 * blocks(x, y, z, 31, seed) + 43 * blocks(x, y, z, 83, seed)
  );
};

const SUBPIXELS = [-0.25, 0.25];

/** Ideal coordinate pair of a distorted one, by fixed-point iteration; written into `to`. */
const undistort = (xd: number, yd: number, k1: number, to: Float64Array): void => {
  let x = xd;
  let y = yd;
  for (let i = 0; i < 8; i++) {
    const d = 1 + k1 * (x * x + y * y);
    x = xd / d;
    y = yd / d;
  }
  to[0] = x;
  to[1] = y;
};

const mountFromBody = ({ panDeg, tiltDeg }: View, head: ViewHead): number[] => {
  const swayDeg =
    head.eccentricitySinDeg * Math.sin(panDeg * D) + head.eccentricityCosDeg * Math.cos(panDeg * D);
  const arm = mul(rz(panDeg * (1 + head.panGain) + swayDeg), rx(head.tiltAxisDeg));
  const cradle = mul(arm, ry(tiltDeg * (1 + head.tiltGain) + head.tiltZeroDeg));
  return mul(mul(cradle, rz(head.collimationDeg)), rx(head.rollDeg));
};

/** Luminance of a view; supersampled 2×2. */
export const renderView = (view: View): Uint8Array => {
  const { widthPx: w, heightPx: h, k1, seed = 1, head = IDEAL_HEAD_VIEW } = view;
  const f = (w / 2 / Math.tan((view.hfovDeg * D) / 2)) * (view.zoom ?? 1);
  const [yaw, pitch, roll] = view.offsetDeg ?? [0, 0, 0];
  const m = Float64Array.from(mul(mul(mul(rz(yaw), ry(pitch)), rx(roll)), mountFromBody(view, head)));
  const [centreX, centreY] = [
    (w - 1) / 2 + head.principalShare[0] * w,
    (h - 1) / 2 + head.principalShare[1] * w,
  ];
  const out = new Uint8Array(w * h);
  const ideal = new Float64Array(2);
  for (let v = 0; v < h; v++) {
    for (let u = 0; u < w; u++) {
      let sum = 0;
      for (const su of SUBPIXELS) {
        for (const sv of SUBPIXELS) {
          undistort((u + su - centreX) / f, (v + sv - centreY) / f, k1, ideal);
          const x = ideal[0]!;
          const y = ideal[1]!;
          const n = 1 / sqrt(1 + x * x + y * y);
          sum += levelAt(
            (m[0]! + m[1]! * x + m[2]! * y) * n,
            (m[3]! + m[4]! * x + m[5]! * y) * n,
            (m[6]! + m[7]! * x + m[8]! * y) * n,
            seed,
          );
        }
      }
      out[v * w + u] = sum / 4;
    }
  }
  if (view.overlay) burnIn(out, w, h);
  return out;
};

/** Two lines of letter-like blocks and 25 specks of dirt, always the same. */
const burnIn = (luminance: Uint8Array, w: number, h: number): void => {
  const square = (x: number, y: number, size: number, level: number): void => {
    for (let row = y; row < y + size; row++) luminance.fill(level, row * w + x, row * w + x + size);
  };
  for (let dot = 0; dot < 60 * 7; dot++) {
    const [column, row] = [dot % 60, floor(dot / 60)];
    if (hash(column, row, 7) < 0.5) continue;
    square(8 + column * 2, 8 + row * 2, 2, 250);
    square(w - 140 + column * 2, h - 24 + row * 2, 2, 250);
  }
  for (let speck = 0; speck < 25; speck++) {
    square(floor(hash(speck, 1, 3) * (w - 12)), floor(hash(speck, 2, 3) * (h - 12)), 5 + (speck % 6), 15);
  }
};
