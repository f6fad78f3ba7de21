import { beforeAll, describe, expect, it } from '@jest/globals';
import { radFromDeg } from '../../../src/geometry/angles.js';
import { centredLens, focalFromHfov, type Lens } from '../../../src/geometry/lens.js';
import { seededRandom } from '../../../src/geometry/random.js';
import type { Vec3 } from '../../../src/geometry/rotation.js';
import { attitudeOf, type HeadTerms, IDEAL_HEAD } from '../../../src/solve/head/pointing-model.js';
import { type FrameFeatures, selectFeatures } from '../../../src/solve/model/frame-features.js';
import { DESCRIPTOR_WORDS } from '../../../src/solve/model/hamming.js';
import { doubtTelemetry } from '../../../src/solve/telemetry/doubt.js';
import { LENS, otherWorld, seeFeatures, type World } from '../../support/synthetic-scan.js';

type Stop = readonly [panDeg: number, tiltDeg: number];

const row = (pans: readonly number[], tiltDeg: number): Stop[] => pans.map((panDeg) => [panDeg, tiltDeg]);
const circle = (count: number, turnedDeg = 0): number[] =>
  Array.from({ length: count }, (_, i) => (i * 360) / count - 180 + turnedDeg);
const SECTOR = [-10, 10, 30, 50, 70];

const SCANS = {
  '36 stops in three rows': [...row(circle(12), -24), ...row(circle(12, 15), -4), ...row(circle(12), 16)],
  '12 stops in one row': row(circle(12), -12),
  '10 stops in two rows of a sector': [...row(SECTOR, -16), ...row(SECTOR, -2)],
  '5 stops in one row of a sector': row(SECTOR, -12),
} as const;
type ScanName = keyof typeof SCANS;
const NAMES = Object.keys(SCANS) as ScanName[];

const noiseOf = (seed: number): (() => number) => {
  const random = seededRandom(seed);
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
};

/** A head as cameras have them: some tenths of a degree of every error. */
const ordinaryHead = (seed: number): HeadTerms => {
  const gauss = noiseOf(seed);
  const about = (spreadDeg: number): number => radFromDeg(spreadDeg * gauss());
  return {
    ...IDEAL_HEAD,
    tiltAxis: about(0.3),
    tiltZero: about(0.5),
    collimation: about(0.4),
    roll: about(0.5),
    panGain: 0.002 * gauss(),
    tiltGain: 0.002 * gauss(),
  };
};

interface Camera {
  readonly head?: HeadTerms;
  readonly noiseDeg?: number;
  readonly lens?: Lens;
  readonly world?: World;
}

/** What a camera sees at its true stops. */
const seeAll = (stops: readonly Stop[], seed: number, camera: Camera = {}): FrameFeatures[] => {
  const { head = ordinaryHead(seed), noiseDeg = 0.02, lens = LENS, world } = camera;
  const gauss = noiseOf(seed + 1);
  return stops.map(([panDeg, tiltDeg], i) => {
    const at = {
      panRad: radFromDeg(panDeg + noiseDeg * gauss()),
      tiltRad: radFromDeg(tiltDeg + noiseDeg * gauss()),
    };
    const look = { panDeg, tiltDeg, lens, truth: attitudeOf(head, at) };
    return seeFeatures(look, 1000 * seed + i, world);
  });
};

const doubt = (stops: readonly Stop[], features: readonly FrameFeatures[], lens: Lens | null = null) =>
  doubtTelemetry({
    stops: stops.map(([panDeg, tiltDeg], i) => ({ file: `${i}.jpg`, panDeg, tiltDeg, zoom: 1 })),
    features,
    lenses: stops.map(() => lens),
  });

const scaled =
  (pan: number, tilt: number) =>
  ([panDeg, tiltDeg]: Stop): Stop => [panDeg * pan, tiltDeg * tilt];
const DEG = 180 / Math.PI;

