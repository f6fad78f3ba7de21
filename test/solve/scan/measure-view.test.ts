import { describe, expect, it } from '@jest/globals';
import { degFromRad } from '../../../src/geometry/angles.js';
import { multiply } from '../../../src/geometry/rotation.js';
import { selectFeatures } from '../../../src/solve/model/frame-features.js';
import { measureView } from '../../../src/solve/scan/measure-view.js';
import { claimedOf, otherWorld, seeFeatures, turnOf, type Look } from '../../support/synthetic-scan.js';

const LOOKS: readonly Look[] = [
  [0, -4],
  [1.5, -4],
  [4, -4],
  [8, -4],
  [7, -8],
  [4, -5.5],
].map(([panDeg, tiltDeg]) => ({ panDeg: panDeg!, tiltDeg: tiltDeg! }));

const seen = LOOKS.map((look, i) => seeFeatures(look, 10 + i));
const claimed = LOOKS.map(claimedOf);

const widthDegOf = (view: ReturnType<typeof measureView>): number =>
  'hfovRad' in view ? degFromRad(view.hfovRad) : NaN;

describe('the field of view from a few pictures', () => {
  it('is that of the lens within a percent, barrel distortion and all', () => {
    expect(Math.abs(widthDegOf(measureView(seen, claimed)) / 60 - 1)).toBeLessThan(0.01);
  });

  it('suffers little from a sensor that is rolled in its body', () => {
    const rolled = LOOKS.map((look, i) =>
      seeFeatures({ ...look, truth: multiply(claimedOf(look), turnOf(0, 0, 1.5)) }, 10 + i),
    );
    expect(Math.abs(widthDegOf(measureView(rolled, claimed)) / 60 - 1)).toBeLessThan(0.015);
  });

  it('is not found in pictures that have nothing in common', () => {
    const places = [undefined, otherWorld()];
    const strange = LOOKS.map((look, i) =>
      seeFeatures({ ...look, panDeg: look.panDeg + 60 * i }, 10 + i, places[i % 2]),
    );
    expect(measureView(strange, claimed)).toHaveProperty('fault');
    const bare = seen.map((features) => selectFeatures(features, (i) => i < 2));
    expect(measureView(bare, claimed)).toEqual({ fault: 'no_texture' });
  });

  it('is not made up for a head that turns otherwise than it says', () => {
    const wrong = LOOKS.map(({ panDeg, tiltDeg }) => claimedOf({ panDeg: -panDeg, tiltDeg }));
    expect(measureView(seen, wrong)).toEqual({ fault: 'no_agreement' });
  });
});
