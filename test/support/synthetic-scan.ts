import { radFromDeg } from '../../src/geometry/angles.js';
import { centredLens, focalFromHfov, type Lens, pixelFromBearing } from '../../src/geometry/lens.js';
import { seededRandom } from '../../src/geometry/random.js';
import {
  fromEuler,
  identity,
  type Mat3,
  multiply,
  rotate,
  transpose,
  type Vec3,
} from '../../src/geometry/rotation.js';
import {
  attitudeAtStop,
  attitudeOf,
  type HeadTerms,
  IDEAL_HEAD,
} from '../../src/solve/head/pointing-model.js';
import type { FrameFeatures } from '../../src/solve/model/frame-features.js';
import { DESCRIPTOR_WORDS } from '../../src/solve/model/hamming.js';
import { lensAtZoom } from '../../src/solve/model/lens-levels.js';
import type { QueryCapture } from '../../src/solve/model/query-capture.js';
import type { Reference, StopTelemetry } from '../../src/solve/model/reference.js';
import { SphericalIndex } from '../../src/solve/model/spherical-index.js';
import { emptyMask } from '../../src/solve/model/static-overlay-mask.js';
import { buildReference, panTiltOf, type Scan } from '../../src/solve/scan/build-reference.js';
import { solveQuery } from '../../src/solve/solve-query.js';

/** Features without pictures: points on the sphere, each with a descriptor of its own, seen through a lens. */
export const [WIDTH, HEIGHT] = [640, 360];
export const LENS: Lens = centredLens(focalFromHfov(radFromDeg(60), WIDTH), -0.04, 0, WIDTH, HEIGHT);
/** The head of whatever names no other: as no factory makes it, so that pan and tilt are what they seem to be. */
export const HEAD: HeadTerms = IDEAL_HEAD;
const POINTS = 6_000;
export const NOISE_PX = 0.3;

/** Normal numbers, one after the other. */
export const gaussOf = (random: () => number) => (): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** A camera as it left the works: no two are alike. */
export interface Camera {
  readonly head: HeadTerms;
  readonly lens: Lens;
}

const [ORDINARY_DEG, MOST_DEG] = [0.3, 1];
const [ORDINARY_GAIN, MOST_GAIN] = [0.001, 0.005];
const [ORDINARY_SHARE, MOST_SHARE] = [0.008, 0.02];

/** An ordinary one, always the same for a seed: axes some tenths of a degree off, the optical axis some pixels beside the middle. */
export const ordinaryCamera = (seed: number): Camera => {
  const gauss = gaussOf(seededRandom(0xca3e + seed));
  const within = (sigma: number, most: number): number => {
    for (;;) {
      const value = sigma * gauss();
      if (Math.abs(value) <= most) return value;
    }
  };
  const angle = (): number => radFromDeg(within(ORDINARY_DEG, MOST_DEG));
  const gain = (): number => within(ORDINARY_GAIN, MOST_GAIN);
  const aside = (): number => WIDTH * within(ORDINARY_SHARE, MOST_SHARE);
  return {
    head: {
      ...IDEAL_HEAD,
      ...{ tiltAxis: angle(), tiltZero: angle(), collimation: angle(), roll: angle() },
      ...{ panGain: gain(), tiltGain: gain() },
    },
    lens: { ...LENS, centreX: LENS.centreX + aside(), centreY: LENS.centreY + aside() },
  };
};

export interface World {
  readonly points: readonly Vec3[];
  readonly words: Uint32Array;
}

const makeWorld = (seed: number): World => {
  const random = seededRandom(seed);
  const points = Array.from({ length: POINTS }, (): Vec3 => {
    const azimuth = 2 * Math.PI * random();
    const z = -0.8 + 1.6 * random();
    const ring = Math.sqrt(1 - z * z);
    return [ring * Math.cos(azimuth), ring * Math.sin(azimuth), z];
  });
  return { points, words: Uint32Array.from({ length: POINTS * DESCRIPTOR_WORDS }, () => random() * 2 ** 32) };
};

const WORLD = makeWorld(5);

export interface Look {
  readonly panDeg: number;
  readonly tiltDeg: number;
  /** True mountFromBody; what {@link HEAD} makes of pan and tilt when omitted. */
  readonly truth?: Mat3;
  readonly lens?: Lens;
}

export const claimedOf = (look: Look): Mat3 => attitudeOf(HEAD, panTiltOf(look));

/** Radians from degrees, yaw pitch roll. */
export const turnOf = (yawDeg: number, pitchDeg: number, rollDeg: number): Mat3 =>
  fromEuler(radFromDeg(yawDeg), radFromDeg(pitchDeg), radFromDeg(rollDeg));

const onTruth = (look: Look): Mat3 => look.truth ?? claimedOf(look);

/** A seventh of the bits of every word differ from look to look. */
const FLIPPED_BITS = 4;

const flipBits = (word: number, bits: number, random: () => number): number => {
  let flipped = word;
  for (let bit = 0; bit < bits; bit++) flipped ^= 1 << Math.floor(32 * random());
  return flipped >>> 0;
};

/** Beyond so much from the optical axis the formula of a barrel lens leads back into the picture, where nothing is to be seen. */
const FORWARD = Math.cos(radFromDeg(60));

/** Where a picture shows a point; null where it does not, also within a few pixels of its edge. */
export const pixelIn = (lens: Lens, body: Vec3): readonly [number, number] | null => {
  const pixel = body[0] < FORWARD ? null : pixelFromBearing(lens, body);
  if (pixel === null) return null;
  const [x, y] = pixel;
  return x > 2 && y > 2 && x < WIDTH - 3 && y < HEIGHT - 3 ? pixel : null;
};

