import { describe, expect, it } from '@jest/globals';
import { radFromDeg } from '../../../src/geometry/angles.js';
import { fromEuler, identity, type Vec3 } from '../../../src/geometry/rotation.js';
import {
  encoderCovariance,
  encoderFault,
  encoderNoise,
  type EncoderSigma,
} from '../../../src/solve/head/encoder-noise.js';
import { IDEAL_HEAD } from '../../../src/solve/head/pointing-model.js';
import {
  captureOf,
  scanOf,
  seeFeatures,
  settingOf,
  slippedLook,
  solve,
  turnedLook,
  turnOf,
} from '../../support/synthetic-scan.js';

const ASSUMED: EncoderSigma = { panRad: 0.001, tiltRad: 0.001, playRad: 0.0005 };

/** A covariance of stops' own errors alone: so much of what was assumed is left of each. */
const leaving = (shares: readonly number[]): Float64Array => {
  const size = 3 * shares.length;
  const assumed = [ASSUMED.panRad, ASSUMED.tiltRad, ASSUMED.playRad];
  return Float64Array.from({ length: size * size }, (_, at) => {
    const row = Math.floor(at / size);
    return at % size === row ? shares[Math.floor(row / 3)]! * assumed[row % 3]! ** 2 : 0;
  });
};

describe('the encoders’ noise', () => {
  const own = Array.from({ length: 20 }, (_, i): Vec3 => [
    i % 2 ? 0.0006 : -0.0006,
    i % 2 ? -0.0002 : 0.0002,
    1e-6,
  ]);

  it('is the spread of what every stop errs by where ties hold it', () => {
    const noise = encoderNoise(own, leaving(own.map(() => 0)), 60, ASSUMED);
    expect(noise.panRad / 0.0006).toBeCloseTo(1, 1);
    expect(noise.tiltRad / 0.0002).toBeCloseTo(1, 1);
  });

  it('counts what a stop shows, not what nothing ties', () => {
    // Half of the stops are free: they show nothing, and their errors are none.
    const half = own.map((error, i): Vec3 => (i < 10 ? error : [0, 0, 0]));
    const noise = encoderNoise(half, leaving(half.map((_, i) => (i < 10 ? 0 : 1))), 60, ASSUMED);
    expect(noise.panRad / 0.0006).toBeCloseTo(1, 1);
  });

  it('is seen in what differs between stops that nothing ties to the others', () => {
    // Each of the pairs shows the difference of its two errors, and nothing of their sum.
    const differences = [0.001, -0.0007, 0.0004, -0.001, 0.0008, 0.0009, -0.0002, 0.0011];
    const pairs = differences.flatMap((d): Vec3[] => [
      [d / 2, 0, 0],
      [-d / 2, 0, 0],
    ]);
    const size = 3 * pairs.length;
    const covariance = leaving(pairs.map(() => 0.5));
    for (let stop = 0; stop < pairs.length; stop += 2) {
      for (const axis of [0, 1, 2]) {
        const [a, b] = [3 * stop + axis, 3 * stop + 3 + axis];
        covariance[a * size + b] = covariance[b * size + a] = covariance[a * size + a]!;
      }
    }
    const rms = Math.sqrt(differences.reduce((sum, d) => sum + d ** 2, 0) / (2 * differences.length));
    expect(encoderNoise(pairs, covariance, size, ASSUMED).panRad / rms).toBeCloseTo(1, 1);
  });

  it('is expected to be larger the fewer errors tell it', () => {
    const of = (stops: number): number => {
      const errors = Array.from({ length: stops }, (_, i): Vec3 => [i % 2 ? 0.0003 : -0.0003, 0, 0]);
      return encoderNoise(errors, leaving(errors.map(() => 0)), 3 * stops, ASSUMED).panRad;
    };
    expect(of(2)).toBeGreaterThan(of(8));
    expect(of(8)).toBeGreaterThan(of(40));
    expect(of(40) / 0.0003).toBeCloseTo(1, 1);
  });

  it('is that of an ordinary head where nothing shows any, and next to none of a camera that was never turned', () => {
    const untied = [0, 1].map((): Vec3 => [0, 0, 0]);
    const noise = encoderNoise(untied, leaving([1, 1]), 6, ASSUMED);
    for (const sigma of Object.values(noise)) {
      expect(sigma).toBeGreaterThan(radFromDeg(0.01));
      expect(sigma).toBeLessThan(radFromDeg(0.02));
    }
    expect(encoderNoise([[0, 0, 0]], leaving([1]), 3, ASSUMED).panRad).toBeCloseTo(radFromDeg(0.0005), 9);
  });

  it('is never none, and never more than half a degree', () => {
    const still = own.map((): Vec3 => [0, 0, 0]);
    const least = encoderNoise(still, leaving(still.map(() => 0)), 60, ASSUMED).panRad;
    expect(least).toBeGreaterThanOrEqual(radFromDeg(0.0005));
    expect(least).toBeLessThan(radFromDeg(0.0007));
    const wild = own.map((): Vec3 => [0.2, 0, 0]);
    const most = encoderNoise(wild, leaving(wild.map(() => 0)), 60, ASSUMED).panRad;
    expect(most).toBeGreaterThan(radFromDeg(0.49));
    expect(most).toBeLessThanOrEqual(radFromDeg(0.5));
  });
});

