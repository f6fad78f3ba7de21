import { describe, expect, it } from '@jest/globals';
import { MAX_LOG10_NFA } from '../../../src/solve/verification/acceptance.js';
import { finalEvidence } from '../../../src/solve/verification/inlier-significance.js';
import { refinedAs } from '../../support/refined.js';
import {
  captureOf,
  otherWorld,
  scanOf,
  seeFeatures,
  settingOf,
  turnedLook,
  turnOf,
} from '../../support/synthetic-scan.js';

const { reference, index } = settingOf(scanOf());
const turn = turnOf(0.8, -0.5, 1.1);
const look = turnedLook(25, -3, turn);

const evidenceOf = (features = seeFeatures(look, 9), rotation = turn, fitPx = 1.5): number => {
  const refined = { ...refinedAs(rotation), sigmaPx: fitPx / 3.5 };
  const fit = { refined, observations: [], matches: 0, fitPx };
  return finalEvidence(reference, index, captureOf(look), features, fit);
};

describe('the evidence for an answer', () => {
  it('is overwhelming for the true rotation', () => {
    expect(evidenceOf()).toBeLessThan(-100);
  });

  it.each([1.5, 7])('is chance for a rotation a few pixels beside it, with a fit of %s px', (fitPx) => {
    expect(evidenceOf(seeFeatures(look, 9), turnOf(1.8, -1.2, 1.1), fitPx)).toBeGreaterThan(MAX_LOG10_NFA);
  });

  it('is chance for another place', () => {
    expect(evidenceOf(seeFeatures(look, 9, otherWorld()), turn, 7)).toBeGreaterThan(MAX_LOG10_NFA);
  });
});
