import { describe, expect, it } from '@jest/globals';
import { radFromDeg } from '../../src/geometry/angles.js';
import { fromPanTilt } from '../../src/geometry/rotation.js';
import {
  captureOf,
  scanOf,
  seeFeatures,
  settingOf,
  slippedLook,
  solve,
  turnedLook,
  turnOf,
} from '../support/synthetic-scan.js';
import { encoderSigmaOf, encoderSigmaOfQuery } from '../../src/solve/encoder-noise.js';

const at = (panDeg: number) => fromPanTilt(radFromDeg(panDeg), radFromDeg(-8));

describe('the encoders’ noise', () => {
  it('is what the scan’s frame lost by averaging over its stops', () => {
    const { panRad, tiltRad } = encoderSigmaOf([0.0003, 0.0004, 0.001], 36);
    expect(panRad).toBeCloseTo(0.006, 12);
    expect(tiltRad).toBeCloseTo(0.003, 12);
  });

  it('at one capture goes into yaw, and about its own tilt axis into pitch and roll', () => {
    const encoders = { panRad: 0.002, tiltRad: 0.001 };
    const [x, y, z] = encoderSigmaOfQuery(encoders, [at(0)]);
    expect([x, y, z].map((value) => Number(value.toFixed(9)))).toEqual([0, 0.001, 0.002]);
    const aside = encoderSigmaOfQuery(encoders, [at(90)]);
    expect(aside[0]).toBeCloseTo(0.001, 12);
    expect(aside[1]).toBeCloseTo(0, 12);
  });

  it('averages over captures', () => {
    const [x, y, z] = encoderSigmaOfQuery({ panRad: 0.002, tiltRad: 0.001 }, [
      at(0),
      at(90),
      at(180),
      at(270),
    ]);
    expect(z).toBeCloseTo(0.001, 12);
    expect(Math.hypot(x, y)).toBeCloseTo(0.0005, 12);
  });
});

describe('a scan whose encoders scatter', () => {
  const pans = Array.from({ length: 12 }, (_, i) => i * 30 - 180);
  const slips = [0.03, -0.05, 0.02, 0.04, -0.01, -0.04, 0.05, -0.02, 0.01, -0.03, 0.02, -0.02];

  it('gives its answers that much less certainty', () => {
    const scan = scanOf(pans.map((pan, i) => slippedLook(pan, -4, { pan: slips[i]! })));
    const setting = settingOf(scan);
    expect(setting.reference.report).toMatchObject({ usable: true, faults: [] });
    const { sigma } = solve(setting, [captureOf(turnedLook(14, -3, turnOf(0.4, 0, 0)))]);
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