/** What bad telemetry makes of the true angles, and what must be said of it. */
const BAD: Record<string, { readonly of: (stop: Stop) => Stop; readonly told: RegExp }> = {
  'pan counts backwards': {
    of: scaled(-1, 1),
    told: /^The pictures turn left where the telemetry says right\. Set telemetry\.pan\.sign: -1 \(1 where it is -1\), turn ptz\.pan_sign round with it\.$/,
  },
  'tilt counts backwards': {
    of: scaled(1, -1),
    told: /^The pictures turn down where the telemetry says up\. Set telemetry\.tilt\.sign: -1 /,
  },
  'both count backwards': {
    of: scaled(-1, -1),
    told: /^The pictures turn left and down where .* right and up\. Set telemetry\.pan\.sign: -1 .* and telemetry\.tilt\.sign: -1 /,
  },
  'pan and tilt are exchanged': {
    of: ([panDeg, tiltDeg]) => [tiltDeg, panDeg],
    told: /^The pictures turn up and down where .* left and right\. Exchange telemetry\.pan\.path and telemetry\.tilt\.path\.$/,
  },
  'they are exchanged, and one counts backwards': {
    of: ([panDeg, tiltDeg]) => [tiltDeg, -panDeg],
    told: /Exchange telemetry\.pan\.path and telemetry\.tilt\.path, set telemetry\.pan\.sign: -1/,
  },
  'half of every angle is given': {
    of: scaled(0.5, 0.5),
    told: /about 2\.0 times as far.*\. Correct unit and range of telemetry\.pan/,
  },
  'twice every angle is given': {
    of: scaled(2, 2),
    told: /about 0\.(49|50?|51) times as far.*\. Correct unit and range of telemetry\.pan/,
  },
  'radians are given': {
    of: scaled(1 / DEG, 1 / DEG),
    told: /about (5[4-9]|6[01]) times as far.*\. Set telemetry\.pan\.unit: rad\b/,
  },
  'numbers from -1 to 1 are given': {
    of: scaled(1 / 180, 1 / 90),
    told: /Set telemetry\.pan\.unit: normalized with telemetry\.pan\.range: \[-1[789]\d, 1[789]\d\]/,
  },
  'radians are given for pan, which counts backwards': {
    of: scaled(-1 / DEG, 1),
    told: /^The pictures turn left where .* right, and about \d\d times as far in pan\. Set telemetry\.pan\.sign: -1 .* and telemetry\.pan\.unit: rad/,
  },
};

describe.each(NAMES)('telemetry of a scan of %s', (name) => {
  const stops = SCANS[name];
  let features: FrameFeatures[] = [];
  beforeAll(() => {
    features = seeAll(stops, 7);
  });

  it('is not doubted when it is right', () => {
    expect(doubt(stops, features)).toBeNull();
    expect(doubt(stops, features, LENS)).toBeNull();
  });

  it.each(Object.entries(BAD))('is told with the setting to change: %s', (_, { of, told }) => {
    expect(doubt(stops.map(of), features)).toMatch(told);
    expect(doubt(stops.map(of), features, LENS)).toMatch(told);
  });

  it('is told to be of another camera when its pictures stay the same', () => {
    const still = seeAll(
      stops.map(() => [20, -5]),
      3,
    );
    expect(doubt(stops, still)).toMatch(
      /^The pictures stay the same while the telemetry turns\. Check that rtsp/,
    );
  });

  it('is not doubted when 40 % of the pictures are blank or of another place', () => {
    const foreign = seeAll(stops, 5, { world: otherWorld() });
    const blank = features.map((stop) => selectFeatures(stop, () => false));
    for (const instead of [foreign, blank]) {
      const random = seededRandom(4);
      const poor = features.map((stop, i) => (random() < 0.4 ? instead[i]! : stop));
      expect(doubt(stops, poor)).toBeNull();
      expect(doubt(stops, poor, LENS)).toBeNull();
    }
  });
});

