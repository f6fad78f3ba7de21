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
import type { Cause } from './model/answer.js';
import type { HeadTerm } from './head/pointing-model.js';
import {
  disagreementFactor,
  fitJointly,
  offsetSigmaRad,
  withModelError,
  type Happening,
  type JointEvidence,
  type JointFit,
} from './estimation/joint-offset.js';

/** What the captures of a query come to: an offset, and what brought it about. */
export interface Verdict {
  readonly rotation: Mat3;
  /** Yaw, pitch, roll, radians. */
  readonly sigmaRad: Vec3;
  readonly focalScale: number;
  readonly focalScaleSigma: number;
  readonly cause: Cause;
}

const MOUNT: Happening = { mount: 'turned', terms: [] };
/** What may happen inside the head while its mount stands as it stood: encoders slip, the body is seated anew. */
const IN_THE_HEAD: readonly (Happening & { readonly cause: Cause })[] = [
  { mount: 'still', terms: ['tiltZero'], cause: 'tilt_slip' },
  { mount: 'pan', terms: ['tiltZero'], cause: 'unclear' },
  { mount: 'still', terms: ['collimation', 'roll'], cause: 'body_reseated' },
  { mount: 'still', terms: ['tiltZero', 'collimation', 'roll'], cause: 'body_reseated' },
];

/** Left unexplained, captures may be this many standard errors off, rms: what errors are told is told within a factor of two or so. */
const MAX_UNEXPLAINED = 3.5;
/** An explanation beats another where it is e⁶ times as likely (both penalised for what they are free to choose: BIC). */
const CLEARLY = 12;
const MAX_CHI = 4;
/** Standard errors may be too small by a systematic part, radians. */
const FLOOR_RAD = 0.0001;

/** How many values a fit chose: turns, changes and the focal scale. */
const parametersOf = ({ covariance }: JointFit): number => Math.round(Math.sqrt(covariance.length));

const explains = ({ chiSquare, freedom }: JointFit): boolean =>
  freedom <= 0 || chiSquare <= MAX_UNEXPLAINED ** 2 * freedom;

/** Schwarz's criterion: smaller is likelier. */
const penalised = (fit: JointFit, values: number): number =>
  fit.freedom < 0 ? Infinity : fit.chiSquare + (parametersOf(fit) - 1) * Math.log(values);

/** Changes inside the head as the yaw, pitch and roll that they are wherever the camera looks. */
const asOffset = (fit: JointFit): Pick<Verdict, 'rotation' | 'sigmaRad'> => {
  const { happening, changes, covariance, rotation } = fit;
  const parameters = parametersOf(fit);
  const isPan = happening.mount === 'pan';
  const known = Array.from({ length: parameters - 1 }, (_, i) =>
    Math.sqrt(covariance[i * (parameters + 1)]!),
  );
  const placeOf = (term: HeadTerm): number => {
    const at = happening.terms.indexOf(term);
    return at < 0 ? at : at + Number(isPan);
  };
  const valueOf = (term: HeadTerm): number => changes[happening.terms.indexOf(term)] ?? 0;
  const sigmaOf = (place: number): number => disagreementFactor(fit) * (known[place] ?? Math.max(...known));
  const yawRad = isPan ? toEuler(rotation).yawRad : valueOf('collimation');
  return {
    rotation: fromEuler(yawRad, valueOf('tiltZero'), valueOf('roll')),
    sigmaRad: [
      sigmaOf(isPan ? 0 : placeOf('collimation')),
      sigmaOf(placeOf('tiltZero')),
      sigmaOf(placeOf('roll')),
    ],
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
const causeOfTurn = (evidence: JointEvidence, verdict: Verdict, isSure: boolean): Cause => {
  const isSingle = evidence.turns.length === 1;
  // A turn about the vertical and a slip of the pan encoder are the same motion; several stops that all agree on a pure turn
  // make the slip the likelier of the two, a single look cannot tell.
  if (isUpright(verdict)) return isSingle ? 'unclear' : 'pan_slip';
  if (isSingle) return isTiltAlone(evidence, verdict) ? 'unclear' : 'mount_rotation';
  return isSure ? 'mount_rotation' : 'unclear';
};

interface Account {
  readonly fit: JointFit;
  readonly cause: Cause;
  /** Schwarz's criterion. */
  readonly cost: number;
}

/** Whether an account is another one with more besides: it explains all that the other does, and is no rival to it. */
const contains = ({ fit: { happening: large } }: Account, { fit: { happening: small } }: Account): boolean =>
  (small.mount === 'still' || small.mount === large.mount) &&
  small.terms.every((term) => large.terms.includes(term));

/** What happened inside the head, as far as that explains the captures: the likeliest first. */
const accountsInTheHead = (evidence: JointEvidence): Account[] => {
  if (evidence.turns.length < 2) return [];
  return IN_THE_HEAD.flatMap(({ cause, ...happening }) => {
    const fit = fitJointly(evidence, happening, identity());
    if (fit === null || !explains(fit)) return [];
    return [{ fit, cause, cost: penalised(fit, 3 * evidence.turns.length) }];
  }).sort((a, b) => a.cost - b.cost);
};

/**
 * What happened to the camera, from all captures at once: the mount turned, or something moved inside the head while the mount stood
 * still, whichever explains them with the least. Null where nothing does.
 */
export const judge = (evidence: JointEvidence, thresholdDeg: number): Verdict | null => {
  const start = evidence.turns[0]!.refined.rotation;
  const tolerant = withModelError(evidence);
  const [mount, told] = [fitJointly(tolerant, MOUNT, start), fitJointly(evidence, MOUNT, start)];
  const accounts = accountsInTheHead(tolerant);
  const [rival] = accounts;
  if (mount !== null && told !== null && explains(mount)) {
    const verdict = verdictOfMount(told, 'none');
    if (isNothing(verdict, thresholdDeg)) return verdict;
    const lead = (rival?.cost ?? Infinity) - penalised(mount, 3 * evidence.turns.length);
    if (lead > -CLEARLY) return { ...verdict, cause: causeOfTurn(evidence, verdict, lead > CLEARLY) };
  }
  if (rival === undefined) return null;
  const isSure = accounts.every(
    (other) => other.cause === rival.cause || contains(other, rival) || other.cost - rival.cost > CLEARLY,
  );
  const exact = fitJointly(evidence, rival.fit.happening, identity()) ?? rival.fit;
  return { ...asOffset(exact), ...focalScaleOf(exact), cause: isSure ? rival.cause : 'unclear' };
};
