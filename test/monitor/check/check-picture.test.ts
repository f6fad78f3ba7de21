import { describe, expect, it } from '@jest/globals';
import { degFromRad, radFromDeg } from '../../../src/geometry/angles.js';
import { angleBetween, fromPanTilt, identity, multiply, transpose } from '../../../src/geometry/rotation.js';
import { pictureView, shiftOf } from '../../../src/monitor/check/check-picture.js';
import type { PictureView } from '../../../src/ports/pictures.js';
import { fakeReport } from '../../fakes/fake-product.js';

const viewAt = (panDeg: number): PictureView => ({
  mountFromBody: [...fromPanTilt(radFromDeg(panDeg), 0)],
  ...{ focalPx: 1108, k1: 0, k2: 0, centreX: 639.5, centreY: 359.5 },
});
const step = 1108 * Math.tan(Math.PI / 180);

describe('the shift drawn in the picture', () => {
  it('moves the scene left when the camera looks too far right', () => {
    const shift = shiftOf({ yaw: 1, pitch: 0, roll: 0 }, viewAt(40));
    expect(shift?.dx).toBeCloseTo(-step, 6);
    expect(shift?.dy).toBeCloseTo(0, 6);
  });

  it('moves the scene down when the camera looks too high', () => {
    const shift = shiftOf({ yaw: 0, pitch: 1, roll: 0 }, viewAt(0));
    expect(shift?.dy).toBeCloseTo(step, 6);
  });

  it('turns the scene against the camera', () => {
    const shift = shiftOf({ yaw: 0, pitch: 0, roll: 2 }, viewAt(0));
    expect(shift?.rollDeg).toBeCloseTo(-2, 6);
  });

  it('begins where the optical axis meets the picture', () => {
    const aside = { ...viewAt(0), centreX: 652, centreY: 351 };
    expect(shiftOf({ yaw: 0, pitch: 0, roll: 0 }, aside)).toEqual({ dx: 0, dy: 0, rollDeg: 0 });
    expect(shiftOf({ yaw: 1, pitch: 0, roll: 0 }, aside)?.dx).toBeCloseTo(-step, 6);
  });

  it('goes along the picture’s own rows, also where the sensor is rolled', () => {
    const rolled = multiply(fromPanTilt(0, 0), Float64Array.of(1, 0, 0, 0, 0, -1, 0, 1, 0));
    const shift = shiftOf({ yaw: 1, pitch: 0, roll: 0 }, { ...viewAt(0), mountFromBody: [...rolled] });
    expect(shift?.dx).toBeCloseTo(0, 6);
    expect(Math.abs(shift!.dy)).toBeCloseTo(step, 6);
  });
});

describe('the view that a reference expects', () => {
  const report = fakeReport(true);
  const at = { pan: 40, tilt: -5, zoom: 1 };

  it('is through its lens, with the principal point where the scan found it', () => {
    const view = pictureView(report, at, 1280, 720);
    const { focal_px, k1, k2, cx, cy } = report.lens[0]!;
    expect(view.focalPx).toBeCloseTo(focal_px, 9);
    expect([view.k1, view.k2]).toEqual([k1, k2]);
    expect([view.centreX, view.centreY].map((px) => Number(px.toFixed(9)))).toEqual([cx, cy]);
  });

  it('is where its head looks, not where the encoders say', () => {
    const plain = pictureView({ ...report, head: { ...report.head, terms: {} } }, at, 1280, 720);
    const claimed = fromPanTilt(radFromDeg(40), radFromDeg(-5));
    const off = (view: PictureView) => multiply(transpose(claimed), Float64Array.from(view.mountFromBody));
    expect(degFromRad(angleBetween(off(plain), identity()))).toBeLessThan(1e-9);
    // Rolled by 0.42°, and less of tilt axis, tilt zero and collimation.
    const apartDeg = degFromRad(angleBetween(off(pictureView(report, at, 1280, 720)), identity()));
    expect(apartDeg).toBeGreaterThan(0.4);
    expect(apartDeg).toBeLessThan(0.8);
  });
});
