import { describe, expect, it } from '@jest/globals';
import { degFromRad, radFromDeg } from '../../src/geometry/angles.js';
import { angleBetween, fromEuler, multiply, transpose } from '../../src/geometry/rotation.js';
import { panTiltOf } from '../../src/solve/scan/build-reference.js';
import type { SolveAnswer } from '../../src/solve/model/answer.js';
import { selectFeatures, type FrameFeatures } from '../../src/solve/model/frame-features.js';
import {
  captureOf, HEAD, LENS, lookOf, otherWorld, scanOf, seeFeatures, settingOf, slippedLook, solve, turnedLook, turnOf,
} from '../support/synthetic-scan.js'; // prettier-ignore

const scan = scanOf();
const setting = settingOf(scan);
type Answer = Omit<SolveAnswer, 'solve_ms'>;

const rotationOf = (answer: Answer) =>
  fromEuler(
    radFromDeg(answer.yaw_offset!),
    radFromDeg(answer.pitch_offset!),
    radFromDeg(answer.roll_offset!),
  );
const apartDeg = (a: Answer, b: Answer): number => degFromRad(angleBetween(rotationOf(a), rotationOf(b)));

const reversed = (features: FrameFeatures): FrameFeatures => {
  const last = features.count - 1;
  const backwards = <T extends Float32Array>(values: T): Float32Array =>
    Float32Array.from(values, (_, i) => values[last - i]!);
  const descriptors = features.descriptors.map(
    (_, at) => features.descriptors[(last - (at >> 4)) * 16 + (at & 15)]!,
  );
  return {
    ...features,
    x: backwards(features.x),
    y: backwards(features.y),
    size: backwards(features.size),
    response: backwards(features.response),
    descriptors,
  };
};

describe('the answer', () => {
  const turn = turnOf(0.8, -0.5, 1.1);
  const look = turnedLook(25, -3, turn);
  const answer = solve(setting, [captureOf(look)]);

  it('is the turn of the mount', () => {
    expect(answer.failure_log).toBeNull();
    expect(degFromRad(angleBetween(rotationOf(answer), turn))).toBeLessThan(0.02);
    expect(answer.cause).toBe('mount_rotation');
    expect(answer.inliers).toBeLessThanOrEqual(answer.matches);
  });

  it('changes with whole turns of pan by no more than the head is found to count too much', () => {
    const { panGain } = setting.reference.head;
    const more = solve(setting, [{ ...captureOf(look), at: panTiltOf({ panDeg: 25 + 720, tiltDeg: -3 }) }]);
    expect(apartDeg(more, answer)).toBeLessThan(720 * Math.abs(panGain) + 1e-5);
    expect(720 * Math.abs(panGain)).toBeLessThan(0.02);
  });

  it('does not change with the order of features', () => {
    const other = solve(setting, [captureOf(look, reversed(seeFeatures(look, 9)))]);
    expect(apartDeg(other, answer)).toBeLessThan(1e-3);
  });

  it('does not change with the order of stops, nor with whole turns of their pan', () => {
    const stops = scan.stops.map((stop, i) => ({ ...stop, panDeg: stop.panDeg + 360 * ((i % 3) - 1) }));
    const back = { ...scan, stops: stops.toReversed(), features: scan.features.toReversed() };
    expect(apartDeg(solve(settingOf(back), [captureOf(look)]), answer)).toBeLessThan(2e-3);
  });

  it('turns with everything else', () => {
    const common = turnOf(37, 0, 0);
    const stops = scan.stops.map((stop) => ({ ...stop, panDeg: stop.panDeg + 37 }));
    const capture = { ...captureOf(look), at: panTiltOf({ panDeg: 25 + 37, tiltDeg: -3 }) };
    const turned = rotationOf(solve(settingOf({ ...scan, stops }), [capture]));
    const expected = multiply(multiply(common, rotationOf(answer)), transpose(common));
    expect(degFromRad(angleBetween(turned, expected))).toBeLessThan(2e-3);
  });

  it('is refused for another place', () => {
    const elsewhere = captureOf(look, seeFeatures(look, 9, otherWorld()));
    expect(solve(setting, [elsewhere]).verdict).toBe('refused');
  });

  it('comes from the frames that show something', () => {
    const features = seeFeatures(look, 9);
    const dark = selectFeatures(
      { ...features, light: { meanLevel: 3, contrast: 1, sharpness: 0 } },
      (i) => i < 5,
    );
    const both = solve(setting, [captureOf(turnedLook(80, 2, turn), dark), captureOf(look)]);
    expect(both.success).toBe(true);
    expect(apartDeg(both, answer)).toBeLessThan(1e-3);
  });
});

