import { describe, expect, it } from '@jest/globals';
import { bearingFromPixel, pixelFromBearing } from '../../../src/geometry/lens.js';
import { seededRandom } from '../../../src/geometry/random.js';
import { type Mat3, rotate, transpose } from '../../../src/geometry/rotation.js';
import { dropScreenFixed } from '../../../src/solve/localization/overlay-motion.js';
import type { Observation } from '../../../src/solve/model/observation.js';
import { emptyMask } from '../../../src/solve/model/static-overlay-mask.js';
import { captureOf, LENS, scanOf, settingOf, turnedLook, turnOf } from '../../support/synthetic-scan.js';

const look = { panDeg: 20, tiltDeg: -4 };
const { reference } = settingOf({
  ...scanOf([look]),
  mask: emptyMask(640, 360),
  lens: { zoomToHfovDeg: [[1, 60]], k1: LENS.k1, k2: LENS.k2 },
});
const stop = captureOf(look).claimed;

/** Landmarks all over the scan's picture, as a frame with this attitude shows them, by `scatterPx` beside their place. */
const seen = (mountFromBody: Mat3, scatterPx: number): Observation[] => {
  const random = seededRandom(3);
  return Array.from({ length: 300 }, (_, landmarkId): Observation => {
    const at = [40 + 560 * random(), 30 + 300 * random()] as const;
    const landmark = rotate(stop, bearingFromPixel(LENS, ...at));
    const [x, y] = pixelFromBearing(LENS, rotate(transpose(mountFromBody), landmark))!;
    const [length, angle] = [scatterPx * Math.sqrt(-2 * Math.log(1 - random())), 2 * Math.PI * random()];
    return {
      x: x + length * Math.cos(angle),
      y: y + length * Math.sin(angle),
      ...{ landmark, landmarkId },
      spread: 1,
    };
  });
};

const left = (mountFromBody: Mat3, observations: readonly Observation[], agreesPx: number): number =>
  dropScreenFixed(reference, { mountFromBody, lens: LENS }, observations, agreesPx).length;

describe('points that stand still on the screen', () => {
  it('are kept where nothing moved, however far the seasons scatter them', () => {
    expect(left(stop, seen(stop, 2.5), 4)).toBe(300);
  });

  it('are kept as far as they agree with a small motion', () => {
    const { truth } = turnedLook(look.panDeg, look.tiltDeg, turnOf(0.3, 0, 0));
    expect(left(truth!, seen(truth!, 1.5), 5.25)).toBe(300);
  });

  it('are dropped where the place has moved away from them', () => {
    const { truth } = turnedLook(look.panDeg, look.tiltDeg, turnOf(0.9, -0.6, 0));
    const place = seen(truth!, 0.4);
    expect(left(truth!, [...place, ...seen(stop, 0.2).slice(0, 120)], 1.5)).toBe(place.length);
  });
});