export const seeFeatures = (
  look: Look,
  seed: number,
  world: World = WORLD,
  flippedBits = FLIPPED_BITS,
): FrameFeatures => {
  const random = seededRandom(seed);
  const gauss = gaussOf(random);
  const noise = (): number => NOISE_PX * gauss();
  const bodyFromMount = transpose(onTruth(look));
  const seen = world.points.flatMap((point, index) => {
    const pixel = pixelIn(look.lens ?? LENS, rotate(bodyFromMount, point));
    return pixel === null ? [] : [{ x: pixel[0] + noise(), y: pixel[1] + noise(), index }];
  });
  const descriptors = new Uint32Array(seen.length * DESCRIPTOR_WORDS);
  seen.forEach(({ index }, row) => {
    for (let word = 0; word < DESCRIPTOR_WORDS - 1; word++) {
      descriptors[row * DESCRIPTOR_WORDS + word] = flipBits(
        world.words[index * DESCRIPTOR_WORDS + word]!,
        flippedBits,
        random,
      );
    }
  });
  return {
    count: seen.length,
    x: Float32Array.from(seen, ({ x }) => x),
    y: Float32Array.from(seen, ({ y }) => y),
    size: new Float32Array(seen.length).fill(8),
    response: Float32Array.from(seen, () => random()),
    descriptors,
    widthPx: WIDTH,
    heightPx: HEIGHT,
    light: { meanLevel: 120, contrast: 50, sharpness: 1 },
  };
};

const STOPS: readonly Look[] = [-4].flatMap((tiltDeg) =>
  Array.from({ length: 12 }, (_, i) => ({ panDeg: i * 30 - 180, tiltDeg })),
);

export const scanOf = (looks: readonly Look[] = STOPS): Scan => ({
  stops: looks.map(({ panDeg, tiltDeg }, i): StopTelemetry => ({
    file: `${i}.jpg`,
    panDeg,
    tiltDeg,
    zoom: 1,
  })),
  features: looks.map((look, i) => seeFeatures(look, 100 + 37 * ((i * 7) % looks.length))),
  mask: { ...emptyMask(WIDTH, HEIGHT), learned: true },
  lens: null,
});

export interface Setting {
  readonly reference: Reference;
  readonly index: SphericalIndex;
}

export const settingOf = (scan: Scan): Setting => {
  const reference = buildReference(scan);
  return { reference, index: new SphericalIndex(reference.landmarks.bearings) };
};

/** What is taken at a look, by a camera like {@link HEAD} and {@link LENS}. */
export const captureOf = (look: Look, features = seeFeatures(look, 9)): QueryCapture => ({
  file: `${look.panDeg}.jpg`,
  features,
  at: panTiltOf(look),
  zoom: 1,
  claimed: claimedOf(look),
  lens: LENS,
  extractRolled: () => features,
});

/** The capture as the product sees it: with the head and the lens that the scan found. */
export const asFound = (
  { head, levels, widthPx, heightPx }: Reference,
  capture: QueryCapture,
): QueryCapture => ({
  ...capture,
  claimed: attitudeOf(head, capture.at),
  lens: lensAtZoom(levels, capture.zoom, widthPx, heightPx),
});

export const solve = ({ reference, index }: Setting, captures: readonly QueryCapture[], thresholdDeg = 0.5) =>
  solveQuery(reference, index, {
    ...{ name: 'q', zoomCovered: true, thresholdDeg },
    captures: captures.map((capture) => asFound(reference, capture)),
  });

/** What has happened to a camera since its scan, or to its mount. */
export interface Happened {
  readonly turn?: Mat3;
  /** Added to the head's terms, radians. */
  readonly terms?: Partial<HeadTerms>;
  /** By so much more than they say the axes stand, degrees. */
  readonly slip?: { readonly pan?: number; readonly tilt?: number };
  /** What the encoders err by at this look: about pan axis, tilt axis and across, radians. */
  readonly own?: Vec3;
}

/** How a camera of its own make looks. */
export const lookOf = (
  { head, lens }: Camera,
  panDeg: number,
  tiltDeg: number,
  { turn = identity(), terms = {}, slip = {}, own = [0, 0, 0] }: Happened = {},
): Look => {
  const changed: Record<keyof HeadTerms, number> = { ...head };
  for (const [term, change] of Object.entries(terms)) changed[term as keyof HeadTerms] += change;
  const at = panTiltOf({ panDeg: panDeg + (slip.pan ?? 0), tiltDeg: tiltDeg + (slip.tilt ?? 0) });
  return { panDeg, tiltDeg, lens, truth: multiply(turn, attitudeAtStop(changed, at, own)) };
};

/** A look whose mount has turned. */
export const turnedLook = (panDeg: number, tiltDeg: number, turn: Mat3): Look => ({
  panDeg,
  tiltDeg,
  truth: multiply(turn, claimedOf({ panDeg, tiltDeg })),
});

/** A head whose true angles are other than it says. */
export const slippedLook = (
  panDeg: number,
  tiltDeg: number,
  slip: { pan?: number; tilt?: number },
): Look => ({
  panDeg,
  tiltDeg,
  truth: claimedOf({ panDeg: panDeg + (slip.pan ?? 0), tiltDeg: tiltDeg + (slip.tilt ?? 0) }),
});

export const otherWorld = (): World => makeWorld(6);

/** The same place in a light that leaves the points where they are and changes the looks of all but a share of them. */
export const nightWorld = (sameShare: number): World => {
  const [points, other] = [WORLD.points, makeWorld(7).words];
  const words = WORLD.words.map((word, at) =>
    Math.floor(at / DESCRIPTOR_WORDS) < sameShare * POINTS ? word : other[at]!,
  );
  return { points, words };
};
