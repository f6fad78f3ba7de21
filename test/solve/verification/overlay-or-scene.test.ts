import { describe, expect, it } from '@jest/globals';
import { bearingFromPixel } from '../../../src/geometry/lens.js';
import { seededRandom } from '../../../src/geometry/random.js';
import { identity, multiply, rotate } from '../../../src/geometry/rotation.js';
import type { DecodedFrame } from '../../../src/solve/model/frame-features.js';
import { emptyMask } from '../../../src/solve/model/static-overlay-mask.js';
import type { Support } from '../../../src/solve/verification/scene-support.js';
import { placeSupport } from '../../../src/solve/verification/overlay-or-scene.js';
import { turnCovariance } from '../../support/refined.js';
import {
  captureOf,
  LENS,
  otherWorld,
  scanOf,
  seeFeatures,
  settingOf,
  turnOf,
} from '../../support/synthetic-scan.js';

type Pixel = readonly [number, number];

const look = { panDeg: 20, tiltDeg: -4 };
const scan = scanOf([look]);
const { reference } = settingOf({
  ...scan,
  mask: emptyMask(640, 360),
  lens: { zoomToHfovDeg: [[1, 60]], k1: LENS.k1, k2: LENS.k2 },
});
const capture = captureOf(look);
/** All else in the picture is of another place. */
const features = seeFeatures(look, 9, otherWorld());

/** A picture full of blobs, none of them where another seed has them. */
const pictureOf = (seed: number): DecodedFrame => {
  const random = seededRandom(seed);
  const levels = Array.from({ length: 110 * 60 }, () => 255 * random());
  const level = (_: number, at: number): number =>
    levels[Math.floor(at / 640 / 8) * 110 + Math.floor((at % 640) / 8)]!;
  return { luminance: Uint8Array.from(new Uint8Array(640 * 360), level), widthPx: 640, heightPx: 360 };
};

const supportFor = (
  pixels: readonly Pixel[],
  pictures?: { scan: DecodedFrame; query: DecodedFrame },
  rotation = identity(),
  /** Where the points are seen: as the answer has it, or standing still. */
  seenAt = identity(),
): Support => {
  const observations = pixels.map(([x, y], landmarkId) => ({
    ...{ x, y, landmarkId, spread: 1 },
    landmark: rotate(multiply(seenAt, capture.claimed), bearingFromPixel(LENS, x, y)),
  }));
  const fit = {
    refined: { rotation, focalScale: 1, covariance: turnCovariance(1e-4) },
    observations,
    fitPx: 1.5,
  };
  if (pictures === undefined) return placeSupport(reference, capture, features, fit);
  const kept = { ...reference, pictures: [pictures.scan] };
  const seen = { ...capture, picture: pictures.query };
  return placeSupport(kept, seen, features, fit);
};

/** Points every 10 px over a rectangle. */
const filled = (left: number, top: number, width: number, height: number): Pixel[] =>
  Array.from({ length: (width * height) / 100 }, (_, i): Pixel => [
    left + 10 * (i % (width / 10)),
    top + 10 * Math.floor(i / (width / 10)),
  ]);

const specks = (count: number): Pixel[] =>
  Array.from({ length: count }, (_, i) =>
    filled(60 + 100 * (i % 6), 80 + 90 * Math.floor(i / 6), 20, 20),
  ).flat();

describe('points that did not move, against a scan of one stop', () => {
  it('are the place where they fill some areas, however much else has changed', () => {
    expect(
      supportFor([...filled(40, 90, 140, 150), ...filled(240, 90, 120, 150), ...filled(440, 90, 120, 150)]),
    ).toBe('points');
  });

  it('are the place where they are many separate things', () => {
    expect(supportFor(specks(18))).toBe('points');
  });

  describe('with the pictures of both at hand', () => {
    const here = { scan: pictureOf(1), query: pictureOf(1) };
    const elsewhere = { scan: pictureOf(1), query: pictureOf(2) };

    it('are the place where the edges of all the rest fit, however few they are', () => {
      expect(supportFor(specks(3), here)).toBe('rest');
    });

    it('may be burnt in, however many they are, where nothing else fits', () => {
      expect(supportFor(specks(18), elsewhere)).toBe('nothing');
    });

    /** Two halves of a line of large letters, and crosses over the whole picture. */
    const watermark = [
      ...[...filled(40, 150, 50, 50), ...filled(510, 150, 50, 50)],
      ...Array.from({ length: 32 }, (_, i): Pixel => [40 + 80 * (i % 8), 80 + 62 * Math.floor(i / 8)]),
    ];

    it('may be a watermark and crosses, however many, where the answer is that nothing moved', () => {
      expect(supportFor(watermark, elsewhere)).toBe('nothing');
    });

    it('are the place where as many say that it moved', () => {
      expect(supportFor(watermark, elsewhere, turnOf(0.04, 0, 0))).toBe('points');
    });

    it('are the place where a few of them say that it moved by most of a pixel', () => {
      const turn = turnOf(0.08, 0, 0);
      expect(supportFor(specks(12), elsewhere, turn, turn)).toBe('points');
      expect(supportFor(specks(12), elsewhere, turnOf(0.03, 0, 0), turnOf(0.03, 0, 0))).toBe('nothing');
    });

    it('may be burnt in where an answer has moved but they have not', () => {
      expect(supportFor(specks(12), elsewhere, turnOf(0.08, 0, 0))).toBe('nothing');
    });

    it('are the place where they fill areas, however much else has changed', () => {
      const areas = [...filled(40, 90, 140, 150), ...filled(240, 90, 120, 150), ...filled(440, 90, 120, 150)];
      expect(supportFor(areas, elsewhere)).toBe('points');
    });
  });

  it.each([
    ['specks', specks(12)],
    ['a logo and specks', [...filled(280, 130, 120, 60), ...specks(6)]],
    ['captions above and below', [...filled(20, 10, 600, 40), ...filled(20, 310, 600, 40)]],
  ])('may be %s', (_, pixels) => {
    expect(supportFor(pixels)).toBe('nothing');
  });
});
