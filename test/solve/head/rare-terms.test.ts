import { describe, expect, it } from '@jest/globals';
import { degFromRad, radFromDeg } from '../../../src/geometry/angles.js';
import { headColumns, layoutSize } from '../../../src/solve/estimation/scan-layout.js';
import { HEAD_TERMS, type HeadTerm, type HeadTerms } from '../../../src/solve/head/pointing-model.js';
import { ORDINARY_TERMS, withRareTerms } from '../../../src/solve/head/rare-terms.js';
import { ordinaryCamera } from '../../support/synthetic-scan.js';
import { circleOf, makeScan, type MadeScan, type Stop } from '../../support/tied-scan.js';

const scanOf = (seed: number, stops: readonly Stop[], terms: Partial<HeadTerms> = {}): MadeScan => {
  const camera = ordinaryCamera(seed);
  return makeScan({
    camera: { ...camera, head: { ...camera.head, ...terms } },
    ...{ stops, seed, points: 2500 },
  });
};
const asked = ({ problem, solution }: MadeScan) => withRareTerms(problem, solution);

const sigmaOf = ({ layout, covariance }: ReturnType<typeof asked>, term: HeadTerm): number =>
  Math.sqrt(covariance[headColumns(layout)[HEAD_TERMS.indexOf(term)]! * (layoutSize(layout) + 1)]!);

const AROUND = circleOf([-15, 8]);
const SECTOR = AROUND.filter(({ panDeg }) => Math.abs(panDeg) < 95);
const HIGH = circleOf([-30, -8, 14], 8);

describe('terms that few heads have', () => {
  it('are not made up for a head that has none', () => {
    const scan = scanOf(31, AROUND);
    expect(asked(scan)).toBe(scan.solution);
  });

  it('are found where the pan circle is read off its centre, with the others beside them', () => {
    const eccentric = { eccentricitySin: radFromDeg(0.08), eccentricityCos: radFromDeg(-0.05) };
    const scan = scanOf(32, AROUND, eccentric);
    const found = asked(scan);
    expect(found.layout.terms).toEqual([...ORDINARY_TERMS, 'eccentricitySin', 'eccentricityCos']);
    for (const term of found.layout.terms) {
      const error = Math.abs(found.geometry.head[term] - scan.truth.head[term]);
      expect(error / sigmaOf(found, term)).toBeLessThan(4.5);
    }
    expect(degFromRad(sigmaOf(found, 'eccentricitySin'))).toBeLessThan(0.01);
    // What they did to the stops is no longer taken for noise of the encoders.
    expect(found.encoders.panRad).toBeLessThan(0.5 * scan.solution.encoders.panRad);
  });

  it('are found where the arm bends', () => {
    const scan = scanOf(33, HIGH, { flexure: radFromDeg(0.4) });
    const found = asked(scan);
    expect(found.layout.terms).toContain('flexure');
    const error = Math.abs(found.geometry.head.flexure - radFromDeg(0.4));
    expect(error / sigmaOf(found, 'flexure')).toBeLessThan(4.5);
  });

  it('are not asked of a scan that cannot tell them from others', () => {
    const scan = scanOf(34, SECTOR, { eccentricitySin: radFromDeg(0.1), flexure: radFromDeg(0.1) });
    expect(asked(scan).layout.terms).toEqual(ORDINARY_TERMS);
  });

  it('are not asked of a camera that is known already', () => {
    const known = { terms: [], lensParameters: [] };
    const scan = makeScan({
      ...{ camera: ordinaryCamera(35), stops: AROUND, seed: 35, points: 1500, isLensGiven: true },
      changes: known,
    });
    expect(asked(scan)).toBe(scan.solution);
    expect(scan.solution.geometry.head).toEqual(scan.problem.start.head);
  });
});
