import { describe, expect, it } from '@jest/globals';
import { radFromDeg } from '../../../src/geometry/angles.js';
import { exponential, multiply } from '../../../src/geometry/rotation.js';
import type { FrameFeatures } from '../../../src/solve/model/frame-features.js';
import { placeOf } from '../../../src/solve/layers/keypoint-correlation.js';
import {
  claimedOf,
  LENS,
  nightWorld,
  otherWorld,
  scanOf,
  seeFeatures,
  settingOf,
} from '../../support/synthetic-scan.js';

const STOPS = [-30, 0, 30].map((panDeg) => ({ panDeg, tiltDeg: -4 }));
const LOOK = { panDeg: 0, tiltDeg: -4 };
const primary = settingOf(scanOf(STOPS));
const believed = claimedOf(LOOK);
const night = seeFeatures(LOOK, 41, nightWorld(0));
const elsewhere = seeFeatures(LOOK, 42, otherWorld());

const place = (features: FrameFeatures, mountFromBody = believed) =>
  placeOf(primary, { mountFromBody, lens: LENS, features });

/** Takes the places of some points from what the scan itself showed there. */
const withSpots = (features: FrameFeatures, isSpot: (x: number, y: number) => boolean): FrameFeatures => {
  const shown = seeFeatures(LOOK, 43);
  const spots = [...shown.x.keys()].filter((i) => isSpot(shown.x[i]!, shown.y[i]!)).slice(0, features.count);
  const [x, y] = [Float32Array.from(features.x), Float32Array.from(features.y)];
  spots.forEach((from, to) => {
    x[to] = shown.x[from]!;
    y[to] = shown.y[from]!;
  });
  return { ...features, x, y };
};

describe('where the points of a picture lie', () => {
  it('is the same place although every descriptor has changed', () => {
    expect(place(night)).toBe('here');
  });

  it('is elsewhere when the picture looks elsewhere than it is believed to', () => {
    const turned = exponential([0, 0, radFromDeg(1)]);
    expect(place(night, multiply(turned, believed))).toBe('elsewhere');
  });

  it('is unknown for another place, and for hardly any points', () => {
    expect(place(elsewhere)).toBe('unknown');
    expect(place({ ...night, count: 20 })).toBe('unknown');
  });

  it('is unknown where only a caption and a corner agree', () => {
    const captions = withSpots(elsewhere, (x, y) => y < 110 && (x < 200 || x > 480));
    expect(place(captions)).toBe('unknown');
    expect(place(withSpots(elsewhere, () => true))).toBe('here');
  });
});