describe('the report on a scan', () => {
  it('says how much of the sphere it covers', () => {
    // One ring of pictures 36° high at tilt −4° covers about sin 18° of the sphere's height.
    expect(setting.reference.report.coverage).toBeGreaterThan(0.2);
    expect(setting.reference.report.coverage).toBeLessThan(0.6);
    expect(setting.reference.report.faults).toEqual([]);
  });

  it('says where', () => {
    const { coverage_rows: rows } = setting.reference.report;
    expect([rows.length, rows[0]!.length]).toEqual([36, 72]);
    // The row of tilt 0 to −5° all round, and nothing near the zenith.
    expect(rows[18]).toBe('#'.repeat(72));
    expect(rows[2]).toBe('.'.repeat(72));
  });

  it('does not count what only a stop saw that cannot be trusted', () => {
    const looks = [...[0, 30, 60].map((panDeg) => ({ panDeg, tiltDeg: -4 })), { panDeg: 180, tiltDeg: -4 }];
    const { report } = settingOf(scanOf(looks)).reference;
    expect(report.stops[3]!.weakness).toBe('overlaps no other stop: scan with closer steps there.');
    // Pan 30° and pan 180°.
    expect([report.coverage_rows[18]![42], report.coverage_rows[18]![71]]).toEqual(['#', '.']);
  });

  it('names a stop that shows another place, and why', () => {
    const features = scan.features.map((own, i) =>
      i === 4 ? seeFeatures({ panDeg: -60, tiltDeg: -4 }, 3, otherWorld()) : own,
    );
    const { report } = settingOf({ ...scan, features }).reference;
    expect(report.faults).toEqual([
      expect.stringMatching(/^4\.jpg matches none of the stops that overlap it/),
    ]);
    expect(report.stops[4]).toMatchObject({ matchedStops: 0, ties: 0, residualPx: null });
    expect(report.stops[4]!.weakness).toMatch(/^matches none/);
    expect(report.stops[8]!.weakness).toBeNull();
    expect(report.stops[8]!.ties).toBeGreaterThan(50);
    expect(report.stops[8]!.residualPx).toBeLessThan(1);
  });
});

describe('a lens that is given', () => {
  const hfovDeg = 60;
  const few = scanOf([0, 30, 60, 90, 120].map((panDeg) => ({ panDeg, tiltDeg: -4 })));
  const given = (deg: number) =>
    settingOf({ ...few, lens: { zoomToHfovDeg: [[1, deg]], k1: LENS.k1, k2: 0 } }).reference.report;

  it('is held against what the pictures say', () => {
    const { lens_found: found, faults, usable } = given(hfovDeg);
    expect(found![0]!.hfov_deg).toBeCloseTo(hfovDeg, 1);
    expect({ faults, usable }).toEqual({ faults: [], usable: true });
  });

  it('that they contradict makes the scan unusable, and says what to change', () => {
    const { lens_found: found, faults, usable } = given(61.5);
    expect(found![0]!.hfov_deg).toBeCloseTo(hfovDeg, 1);
    expect(usable).toBe(false);
    expect(faults[0]).toMatch(/at zoom 1 it says 61.50° wide, they say (60|59)\.\d\d°\. Correct it/);
  });
});