/** Two lines of letters, at the top and at the bottom. */
const burntIn = (): FrameFeatures => {
  const random = seededRandom(77);
  const count = 120;
  return {
    count,
    x: Float32Array.from({ length: count }, () => 640 * random()),
    y: Float32Array.from({ length: count }, (_, i) => (i % 2 ? 12 : 345) + 4 * random()),
    size: new Float32Array(count).fill(8),
    response: new Float32Array(count).fill(2),
    descriptors: Uint32Array.from({ length: count * DESCRIPTOR_WORDS }, () => random() * 2 ** 32),
    ...{ widthPx: 640, heightPx: 360, light: { meanLevel: 120, contrast: 50, sharpness: 1 } },
  };
};

const joined = (a: FrameFeatures, b: FrameFeatures): FrameFeatures => ({
  ...a,
  count: a.count + b.count,
  x: Float32Array.of(...a.x, ...b.x),
  y: Float32Array.of(...a.y, ...b.y),
  size: Float32Array.of(...a.size, ...b.size),
  response: Float32Array.of(...a.response, ...b.response),
  descriptors: Uint32Array.of(...a.descriptors, ...b.descriptors),
});

describe('right telemetry', () => {
  const seeds = Array.from({ length: 50 }, (_, i) => 100 + i);
  const tens = [0, 10, 20, 30, 40].map((from) => seeds.slice(from, from + 10));

  it.each(tens)(
    'is not doubted with an ordinary head, noisy encoders and wrong gains: %i and nine more',
    (...ten) => {
      for (const seed of ten) {
        const stops = SCANS[NAMES[seed % 10 === 0 ? 1 : 2 + (seed % 2)]!];
        const head = { ...ordinaryHead(seed), panGain: 0.005, tiltGain: -0.005 };
        const lens = { ...LENS, centreX: LENS.centreX + 12, centreY: LENS.centreY - 8 };
        const features = seeAll(stops, seed, { head, lens, noiseDeg: 0.1 });
        expect({ seed, said: doubt(stops, features, seed % 4 < 2 ? LENS : null) }).toEqual({
          seed,
          said: null,
        });
      }
    },
  );

  it('is not doubted for letters that are burnt in, not even where fog hides all else', () => {
    const stops = SCANS['5 stops in one row of a sector'];
    const lines = burntIn();
    const seen = seeAll(stops, 9);
    expect(
      doubt(
        stops,
        seen.map((stop) => joined(stop, lines)),
      ),
    ).toBeNull();
    expect(
      doubt(
        stops,
        stops.map(() => lines),
      ),
    ).toBeNull();
    expect(
      doubt(
        stops.map(scaled(-1, 1)),
        seen.map((stop) => joined(stop, lines)),
      ),
    ).toMatch(/telemetry\.pan\.sign/);
  });

  it('is not blamed for a lens that is given wrong', () => {
    const stops = SCANS['12 stops in one row'];
    const features = seeAll(stops, 8);
    for (const share of [0.6, 0.75, 1.3, 1.6]) {
      const lens = { ...LENS, focalPx: LENS.focalPx * share };
      expect(doubt(stops, features, lens)).toBeNull();
      expect(doubt(stops.map(scaled(-1, 1)), features, lens)).toMatch(
        /^The pictures turn left .*telemetry\.pan\.sign/,
      );
    }
  });
});

/** A band of points along the horizon, for narrow views. */
const band = (): World => {
  const random = seededRandom(31);
  const points = Array.from({ length: 9000 }, (): Vec3 => {
    const [azimuth, z] = [2 * Math.PI * random(), -0.15 + 0.3 * random()];
    const ring = Math.sqrt(1 - z * z);
    return [ring * Math.cos(azimuth), ring * Math.sin(azimuth), z];
  });
  const words = Uint32Array.from({ length: points.length * DESCRIPTOR_WORDS }, () => random() * 2 ** 32);
  return { points, words };
};

