import { degFromRad } from '../geometry/angles.js';
import {
  fromEuler,
  identity,
  logarithm,
  multiply,
  toEuler,
  transpose,
  type Mat3,
  type Vec3,
} from '../geometry/rotation.js';
import type { Cause } from './answer.js';
import type { HeadTerm } from './head/pointing-model.js';
import {
  disagreementFactor,
  fitJointly,
  offsetSigmaRad,
  withModelError,
  type Happening,
  type JointEvidence,
  type JointFit,
} from './joint-offset.js';

/** What the captures of a query come to: an offset, and what brought it about. */
export interface Verdict {
  readonly rotation: Mat3;
  /** Yaw, pitch, roll, radians. */
  readonly sigmaRad: Vec3;
  readonly focalScale: number;
  readonly focalScaleSigma: number;
  readonly cause: Cause;
}

const MOUNT: Happening = { mount: true, terms: [] };
/** What may happen inside the head while its mount stands as it stood: its tilt encoder slips, its body is seated anew. */
const IN_THE_HEAD: readonly Happening[] = [
  { mount: false, terms: ['tiltZero'] },
  { mount: false, terms: ['collimation', 'roll'] },
  { mount: false, terms: ['tiltZero', 'collimation', 'roll'] },
];

/** Left unexplained, captures may be this many standard errors off, rms: what errors are told is told within a factor of two or so. */
const MAX_UNEXPLAINED = 3.5;
/** An explanation beats another where it is e⁶ times as likely (both penalised for what they are free to choose: BIC). */
const CLEARLY = 12;
const MAX_CHI = 4;
/** Standard errors may be too small by a systematic part, radians. */
const FLOOR_RAD = 0.0001;

const explains = ({ chiSquare, freedom }: JointFit): boolean =>
  freedom <= 0 || chiSquare <= MAX_UNEXPLAINED ** 2 * freedom;

/** Schwarz's criterion: smaller is likelier. */
const penalised = ({ chiSquare, freedom, happening }: JointFit, values: number): number =>
  freedom < 0
    ? Infinity
    : chiSquare + (happening.terms.length + (happening.mount ? 3 : 0)) * Math.log(values);

/** Changes inside the head as the yaw, pitch and roll that they are wherever the camera looks. */
const asOffset = (fit: JointFit): Pick<Verdict, 'rotation' | 'sigmaRad'> => {
  const { happening, changes, covariance } = fit;
  const parameters = changes.length + 1;
  const factor = disagreementFactor(fit);
  const valueOf = (term: HeadTerm): number => changes[happening.terms.indexOf(term)] ?? 0;
  const sigmaOf = (term: HeadTerm): number => {
    const at = happening.terms.indexOf(term);
    const known = changes.map((_, i) => Math.sqrt(covariance[i * (parameters + 1)]!));
    return factor * (known[at] ?? Math.max(...known));
  };
  return {
    rotation: fromEuler(valueOf('collimation'), valueOf('tiltZero'), valueOf('roll')),
    sigmaRad: [sigmaOf('collimation'), sigmaOf('tiltZero'), sigmaOf('roll')],
  };
};

const focalScaleOf = ({
  focalScale,
  covariance,
}: JointFit): Pick<Verdict, 'focalScale' | 'focalScaleSigma'> => ({
  focalScale,
  focalScaleSigma: Math.sqrt(covariance.at(-1)!),
});

const verdictOfMount = (fit: JointFit, cause: Cause): Verdict => ({
  ...{ rotation: fit.rotation, cause },
  ...focalScaleOf(fit),
  sigmaRad: offsetSigmaRad(fit),
});

const largestDeg = ({ rotation }: Pick<Verdict, 'rotation'>): number => {
  const { yawRad, pitchRad, rollRad } = toEuler(rotation);
  return degFromRad(Math.max(Math.abs(yawRad), Math.abs(pitchRad), Math.abs(rollRad)));
};

/** Whether an offset is neither worth telling nor surely there. */
const isNothing = (verdict: Verdict, thresholdDeg: number): boolean => {
  const largest = largestDeg(verdict);
  const sigmaDeg = degFromRad(Math.max(...verdict.sigmaRad) + FLOOR_RAD);
  return largest <= thresholdDeg && largest < 0.1 + 4 * sigmaDeg;
};

/** Whether a turn of the mount is about the vertical alone. */
const isUpright = ({ rotation, sigmaRad }: Verdict): boolean => {
  const { pitchRad, rollRad } = toEuler(rotation);
  return Math.hypot(pitchRad, rollRad) <= MAX_CHI * (Math.max(...sigmaRad) + FLOOR_RAD);
};

/** Whether a single look turned about its own tilt axis alone: the tilt encoder slipped, or the mount leans just that way. */
const isTiltAlone = ({ turns }: JointEvidence, { rotation, sigmaRad }: Verdict): boolean => {
  const claimed = turns[0]!.capture.claimed;
  const [x, , z] = logarithm(multiply(multiply(transpose(claimed), rotation), claimed));
  return Math.hypot(x, z) < MAX_CHI * (Math.max(...sigmaRad) + FLOOR_RAD);
};

/** The cause of what a mount's rotation explains, as far as the looks can tell it apart. */
const causeOfTurn = (
  evidence: JointEvidence,
  verdict: Verdict,
  rival: JointFit | null,
  mount: JointFit,
): Cause => {
  const isSingle = evidence.turns.length === 1;
  // A turn about the vertical and a slip of the pan encoder are the same motion; several stops that all agree on a pure turn
  // make the slip the likelier of the two, a single look cannot tell.
  if (isUpright(verdict)) return isSingle ? 'unclear' : 'pan_slip';
  if (isSingle) return isTiltAlone(evidence, verdict) ? 'unclear' : 'mount_rotation';
  const values = 3 * evidence.turns.length;
  const isDoubtful = rival !== null && penalised(rival, values) < penalised(mount, values) + CLEARLY;
  return isDoubtful ? 'unclear' : 'mount_rotation';
};

/**
 * What happened to the camera, from all captures at once: the mount turned, or something moved inside the head while the mount stood
 * still, whichever explains them with the least. Null where nothing does.
 */
export const judge = (evidence: JointEvidence, thresholdDeg: number): Verdict | null => {
  const start = evidence.turns[0]!.refined.rotation;
  const tolerant = withModelError(evidence);
  const values = 3 * evidence.turns.length;
  const [mount, told] = [fitJointly(tolerant, MOUNT, start), fitJointly(evidence, MOUNT, start)];
  const inside = IN_THE_HEAD.flatMap((happening) => fitJointly(tolerant, happening, identity()) ?? [])
    .filter(explains)
    .sort((a, b) => penalised(a, values) - penalised(b, values));
  const rival = evidence.turns.length > 1 ? (inside[0] ?? null) : null;
  if (mount !== null && told !== null && explains(mount)) {
    const verdict = verdictOfMount(told, 'none');
    if (isNothing(verdict, thresholdDeg)) return verdict;
    if (rival === null || penalised(mount, values) < penalised(rival, values) + CLEARLY)
      return { ...verdict, cause: causeOfTurn(evidence, verdict, rival, mount) };
  }
  if (rival === null) return null;
  const exact = fitJointly(evidence, rival.happening, identity()) ?? rival;
  const isSlip = rival.happening.terms.length === 1;
  return {
    ...asOffset(exact),
    ...focalScaleOf(exact),
    cause: isSlip ? 'tilt_slip' : 'body_reseated',
  };
};