describe('the cause', () => {
  const looks = [[-100, -6], [-20, 2], [60, -10], [140, 5]] as const; // prettier-ignore
  const causeOf = (make: (pan: number, tilt: number) => ReturnType<typeof turnedLook>): Answer =>
    solve(setting, looks.map(([pan, tilt], i) => { const look = make(pan, tilt); return captureOf(look, seeFeatures(look, 50 + i)); })); // prettier-ignore

  it.each([
    ['none', 0, 0, 0],
    ['mount_rotation', 0.7, 1.2, -0.4],
    ['mount_rotation', 0, -0.6, 0],
    ['mount_rotation', 2.5, 0, 0.3],
  ] as const)('%s of yaw %d°, pitch %d°, roll %d°', (cause, yaw, pitch, roll) => {
    const turn = turnOf(yaw, pitch, roll);
    const answer = causeOf((pan, tilt) => turnedLook(pan, tilt, turn));
    expect(answer.cause).toBe(cause);
    expect(degFromRad(angleBetween(rotationOf(answer), turn))).toBeLessThan(0.02);
  });

  it.each([-2.2, 0.8, 1.3])('pan slip of %d°', (pan) => {
    const answer = causeOf((panDeg, tiltDeg) => slippedLook(panDeg, tiltDeg, { pan }));
    expect(answer).toMatchObject({ cause: 'pan_slip', success: true });
    expect(answer.yaw_offset).toBeCloseTo(pan, 1);
    expect(Math.abs(answer.pitch_offset!) + Math.abs(answer.roll_offset!)).toBeLessThan(0.04);
  });

  it.each([-0.9, 0.7, 2.4])('tilt slip of %d°', (tilt) => {
    const answer = causeOf((panDeg, tiltDeg) => slippedLook(panDeg, tiltDeg, { tilt }));
    expect(answer).toMatchObject({ cause: 'tilt_slip', success: true });
    expect(answer.pitch_offset).toBeCloseTo(tilt, 1);
    expect(Math.abs(answer.yaw_offset!) + Math.abs(answer.roll_offset!)).toBeLessThan(0.04);
  });

  it.each([
    [1.2, 0, 0],
    [0, 0, -0.9],
    [-0.8, 0, 0.7],
    [0.7, 1.1, 0.8],
  ])('the body sits otherwise on its arm: %d° aside, %d° up, rolled by %d°', (yaw, pitch, roll) => {
    const terms = { collimation: radFromDeg(yaw), tiltZero: radFromDeg(pitch), roll: radFromDeg(roll) };
    const answer = causeOf((pan, tilt) => lookOf({ head: HEAD, lens: LENS }, pan, tilt, { terms }));
    expect(answer).toMatchObject({ cause: 'body_reseated', success: true });
    expect(answer.yaw_offset).toBeCloseTo(yaw, 1);
    expect(answer.pitch_offset).toBeCloseTo(pitch, 1);
    expect(answer.roll_offset).toBeCloseTo(roll, 1);
  });

  it('of both encoders slipping is not named, and both angles are told', () => {
    const answer = causeOf((pan, tilt) => slippedLook(pan, tilt, { pan: 1.1, tilt: 0.8 }));
    expect(answer).toMatchObject({ success: true, verdict: 'drifted', cause: 'unclear' });
    expect(answer.yaw_offset).toBeCloseTo(1.1, 1);
    expect(answer.pitch_offset).toBeCloseTo(0.8, 1);
  });

  it('of a tilt seen in one look is unclear: encoder or mount', () => {
    const look = slippedLook(60, -6, { tilt: 0.9 });
    expect(solve(setting, [captureOf(look)])).toMatchObject({ success: true, cause: 'unclear' });
  });

  it.each([
    [-0.1, 1],
    [0.02, 1],
    [-0.14, 0.93],
    [0.06, 1.07],
  ])('another camera: k1 %d, focal length %d of what it was', (k1, scale) => {
    const turn = turnOf(0.6, -0.3, 0.4);
    const answer = causeOf((pan, tilt) => ({
      ...turnedLook(pan, tilt, turn),
      lens: { ...LENS, k1, focalPx: LENS.focalPx * scale },
    }));
    expect(answer).toMatchObject({ success: true, cause: 'camera_changed' });
    expect(degFromRad(angleBetween(rotationOf(answer), turn))).toBeLessThan(0.05);
  });

  it('another camera, from one look', () => {
    const look = { panDeg: 25, tiltDeg: -3, lens: { ...LENS, k1: -0.1 } };
    expect(solve(setting, [captureOf(look)])).toMatchObject({ success: true, cause: 'camera_changed' });
  });

  it('no other camera, where the distortion goes along with the zoom', () => {
    const answer = causeOf((panDeg, tiltDeg) => ({
      ...{ panDeg, tiltDeg },
      lens: { ...LENS, k1: LENS.k1 + 0.012, focalPx: LENS.focalPx * 1.08 },
    }));
    expect(answer.cause).toBe('zoom_change');
  });

  it.each([0.98, 1.04, 1.12, 1.45])('a focal length changed to %d of what it was', (scale) => {
    const answer = causeOf((pan, tilt) => ({
      panDeg: pan,
      tiltDeg: tilt,
      lens: { ...LENS, focalPx: LENS.focalPx * scale },
    }));
    expect(answer.failure_log).toBeNull();
    expect(answer.cause).toBe('zoom_change');
    expect(answer.zoom_scale).toBeCloseTo(scale, 2);
    expect(Math.abs(answer.yaw_offset!)).toBeLessThan(0.02);
  });

  it.each([0.75])('another camera, wider than the widest zoom: %d of the focal length', (scale) => {
    const turn = turnOf(0.6, -0.3, 0.4);
    const lens = { ...LENS, focalPx: LENS.focalPx * scale };
    const answer = causeOf((pan, tilt) => ({ ...turnedLook(pan, tilt, turn), lens }));
    expect(answer).toMatchObject({ success: true, cause: 'camera_changed' });
    expect(degFromRad(angleBetween(rotationOf(answer), turn))).toBeLessThan(0.05);
  });
});
