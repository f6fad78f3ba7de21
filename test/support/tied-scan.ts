import { radFromDeg } from '../../src/geometry/angles.js';
import { bearingFromPixel, type Lens, LENS_PARAMETERS } from '../../src/geometry/lens.js';
import { seededRandom } from '../../src/geometry/random.js';
import { identity, type Mat3, normalize, rotate, transpose, type Vec3 } from '../../src/geometry/rotation.js';
import {
  adjustBundle,
  type BundleProblem,
  type BundleSolution,
} from '../../src/solve/estimation/bundle-adjustment.js';
import type { CaptureTurn } from '../../src/solve/estimation/joint-offset.js';
import { refineRotation } from '../../src/solve/estimation/rotation-refinement.js';
import type { ScanGeometry, Tie } from '../../src/solve/estimation/scan-geometry.js';
import { type EncoderSigma, EXACT_ENCODERS } from '../../src/solve/head/encoder-noise.js';
import { attitudeAtStop, attitudeOf, IDEAL_HEAD } from '../../src/solve/head/pointing-model.js';
import { ORDINARY_TERMS } from '../../src/solve/head/rare-terms.js';
import type { ReferenceReport } from '../../src/solve/model/answer.js';
import { lensAtZoom, levelOf } from '../../src/solve/model/lens-levels.js';
import type { Observation } from '../../src/solve/model/observation.js';
import type { Landmarks, Reference } from '../../src/solve/model/reference.js';
import { emptyMask } from '../../src/solve/model/static-overlay-mask.js';
import { panTiltOf } from '../../src/solve/scan/build-reference.js';
import {
  type Camera,
  gaussOf,
  type Happened,
  HEIGHT,
  LENS,
  lookOf,
  NOISE_PX,
  pixelIn,
  WIDTH,
} from './synthetic-scan.js';

/** Scans and captures of points that everybody knows again, without features: what is left is the geometry. */
export interface Stop {
  readonly panDeg: number;
  readonly tiltDeg: number;
  /** Which of the camera's lenses; the first when omitted. */
  readonly level?: number;
}

/** Rows of stops around the whole circle. */
export const circleOf = (tiltsDeg: readonly number[], perRow = 12): Stop[] =>
  tiltsDeg.flatMap((tiltDeg) =>
    Array.from({ length: perRow }, (_, i) => ({ panDeg: (i * 360) / perRow - 180, tiltDeg })),
  );

export interface ScanMade {
  readonly camera: Camera;
  /** Lenses of further zoom levels, with their zooms; the camera's own is zoom 1. */
  readonly zoomed?: readonly { readonly zoom: number; readonly lens: Lens }[];
  readonly stops: readonly Stop[];
  readonly seed: number;
  readonly noisePx?: number;
  /** What the encoders truly err by, degrees. */
  readonly encodersDeg?: { readonly pan: number; readonly tilt: number; readonly play: number };
  /** Pairs of stops that share points; all that overlap when omitted. */
  readonly isTied?: (a: number, b: number) => boolean;
  /** The focal length is known, as a scan of one stop needs. */
  readonly isLensGiven?: boolean;
  /** Points all around. */
  readonly points?: number;
  /** Added to the problem. */
  readonly changes?: Partial<BundleProblem>;
}

/** One point as a stop saw it. */
interface Sighting {
  readonly stop: number;
  readonly x: number;
  readonly y: number;
}

export interface MadeScan {
  readonly made: ScanMade;
  readonly points: readonly Vec3[];
  /** Of every point. */
  readonly sightings: readonly (readonly Sighting[])[];
  readonly problem: BundleProblem;
  readonly solution: BundleSolution;
  readonly truth: ScanGeometry;
  readonly reference: Reference;
  /** Landmark of a point; −1 for one that the scan did not see. */
  readonly landmarkOf: Int32Array;
}

const pointsOf = (count: number, random: () => number): Vec3[] =>
  Array.from({ length: count }, (): Vec3 => {
    const [azimuth, z] = [2 * Math.PI * random(), -0.85 + 1.7 * random()];
    const ring = Math.sqrt(1 - z * z);
    return [ring * Math.cos(azimuth), ring * Math.sin(azimuth), z];
  });

const MOST_TIES = 60;

