import { multiply, rotate, type Mat3 } from '../../geometry/rotation.js';
import type { LayerReport, LayerTie } from '../model/answer.js';
import { selectFeatures } from '../model/frame-features.js';
import { evidenceOf, NO_TURN, rotationOf, tiedReference, type Indexed, type LayerFrame } from './layer.js';
import { panTiltOf } from '../scan/build-reference.js';
import { consideringHead, knownHead } from '../estimation/considered-head.js';
import { lensAtZoom } from '../model/lens-levels.js';
import { mergeLandmarks } from '../scan/landmark-tracks.js';
import { isMasked } from '../model/static-overlay-mask.js';
import type { Reference } from '../model/reference.js';
import { coverageOf } from '../scan/angular-coverage.js';
import { matchScan, type ScanState } from '../scan/tie-points.js';
import { claimedOf, solveOnPrimary, withoutEncoders, type BuiltLayer } from './register-layer.js';

/** A picture whose attitude the primary measured. */
interface Measured {
  readonly frame: LayerFrame;
  readonly mountFromBody: Mat3;
  readonly evidence: LayerTie['evidence'][number];
  readonly sigma: LayerTie['sigma'];
}

/** Points of two measured pictures this near are one landmark, px. */
const SAME_POINT_PX = 4;
/** A picture that is less exact than this, degrees, is of no use to others. */
const MAX_SIGMA_DEG = 0.08;

/** Each picture on its own: what one of them says never leans on another. */
const measure = (primary: Indexed, frame: LayerFrame): Measured | null => {
  const claimed = claimedOf(primary, frame);
  const answer = solveOnPrimary(withoutEncoders(primary), [frame], [claimed]);
  const [evidence] = evidenceOf(answer);
  if (!answer.success || evidence === undefined || answer.sigma === null) return null;
  if (Math.max(...Object.values(answer.sigma)) > MAX_SIGMA_DEG) return null;
  return { frame, evidence, sigma: answer.sigma, mountFromBody: multiply(rotationOf(evidence), claimed) };
};

const stateOf = ({ reference }: Indexed, measured: readonly Measured[]): ScanState => {
  const { mask, levels, widthPx, heightPx } = reference;
  return {
    features: measured.map(({ frame: { features } }) =>
      selectFeatures(features, (i) => !isMasked(mask, features.x[i]!, features.y[i]!)),
    ),
    rotations: measured.map(({ mountFromBody }) => mountFromBody),
    lensOf: [...measured.keys()],
    lenses: measured.map(({ frame: { stop } }) => lensAtZoom(levels, stop.zoom, widthPx, heightPx)),
  };
};

const tieOf = (measured: readonly Measured[]): LayerTie => {
  const worst = (axis: 'yaw' | 'pitch' | 'roll'): number =>
    Math.max(...measured.map(({ sigma }) => sigma[axis]));
  return {
    by: 'each_frame',
    ...NO_TURN,
    sigma: { yaw: worst('yaw'), pitch: worst('pitch'), roll: worst('roll') },
    evidence: measured.map(({ evidence }) => evidence),
  };
};

/** How surely each picture was measured is in the tie already; the head is known as well as the primary tells it. */
const posteriorOf = (
  stops: number,
  { layout, covariance }: Reference['posterior'],
): Reference['posterior'] => {
  const head = knownHead(layout, covariance);
  const own = 3 * stops;
  return {
    layout: { stops, terms: head.terms, lensParameters: [], levels: 1 },
    covariance: consideringHead(new Float64Array(own ** 2), new Float64Array(own * head.terms.length), head),
    zooms: [{ zoom: 1 }],
  };
};

const ownReference = (
  primary: Indexed,
  measured: readonly Measured[],
  report: LayerReport,
  state: ScanState,
): Reference => ({
  ...primary.reference,
  stops: measured.map(({ frame: { stop }, mountFromBody }) => ({
    ...stop,
    at: panTiltOf(stop),
    mountFromBody,
  })),
  posterior: posteriorOf(measured.length, primary.reference.posterior),
  landmarks: mergeLandmarks(state, matchScan(state, SAME_POINT_PX)),
  links: [],
  report,
});

const emptyReport = (name: string, { reference }: Indexed, faults: string[]): LayerReport => ({
  ...{ layer: name, tie: null, usable: false, faults, advice: [], stops: [], landmarks: 0 },
  ...{ coverage: 0, coverage_rows: [], coverage_sigma_deg: [], residualPx: null, lens_found: null },
  ...{ lens: reference.report.lens, head: reference.report.head },
});

/**
 * Builds a layer of single pictures, each of which the primary itself answers: its attitude is measured again here, and a
 * picture that the primary does not answer is left out.
 */
export const gatherLayer = (primary: Indexed, name: string, frames: readonly LayerFrame[]): BuiltLayer => {
  const tried = frames.map((frame) => ({ frame, measured: measure(primary, frame) }));
  const measured = tried.flatMap(({ measured: found }) => (found === null ? [] : [found]));
  const faults = tried.flatMap(({ frame, measured: found }) =>
    found === null ? [`${frame.stop.file} is not answered by the primary reference, so it is left out.`] : [],
  );
  if (measured.length === 0) return { report: emptyReport(name, primary, faults), layer: null };
  const state = stateOf(primary, measured);
  const tie = tieOf(measured);
  const draft = { ...emptyReport(name, primary, faults), usable: true, tie };
  const own = ownReference(primary, measured, draft, state);
  const axes = measured.map(({ mountFromBody }) => rotate(mountFromBody, [1, 0, 0]));
  const { fraction, rows, sigmaDeg } = coverageOf(own, state.lenses[0]!, axes);
  const report: LayerReport = {
    ...draft,
    landmarks: new Set(own.landmarks.landmarkOf).size,
    ...{ coverage: fraction, coverage_rows: rows, coverage_sigma_deg: sigmaDeg },
    stops: measured.map(({ frame: { stop, features } }) => ({
      ...{ file: stop.file, pan: stop.panDeg, tilt: stop.tiltDeg, zoom: stop.zoom, features: features.count },
      // Each picture is tied to the primary scan on its own, not to the others.
      ...{ matchedStops: 0, ties: 0, residualPx: null, weakness: null },
    })),
  };
  const reference = { ...tiedReference(own, primary.reference, name, tie), report };
  const lights = measured.map(({ frame }) => frame.features.light);
  return { report, layer: { name, reference, lights, tie } };
};