describe('the encoders’ noise at one capture', () => {
  const encoders: EncoderSigma = { panRad: 0.002, tiltRad: 0.001, playRad: 0.0005 };
  const sigmaAt = (panDeg: number, tiltDeg = 0, turn = identity()): number[] => {
    const at = { panRad: radFromDeg(panDeg), tiltRad: radFromDeg(tiltDeg) };
    const covariance = encoderCovariance(encoders, IDEAL_HEAD, at, turn);
    return [0, 4, 8].map((i) => Number(Math.sqrt(covariance[i]!).toFixed(9)));
  };

  it('goes into yaw, about its own tilt axis into pitch and roll, and as play about what is across', () => {
    expect(sigmaAt(0)).toEqual([0.0005, 0.001, 0.002]);
    expect(sigmaAt(90)).toEqual([0.001, 0.0005, 0.002]);
  });

  it('lies in the plane of the pan circle whatever the tilt', () => {
    expect(sigmaAt(0, 60)).toEqual(sigmaAt(0));
  });

  it('turns with a mount that leans', () => {
    expect(sigmaAt(0, 0, fromEuler(0, Math.PI / 2, 0))).toEqual([0.002, 0.001, 0.0005]);
  });

  it('is positive and symmetric everywhere', () => {
    const at = { panRad: 0.7, tiltRad: -0.4 };
    const head = { ...IDEAL_HEAD, tiltAxis: 0.02 };
    const covariance = encoderCovariance(encoders, head, at, fromEuler(0.1, 0.2, 0.3));
    for (const [i, j] of [[1, 3], [2, 6], [5, 7]] as const) expect(covariance[i]).toBeCloseTo(covariance[j]!, 15); // prettier-ignore
    const trace = covariance[0]! + covariance[4]! + covariance[8]!;
    expect(trace).toBeCloseTo(0.002 ** 2 + 0.001 ** 2 + 0.0005 ** 2, 12);
  });
});

describe('a scan is refused for its encoders', () => {
  it.each(['panRad', 'tiltRad', 'playRad'] as const)('where %s scatters too much, and says by how much', (axis) => {
    const calm = { panRad: 0.0001, tiltRad: 0.0001, playRad: 0.0001 };
    expect(encoderFault(calm)).toBeNull();
    expect(encoderFault({ ...calm, [axis]: radFromDeg(0.2) })).toMatch(/by 0\.20° \(one standard error\)/);
  }); // prettier-ignore
});

describe('a scan whose encoders scatter', () => {
  const pans = Array.from({ length: 12 }, (_, i) => i * 30 - 180);
  const slips = [0.03, -0.05, 0.02, 0.04, -0.01, -0.04, 0.05, -0.02, 0.01, -0.03, 0.02, -0.02];

  it('gives its answers that much less certainty', () => {
    const scan = scanOf(pans.map((pan, i) => slippedLook(pan, -4, { pan: slips[i]! })));
    const setting = settingOf(scan);
    expect(setting.reference.report).toMatchObject({ usable: true, faults: [] });
    // At the tilt of the scan's row: a degree beside it, what one row cannot tell of the head goes into the roll.
    const { sigma } = solve(setting, [captureOf(turnedLook(14, -4, turnOf(0.4, 0, 0)))]);
    // The scatter above, about its mean, has a standard deviation of 0.032°.
    expect(sigma!.yaw).toBeGreaterThan(0.025);
    expect(sigma!.yaw).toBeLessThan(0.05);
    expect(sigma!.roll).toBeLessThan(0.01);
  });

  /** Four looks, each read as wrongly as the scan's were; the head stands `tilt` off what it says. */
  const looksWith = (tilt: number) =>
    [-150, -60, 20, 110].map((pan, i) =>
      slippedLook(pan, -4, { pan: slips[i]!, tilt: tilt + slips[i + 4]! }),
    );
  const noisy = scanOf(
    pans.map((pan, i) => slippedLook(pan, -4, { pan: slips[i]!, tilt: slips[(i + 5) % 12]! })),
  );

  it('does not make captures disagree that are read as wrongly, and a slip of the tilt encoder is still one', () => {
    const setting = settingOf(noisy);
    const answerTo = (tilt: number) => {
      const captures = looksWith(tilt).map((look, i) => captureOf(look, seeFeatures(look, 70 + i)));
      return solve(setting, captures);
    };
    expect(answerTo(0)).toMatchObject({ verdict: 'ok', cause: 'none' });
    const slipped = answerTo(0.8);
    expect(slipped).toMatchObject({ verdict: 'drifted', cause: 'tilt_slip', failure_log: null });
    expect(slipped.pitch_offset).toBeCloseTo(0.8, 1);
  });

  it('because the mount moved meanwhile is no reference, and answers against it are refused', () => {
    const lean = turnOf(0.3, -0.25, 0.87);
    const looks = pans.map((pan, i) => (i < 4 ? { panDeg: pan, tiltDeg: -4 } : turnedLook(pan, -4, lean)));
    const setting = settingOf(scanOf(looks));
    const { usable, faults } = setting.reference.report;
    expect(usable).toBe(false);
    expect(faults[0]).toMatch(/^The pictures turn otherwise than the telemetry says, by 0\.\d\d°/);
    const answer = solve(setting, [captureOf(turnedLook(14, -3, lean))]);
    expect(answer).toMatchObject({ success: false, yaw_offset: null });
    expect(answer.failure_log).toMatch(/^too uncertain/);
  });
});