/** Of every pair that shares points, so many of them. */
const tiesOf = (
  sightings: readonly (readonly Sighting[])[],
  isTied: (a: number, b: number) => boolean,
): Tie[] => {
  const byPair = new Map<string, Tie[]>();
  for (const seen of sightings)
    seen.forEach((a, i) => {
      for (const b of seen.slice(i + 1)) {
        if (!isTied(a.stop, b.stop)) continue;
        const key = `${a.stop},${b.stop}`;
        const ties = byPair.get(key) ?? [];
        byPair.set(key, ties);
        if (ties.length < MOST_TIES)
          ties.push({ stopA: a.stop, stopB: b.stop, ax: a.x, ay: a.y, bx: b.x, by: b.y });
      }
    });
  return [...byPair.values()].flat();
};

const FIRST_ENCODERS: EncoderSigma = {
  panRad: radFromDeg(0.05),
  tiltRad: radFromDeg(0.05),
  playRad: radFromDeg(0.02),
};

/** Landmarks as a geometry has them: the mean of where their sightings look. */
export const landmarksOf = (
  sightings: readonly (readonly Sighting[])[],
  rotations: readonly Mat3[],
  lensOf: (stop: number) => Lens,
): { readonly landmarks: Landmarks; readonly landmarkOf: Int32Array } => {
  const landmarkOf = new Int32Array(sightings.length).fill(-1);
  const seen = sightings.flatMap((each, point) => (each.length === 0 ? [] : [{ each, point }]));
  seen.forEach(({ point }, landmark) => (landmarkOf[point] = landmark));
  const firstStop = [0];
  for (const { each } of seen) firstStop.push(firstStop.at(-1)! + each.length);
  const bearings = seen.flatMap(({ each }) => {
    const sum = [0, 0, 0];
    for (const { stop, x, y } of each)
      rotate(rotations[stop]!, bearingFromPixel(lensOf(stop), x, y)).forEach((v, i) => (sum[i]! += v));
    return normalize(sum as unknown as Vec3);
  });
  return {
    landmarkOf,
    landmarks: {
      bearings: Float64Array.from(bearings),
      landmarkOf: Int32Array.from(seen, (_, i) => i),
      sightings: Uint8Array.from(seen, ({ each }) => each.length),
      sizesRad: new Float32Array(seen.length).fill(0.01),
      descriptors: new Uint32Array(0),
      firstStop: Int32Array.from(firstStop),
      stopsOf: Uint16Array.from(seen.flatMap(({ each }) => each.map(({ stop }) => stop))),
    },
  };
};

const NO_REPORT: ReferenceReport = {
  ...{ usable: true, faults: [], stops: [], landmarks: 0, coverage: 0, coverage_rows: [], residualPx: null },
  ...{ lens: [], lens_found: null, advice: [], coverage_sigma_deg: [] },
  head: { terms: {}, sigma: {}, encoders: { pan: 0, tilt: 0, play: 0 } },
};