describe('what a scan cannot tell', () => {
  const lensOf = (hfovDeg: number): Lens =>
    centredLens(focalFromHfov(radFromDeg(hfovDeg), 640), 0, 0, 640, 360);
  const narrow = lensOf(20);

  it('is not told: the sign of the tilt, where all stops are at tilt 0', () => {
    const stops = row(circle(12), 0);
    const features = seeAll(stops, 11);
    expect(doubt(stops.map(scaled(1, -1)), features)).toBeNull();
    // Of both only one shows.
    expect(doubt(stops.map(scaled(-1, -1)), features)).toMatch(
      /Set telemetry\.pan\.sign: -1 \(1 where it is -1\), turn/,
    );
  });

  it('is told by two stops, where they share much', () => {
    const stops = row([10, 25], -5);
    const features = seeAll(stops, 19);
    expect(doubt(stops, features)).toBeNull();
    expect(doubt(stops.map(scaled(-1, 1)), features)).toMatch(/Set telemetry\.pan\.sign: -1/);
  });

  it('is not told by one stop, nor by two that share nothing', () => {
    const stops: Stop[] = [
      [0, -5],
      [120, -5],
    ];
    const features = seeAll(stops, 12);
    expect(doubt([[0, 5]], features.slice(0, 1), LENS)).toBeNull();
    expect(doubt(stops.map(scaled(-1, 1)), features, LENS)).toBeNull();
  });

  it('is not told by a narrow view of an unknown lens: half of every angle looks like a longer lens', () => {
    const stops = row([0, 10, 20, 30, 40], -3);
    const features = seeAll(stops, 13, { lens: narrow, world: band() });
    const half = stops.map(scaled(0.5, 0.5));
    expect(doubt(stops, features)).toBeNull();
    expect(doubt(half, features)).toBeNull();
    expect(doubt(half, features, narrow)).toMatch(
      /^Under the lens in devices.yaml the pictures turn about 2\.0 times as far in pan .* or else correct lens\.$/,
    );
    expect(doubt(stops.map(scaled(1 / DEG, 1 / DEG)), features)).toMatch(
      /^The pictures turn much farther than the telemetry says\. Set telemetry\.pan\.unit: rad/,
    );
  });

  it('is told by pictures that meet all around', () => {
    const stops = row(circle(36), -3);
    const features = seeAll(stops, 14, { lens: lensOf(30), world: band() });
    expect(doubt(stops, features)).toBeNull();
    expect(doubt(stops.map(scaled(0.5, 0.5)), features)).toMatch(/about 2\.0 times as far/);
  });
});

describe('a scan of many stops', () => {
  it('is asked for some of them, which tell as much', () => {
    const lens = centredLens(focalFromHfov(radFromDeg(30), 640), 0, 0, 640, 360);
    const stops = [...row(circle(48), -4), ...row(circle(48, 4), 4)];
    const features = seeAll(stops, 16, { lens, world: band() });
    expect(doubt(stops, features)).toBeNull();
    expect(doubt(stops.map(scaled(-1, 1)), features)).toMatch(/Set telemetry\.pan\.sign: -1/);
    expect(doubt(stops.map(scaled(1 / DEG, 1 / DEG)), features, lens)).toMatch(/telemetry\.pan\.unit: rad/);
  });

  it('is asked for those of the widest zoom', () => {
    const stops = SCANS['12 stops in one row'];
    const near = { ...LENS, focalPx: 2 * LENS.focalPx };
    const features = [...seeAll(stops, 17), ...seeAll(stops, 18, { lens: near })];
    const told = [1, 2].flatMap((zoom) =>
      stops.map(([panDeg, tiltDeg], i) => ({ file: `${zoom} ${i}.jpg`, panDeg, tiltDeg, zoom })),
    );
    const turned = told.map((stop) => ({ ...stop, panDeg: -stop.panDeg }));
    for (const lenses of [told.map(() => null), told.map(({ zoom }) => (zoom === 1 ? LENS : near))]) {
      expect(doubtTelemetry({ stops: told, features, lenses })).toBeNull();
      expect(doubtTelemetry({ stops: turned, features, lenses })).toMatch(/Set telemetry\.pan\.sign: -1/);
    }
  });
});

describe('pictures of another camera that turns on its own', () => {
  it('are told to be of another camera', () => {
    const random = seededRandom(21);
    const elsewhere = row(circle(24), -8).sort(() => random() - 0.5);
    const features = seeAll(elsewhere, 15);
    expect(doubt(row(circle(24), -8), features)).toMatch(/^The pictures turn otherwise .* Check that rtsp/);
  });
});
