import { describe, expect, it } from '@jest/globals';
import { degFromRad } from '../../../src/geometry/angles.js';
import { expectedView } from '../../../src/solve/scan/expected-view.js';
import { headOfReport, headReport } from '../../../src/solve/head/head-report.js';
import { attitudeOf, HEAD_TERMS } from '../../../src/solve/head/pointing-model.js';
import { lensAtZoom } from '../../../src/solve/model/lens-levels.js';
import { lookOf, ordinaryCamera, scanOf, settingOf } from '../../support/synthetic-scan.js';

const camera = ordinaryCamera(51);
const { reference } = settingOf(scanOf([-20, 5, 30].map((panDeg) => lookOf(camera, panDeg, -6))));
const { report } = reference;

describe('the report on a head', () => {
  it('is in degrees, with standard errors, and only of what was estimated', () => {
    const { terms, sigma, encoders } = headReport(reference);
    expect(terms.tilt_axis_deg).toBeCloseTo(degFromRad(reference.head.tiltAxis), 12);
    expect(terms.pan_gain).toBe(reference.head.panGain);
    expect(Object.keys(terms)).toEqual(Object.keys(sigma));
    expect(terms).not.toHaveProperty('flexure_deg');
    for (const one of Object.values(sigma)) expect(one).toBeGreaterThan(0);
    expect(encoders.pan).toBeCloseTo(degFromRad(reference.encoders.panRad), 12);
    expect(report.head).toEqual({ terms, sigma, encoders });
  });

  it('is the head again', () => {
    const again = headOfReport(report.head);
    for (const term of HEAD_TERMS) expect(again[term]).toBeCloseTo(reference.head[term], 14);
  });

  it('is enough to know where the camera looks, and through which lens', () => {
    const at = { panRad: 0.3, tiltRad: -0.2 };
    const { widthPx, heightPx } = reference;
    const pointing = { pan: degFromRad(at.panRad), tilt: degFromRad(at.tiltRad), zoom: 1 };
    const { mountFromBody, lens } = expectedView(report, pointing, widthPx, heightPx);
    const expected = attitudeOf(reference.head, at);
    mountFromBody.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 12));
    const found = lensAtZoom(reference.levels, 1, widthPx, heightPx);
    for (const key of ['focalPx', 'k1', 'k2', 'centreX', 'centreY'] as const)
      expect(lens[key]).toBeCloseTo(found[key], 9);
  });
});