export const makeScan = (made: ScanMade): MadeScan => {
  const { camera, stops, seed, noisePx = NOISE_PX, zoomed = [], isTied = () => true } = made;
  const random = seededRandom(seed);
  const gauss = gaussOf(random);
  const points = pointsOf(made.points ?? 5000, random);
  const { pan, tilt, play } = made.encodersDeg ?? { pan: 0, tilt: 0, play: 0 };
  const levels = [{ zoom: 1, lens: camera.lens }, ...zoomed];
  const lensOf = stops.map(({ level = 0 }) => level);
  const truth: ScanGeometry = {
    head: camera.head,
    own: stops.map((): Vec3 => {
      const own = [pan, tilt, play].map((deg) => radFromDeg(deg) * gauss());
      return [own[0]!, own[1]!, own[2]!];
    }),
    lenses: levels.map(({ lens }) => lens),
  };
  const at = stops.map(panTiltOf);
  const looking = at.map((each, stop) => transpose(attitudeAtStop(camera.head, each, truth.own[stop]!)));
  const sightings = points.map((point) =>
    looking.flatMap((bodyFromMount, stop): Sighting[] => {
      const pixel = pixelIn(levels[lensOf[stop]!]!.lens, rotate(bodyFromMount, point));
      return pixel === null
        ? []
        : [{ stop, x: pixel[0] + noisePx * gauss(), y: pixel[1] + noisePx * gauss() }];
    }),
  );
  const firstLens = (lens: Lens): Lens =>
    made.isLensGiven
      ? { ...lens, centreX: LENS.centreX, centreY: LENS.centreY }
      : { focalPx: 1.015 * lens.focalPx, k1: 0, k2: 0, centreX: LENS.centreX, centreY: LENS.centreY };
  const problem: BundleProblem = {
    ...{ stops: at, lensOf, encoders: FIRST_ENCODERS, widthPx: WIDTH, heightPx: HEIGHT },
    start: {
      head: IDEAL_HEAD,
      own: stops.map((): Vec3 => [0, 0, 0]),
      lenses: levels.map(({ lens }) => firstLens(lens)),
    },
    terms: ORDINARY_TERMS,
    lensParameters: made.isLensGiven ? ['centreX', 'centreY'] : LENS_PARAMETERS,
    ties: tiesOf(sightings, isTied),
    ...made.changes,
  };
  const solution = adjustBundle(problem);
  const { landmarks, landmarkOf } = landmarksOf(
    sightings,
    solution.rotations,
    (stop) => solution.geometry.lenses[lensOf[stop]!]!,
  );
  const zooms = levels.map(({ zoom }) => ({ zoom }));
  const reference: Reference = {
    ...{ widthPx: WIDTH, heightPx: HEIGHT, landmarks, links: [], lensGiven: made.isLensGiven === true },
    stops: stops.map((stop, i) => ({
      ...{ file: `${i}.jpg`, panDeg: stop.panDeg, tiltDeg: stop.tiltDeg, zoom: levels[lensOf[i]!]!.zoom },
      ...{ at: panTiltOf(stop), mountFromBody: solution.rotations[i]! },
    })),
    levels: levels.map(({ zoom }, i) => levelOf(zoom, solution.geometry.lenses[i]!, WIDTH, HEIGHT)),
    head: solution.geometry.head,
    encoders: stops.length === 1 ? EXACT_ENCODERS : solution.encoders,
    posterior: { layout: solution.layout, covariance: solution.covariance, zooms },
    mask: { ...emptyMask(WIDTH, HEIGHT), learned: true },
    report: NO_REPORT,
  };
  return { made, points, sightings, problem, solution, truth, reference, landmarkOf };
};

export interface QueryMade extends Happened {
  readonly panDeg: number;
  readonly tiltDeg: number;
  readonly zoom?: number;
  /** Of a camera at another zoom than 1. */
  readonly lens?: Lens;
  readonly seed: number;
  readonly noisePx?: number;
}

const FOCAL_PRIOR = 0.004;

/** What a capture tells of the mount, solved with the head and the lens that the scan found. */
export const captureTurn = (
  { made, points, reference, landmarkOf }: MadeScan,
  { panDeg, tiltDeg, zoom = 1, lens, seed, noisePx = made.noisePx ?? NOISE_PX, ...happened }: QueryMade,
): CaptureTurn => {
  const gauss = gaussOf(seededRandom(seed));
  const camera = { ...made.camera, ...(lens && { lens }) };
  const { truth } = lookOf(camera, panDeg, tiltDeg, happened);
  const bodyFromMount = transpose(truth!);
  const { landmarks, head, levels } = reference;
  const observations = points.flatMap((point, i): Observation[] => {
    const landmarkId = landmarkOf[i]!;
    const pixel = landmarkId < 0 ? null : pixelIn(camera.lens, rotate(bodyFromMount, point));
    if (pixel === null) return [];
    const [x, y, z] = landmarks.bearings.subarray(3 * landmarkId, 3 * landmarkId + 3);
    return [
      {
        ...{ x: pixel[0] + noisePx * gauss(), y: pixel[1] + noisePx * gauss(), landmarkId },
        landmark: [x!, y!, z!],
        spread: Math.sqrt(1 + 1 / landmarks.sightings[landmarkId]!),
      },
    ];
  });
  const at = panTiltOf({ panDeg, tiltDeg });
  const capture = {
    ...{ at, zoom, claimed: attitudeOf(head, at) },
    lens: lensAtZoom(levels, zoom, WIDTH, HEIGHT),
  };
  const size = { widthPx: WIDTH, heightPx: HEIGHT };
  const refined = refineRotation(
    { observations, capture, ...size, focalPrior: FOCAL_PRIOR },
    happened.turn ?? identity(),
  );
  return { capture, refined, observations };
};
