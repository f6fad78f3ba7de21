import { degFromRad, radFromDeg } from '../../geometry/angles.js';
import type { Mat3 } from '../../geometry/rotation.js';
import { EXACT_ENCODERS } from '../head/encoder-noise.js';
import { attitudeOf } from '../head/pointing-model.js';
import type { Cause, LayerReport, LayerTie, SolveAnswer } from '../model/answer.js';
import { lensAtZoom } from '../model/lens-levels.js';
import type { QueryCapture } from '../model/query-capture.js';
import type { Reference } from '../model/reference.js';
import { buildReference, panTiltOf, type Scan } from '../scan/build-reference.js';
import { solveQuery } from '../solve-query.js';
import { type Place, placeOf } from './keypoint-correlation.js';
import { evidenceOf, type Indexed, type Layer, type LayerFrame, rotationOf, tiedReference } from './layer.js';

/** A scan in another light, to be tied to the primary one. */
interface LayerScan {
  readonly name: string;
  readonly frames: readonly LayerFrame[];
  readonly mask: Scan['mask'];
  /** A check of the primary close in time; null: only its own frames can tie the layer. */
  readonly check: readonly LayerFrame[] | null;
}

/** A layer that can answer, or a report that says why there is none. */
export interface BuiltLayer {
  readonly report: LayerReport;
  readonly layer: Layer | null;
}

/** Ties ask for this certainty of every picture, whatever the threshold of the checks. */
const TIE_THRESHOLD_DEG = 0.5;
/** Stops that scatter more than the primary's, beyond its encoders' noise: the mount moved during the scan. */
const MAX_EXTRA_SCATTER_RAD = radFromDeg(0.06);
/** Of the stops, how many must lie where the primary has its points when a check alone ties the layer. */
const MIN_PLACED_SHARE = 0.25;

type Tied = { readonly tie: LayerTie } | { readonly fault: string };

/** Solves pictures against the primary near where `claimed` has them; their own captures, nothing of its encoders in the errors. */
export const solveOnPrimary = (
  { reference, index }: Indexed,
  frames: readonly LayerFrame[],
  claimed: readonly Mat3[],
): Omit<SolveAnswer, 'solve_ms'> => {
  const { levels, widthPx, heightPx } = reference;
  const captures = frames.map(({ stop, features }, i): QueryCapture => ({
    ...{ file: stop.file, features, at: panTiltOf(stop), zoom: stop.zoom },
    claimed: claimed[i]!,
    lens: lensAtZoom(levels, stop.zoom, widthPx, heightPx),
    extractRolled: null,
  }));
  const query = { name: '', captures, zoomCovered: true, thresholdDeg: TIE_THRESHOLD_DEG };
  return solveQuery(reference, index, query);
};

/** The attitudes asked for are taken as exact, whatever the encoders do: what is left is what pictures and the scan can tell. */
export const withoutEncoders = ({ reference, index }: Indexed): Indexed => ({
  index,
  reference: { ...reference, encoders: EXACT_ENCODERS },
});

/** Where the head says that a picture was taken. */
export const claimedOf = ({ reference: { head } }: Indexed, { stop }: LayerFrame): Mat3 =>
  attitudeOf(head, panTiltOf(stop));

/** What more the stops scatter, degrees, goes into every angle. */
const widened = ({ yaw, pitch, roll }: LayerTie['sigma'], extraRad: number): LayerTie['sigma'] => {
  const extra = degFromRad(extraRad);
  return { yaw: Math.hypot(yaw, extra), pitch: Math.hypot(pitch, extra), roll: Math.hypot(roll, extra) };
};

const SLIPS: ReadonlySet<Cause> = new Set(['tilt_slip', 'body_reseated']);

const turnIn = (
  answer: Omit<SolveAnswer, 'solve_ms'>,
): { yaw: number; pitch: number; roll: number; sigma: LayerTie['sigma'] } | null => {
  const { yaw_offset: yaw, pitch_offset: pitch, roll_offset: roll, sigma } = answer;
  // A slip of an encoder is no turn that holds for every stop alike.
  if (yaw === null || pitch === null || roll === null || sigma === null) return null;
  return SLIPS.has(answer.cause) ? null : { yaw, pitch, roll, sigma };
};

/** How much more the stops turned against their encoders than those of the primary did. */
const extraScatterRad = (own: Reference, primary: Reference): number => {
  const scatterOf = ({ encoders: { panRad, tiltRad } }: Reference): number => Math.hypot(panRad, tiltRad);
  const [mine, theirs] = [scatterOf(own), scatterOf(primary)];
  return Math.sqrt(Math.max(0, mine ** 2 - theirs ** 2));
};

/** By the frames that match the primary, all at once: where the bundle put them against where the primary has them. */
const tieByFrames = (primary: Indexed, own: Reference, scan: LayerScan, extraRad: number): Tied | null => {
  const claimed = own.stops.map(({ mountFromBody }) => mountFromBody);
  const answer = solveOnPrimary(withoutEncoders(primary), scan.frames, claimed);
  const evidence = evidenceOf(answer);
  if (evidence.length === 0) return null;
  const turn = turnIn(answer);
  if (turn === null)
    return {
      fault: `Its frames do not tie it to the primary reference: ${answer.failure_log ?? answer.cause}.`,
    };
  return { tie: { ...turn, sigma: widened(turn.sigma, extraRad), by: 'frames', evidence } };
};

/** By a check of the primary taken about when the layer was scanned: the mount stood then as it stood in the check. */
const tieByCheck = (primary: Indexed, check: readonly LayerFrame[], extraRad: number): Tied => {
  const claimed = check.map((frame) => claimedOf(primary, frame));
  const answer = solveOnPrimary(primary, check, claimed);
  const turn = turnIn(answer);
  if (turn === null)
    return { fault: `The check that should tie it is not answered by the primary: ${answer.failure_log}.` };
  const sigma = widened(turn.sigma, extraRad);
  return { tie: { ...turn, sigma, by: 'check', evidence: evidenceOf(answer) } };
};

/** Where the points of every stop lie, on the primary's sphere, under a tie. */
const placesOf = (primary: Indexed, tied: Reference, frames: readonly LayerFrame[]): Place[] =>
  tied.stops.map(({ mountFromBody, zoom }, i) => {
    const { levels, widthPx, heightPx } = primary.reference;
    const lens = lensAtZoom(levels, zoom, widthPx, heightPx);
    return placeOf(primary, { mountFromBody, lens, features: frames[i]!.features });
  });

const UNTIED =
  'Nothing ties it to the primary reference: none of its pictures matches, and there is no check close in time that the ' +
  'primary answered well below the threshold. Scan it at dusk or dawn, or right after a check has passed.';

const placeFault = (places: readonly Place[], by: LayerTie['by']): string | null => {
  const elsewhere = places.filter((place) => place === 'elsewhere').length;
  const here = places.filter((place) => place === 'here').length;
  if (elsewhere > here / 4)
    return (
      `What ${elsewhere} of its ${places.length} pictures show lies elsewhere than the tie says: ` +
      'the mount moved, or these are pictures of another camera. Check the camera, then scan the layer again.'
    );
  if (by === 'check' && here < Math.max(1, MIN_PLACED_SHARE * places.length))
    return (
      'Nothing in its pictures confirms that they show the same place as the primary reference: ' +
      'scan it at dusk or dawn, when some of its pictures match.'
    );
  return null;
};

/** Groups of stops that hold each other, as indices. */
const groupsOf = ({ stops, links }: Reference): number[][] => {
  const group = [...stops.keys()];
  for (const [a, b] of links) {
    const [from, to] = [group[b]!, group[a]!];
    for (const stop of stops.keys()) if (group[stop] === from) group[stop] = to;
  }
  return [...new Set(group)].map((id) => [...stops.keys()].filter((stop) => group[stop] === id));
};

/** The stops that the tie holds: those that hang together with one that matched, or the largest group under a check. */
const heldStops = (own: Reference, tie: LayerTie): Set<number> => {
  const groups = groupsOf(own);
  const matched = new Set(tie.evidence.map(({ file }) => file));
  const held =
    tie.by === 'check'
      ? [groups.reduce((a, b) => (b.length > a.length ? b : a))]
      : groups.filter((group) => group.some((stop) => matched.has(own.stops[stop]!.file)));
  return new Set(held.flat());
};

const reportOf = (own: Reference, name: string, tie: LayerTie | null, fault: string | null): LayerReport => ({
  ...own.report,
  layer: name,
  tie,
  usable: fault === null && own.report.usable,
  faults: [...(fault === null ? [] : [fault]), ...own.report.faults],
});

const tieOf = (primary: Indexed, own: Reference, scan: LayerScan): Tied => {
  const extraRad = extraScatterRad(own, primary.reference);
  if (extraRad > MAX_EXTRA_SCATTER_RAD)
    return {
      fault:
        `Its pictures turn otherwise than the telemetry says, by ${degFromRad(extraRad).toFixed(2)}° more than the ` +
        "primary's: the mount moved during the scan. Scan the layer again.",
    };
  const byFrames = tieByFrames(primary, own, scan, extraRad);
  if (byFrames !== null) return byFrames;
  return scan.check === null ? { fault: UNTIED } : tieByCheck(primary, scan.check, extraRad);
};

const scanOf = ({ frames, mask }: LayerScan, primary: Reference): Scan => ({
  stops: frames.map(({ stop }) => stop),
  features: frames.map(({ features }) => features),
  mask,
  lens: null,
  camera: primary,
});

/**
 * Builds a layer from its own scan, with the primary's lens, and ties it straight to the primary's frame: measured from
 * pictures, never from what somebody wrote down. Stops that nothing holds to the tie are left out. Throws PoorScan as
 * buildReference does.
 */
export const tieLayer = (primary: Indexed, scan: LayerScan): BuiltLayer => {
  const own = buildReference(scanOf(scan, primary.reference));
  if (!own.report.usable) return { report: reportOf(own, scan.name, null, null), layer: null };
  const tied = tieOf(primary, own, scan);
  if ('fault' in tied) return { report: reportOf(own, scan.name, null, tied.fault), layer: null };
  const held = heldStops(own, tied.tie);
  if (held.size < scan.frames.length) return withoutLoose(primary, scan, own, held);
  const reference = tiedReference(own, primary.reference, scan.name, tied.tie, rotationOf(tied.tie));
  const fault = placeFault(placesOf(primary, reference, scan.frames), tied.tie.by);
  const report = reportOf(own, scan.name, tied.tie, fault);
  if (fault !== null) return { report, layer: null };
  const lights = scan.frames.map(({ features }) => features.light);
  return { report, layer: { name: scan.name, reference: { ...reference, report }, lights, tie: tied.tie } };
};

/** The layer of the stops that are held alone; the report still tells of all. */
const withoutLoose = (
  primary: Indexed,
  scan: LayerScan,
  own: Reference,
  held: ReadonlySet<number>,
): BuiltLayer => {
  const built = tieLayer(primary, { ...scan, frames: scan.frames.filter((_, stop) => held.has(stop)) });
  const loose = own.stops.filter((_, stop) => !held.has(stop)).map(({ file }) => file);
  const note = `Left out, since nothing ties them to the rest: ${loose.join(', ')}.`;
  const report = { ...built.report, stops: own.report.stops, faults: [...built.report.faults, note] };
  return { report, layer: built.layer };
};
