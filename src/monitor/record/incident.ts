import { z } from 'zod';
import type { CheckOutcome } from './outcome.js';
import { causeInWords, offsetsInWords } from '../text/wording.js';

const finding = z
  .object({
    /** UTC ISO-8601, when the capture was taken. */
    at: z.string(),
    verdict: z.enum(['ok', 'drifted', 'unmeasured']),
    /** The largest offset of an axis, degrees; null when unmeasured. */
    largestDeg: z.number().nullable(),
    thresholdDeg: z.number(),
    /** Angles with their uncertainty, or the reason there are none. */
    told: z.string(),
    /** What happened and what to do; may be empty. */
    advice: z.string(),
    pictureLocation: z.string().nullable(),
  })
  .readonly();
/** What an incident keeps of one check. */
export type Finding = z.output<typeof finding>;

/** `by`: who, as the shell names people (a Slack user id). */
const attributed = { by: z.string(), atMs: z.number() };
const attribution = z.object(attributed).readonly();
type Attribution = z.output<typeof attribution>;

const messageId = z.object({ channel: z.string(), ts: z.string() }).readonly();
/** The message of an incident, by Slack's ids. */
export type MessageId = z.output<typeof messageId>;

const threadReply = z.object({ change: z.enum(['repeated', 'resolved', 'unmeasured']), finding }).readonly();
/** A reply to post in the incident's thread about a later check. */
export type ThreadReply = z.output<typeof threadReply>;

const incident = z
  .object({
    openedAtMs: z.number(),
    first: finding,
    /** Of the last measured check. */
    latest: finding,
    /** How often later checks confirmed it. */
    repeats: z.number(),
    /** The first check that could not measure it since the last one that did; null: the latest one did. */
    unmeasured: finding.nullable(),
    acknowledged: attribution.nullable(),
    /** When people were last reminded that nobody acknowledged it; null: not yet. */
    remindedAtMs: z.number().nullable(),
    /** The key of the last reminder's message. */
    reminder: z.string().nullable(),
    resolvedAtMs: z.number().nullable(),
    notes: z.array(z.object({ ...attributed, text: z.string() }).readonly()).readonly(),
    message: messageId.nullable(),
    /** How often its message was posted again because someone had deleted it. */
    reposts: z.number(),
    /** What the message says, see {@link shownOf}; null before it is posted. */
    shown: z.string().nullable(),
    /** Replies still to be posted in its thread, oldest first. */
    replies: z.array(threadReply).readonly(),
    /** Who is posting now, until when others leave it to them, and since when it may have been posted. */
    posting: z.object({ owner: z.string(), untilMs: z.number(), sinceMs: z.number() }).readonly().nullable(),
    /** The uploaded picture, and of which check it is. */
    picture: z.object({ fileId: z.string(), of: z.string() }).readonly().nullable(),
  })
  .readonly();
/** One camera's trouble, from the check that raised it to the one that cleared it. */
export type Incident = z.output<typeof incident>;

const job = z
  .object({
    kind: z.enum(['check', 'active', 'reference']),
    by: z.string(),
    owner: z.string(),
    startedAtMs: z.number(),
    untilMs: z.number(),
  })
  .readonly();
/** Work that someone requested; its owner prolongs it while it lasts. */
export type Job = z.output<typeof job>;

export const CAMERA_STATE = z
  .object({
    schema: z.literal('camera-state/1'),
    /** The open one, or the last one when it is resolved. */
    incident: incident.nullable(),
    silence: z
      .object({ ...attributed, untilMs: z.number() })
      .readonly()
      .nullable(),
    job: job.nullable(),
  })
  .readonly();
/** The persistent state of one camera. */
export type CameraState = z.output<typeof CAMERA_STATE>;

export const CALM: CameraState = { schema: 'camera-state/1', incident: null, silence: null, job: null };

export type Phase = 'alerting' | 'acknowledged' | 'rescanning' | 'resolved';
/** What an observation did to the camera's incident. */
export type Change = 'none' | 'raised' | 'repeated' | 'resolved' | 'unmeasured';

export const findingOf = ({ row, verdict, answer, device, pictureLocation }: CheckOutcome): Finding => {
  const offsets = [row.yaw_offset, row.pitch_offset, row.roll_offset].map((offset) => Math.abs(offset ?? 0));
  const isMeasured = verdict !== 'unmeasured' && answer !== null;
  return {
    at: row.timestamp,
    verdict,
    largestDeg: verdict === 'unmeasured' ? null : Math.max(...offsets),
    thresholdDeg: device.thresholdDeg,
    told: isMeasured ? offsetsInWords(answer) : (row.failure_log ?? 'no reason given'),
    advice: isMeasured ? causeInWords(answer) : '',
    pictureLocation,
  };
};

export const openIncident = ({ incident }: CameraState): Incident | null =>
  incident !== null && incident.resolvedAtMs === null ? incident : null;

/** The running job: that of a dead owner expires. */
export const jobUnderWay = ({ job }: CameraState, nowMs: number): Job | null =>
  job !== null && job.untilMs > nowMs ? job : null;

/** Of a camera, or of a whole site. */
export const isSilenced = ({ silence }: Pick<CameraState, 'silence'>, nowMs: number): boolean =>
  silence !== null && silence.untilMs > nowMs;

export const phaseOf = (state: CameraState, incident: Incident, nowMs: number): Phase => {
  if (incident.resolvedAtMs !== null) return 'resolved';
  const job = jobUnderWay(state, nowMs);
  if (job !== null && job.kind !== 'reference') return 'rescanning';
  return incident.acknowledged === null ? 'alerting' : 'acknowledged';
};

const raised = (finding: Finding, nowMs: number): Incident => ({
  openedAtMs: nowMs,
  first: finding,
  latest: finding,
  repeats: 0,
  ...{
    unmeasured: null,
    acknowledged: null,
    remindedAtMs: null,
    reminder: null,
    resolvedAtMs: null,
    notes: [],
  },
  ...{ message: null, reposts: 0, shown: null, replies: [], posting: null, picture: null },
});

const MAX_REPLIES = 20;

const withReply = (incident: Incident, change: ThreadReply['change'], finding: Finding): Incident => ({
  ...incident,
  replies: [...incident.replies, { change, finding }].slice(-MAX_REPLIES),
});

const isKnown = ({ latest, unmeasured }: Incident, finding: Finding): boolean =>
  finding.at <= latest.at || (unmeasured !== null && finding.at <= unmeasured.at);

/** Applies a later check to an open incident; below the threshold but not clearly so, it stays open. */
const continued = (
  incident: Incident,
  finding: Finding,
  nowMs: number,
  clearRatio: number,
): { incident: Incident; change: Change } => {
  if (isKnown(incident, finding)) return { incident, change: 'none' };
  if (finding.largestDeg === null) {
    if (incident.unmeasured !== null) return { incident, change: 'none' };
    const unmeasured = { ...incident, unmeasured: finding };
    return { incident: withReply(unmeasured, 'unmeasured', finding), change: 'unmeasured' };
  }
  const measured = { ...incident, latest: finding, unmeasured: null };
  if (finding.largestDeg <= finding.thresholdDeg * clearRatio) {
    const resolved = { ...measured, resolvedAtMs: nowMs };
    return { incident: withReply(resolved, 'resolved', finding), change: 'resolved' };
  }
  const repeated = { ...measured, repeats: incident.repeats + 1 };
  return { incident: withReply(repeated, 'repeated', finding), change: 'repeated' };
};

/**
 * Applies a check to its camera; `clearRatio` comes from the settings. A check already observed, or older than the
 * latest one, changes nothing.
 */
export const observe = (
  state: CameraState,
  finding: Finding,
  nowMs: number,
  clearRatio: number,
): { state: CameraState; change: Change } => {
  const open = openIncident(state);
  if (open !== null) {
    const { incident, change } = continued(open, finding, nowMs, clearRatio);
    return { state: change === 'none' ? state : { ...state, incident }, change };
  }
  if (finding.verdict !== 'drifted') return { state, change: 'none' };
  if (state.incident !== null && isKnown(state.incident, finding)) return { state, change: 'none' };
  return { state: { ...state, incident: raised(finding, nowMs) }, change: 'raised' };
};

const withOpen = (state: CameraState, change: (incident: Incident) => Incident): CameraState => {
  const open = openIncident(state);
  if (open === null) return state;
  const incident = change(open);
  return incident === open ? state : { ...state, incident };
};

/** The first acknowledgement stands. */
export const acknowledge = (state: CameraState, who: Attribution): CameraState =>
  withOpen(state, (incident) =>
    incident.acknowledged === null ? { ...incident, acknowledged: who } : incident,
  );

export const unacknowledge = (state: CameraState): CameraState =>
  withOpen(state, (incident) =>
    incident.acknowledged === null ? incident : { ...incident, acknowledged: null },
  );

/**
 * Records that people are being reminded, in the message of that key; null when it is too early or someone acknowledged
 * it. `unsaid`: the last recorded reminder, if it was never posted.
 */
export const remind = (
  state: CameraState,
  about: {
    readonly key: string;
    readonly nowMs: number;
    readonly afterMs: number;
    readonly unsaid: string | null;
  },
): CameraState | null => {
  const open = openIncident(state);
  if (open === null || open.acknowledged !== null || open.message === null) return null;
  const { key, nowMs, afterMs, unsaid } = about;
  const isUnsaid = unsaid !== null && open.reminder === unsaid;
  if (!isUnsaid && nowMs - (open.remindedAtMs ?? open.openedAtMs) < afterMs) return null;
  return { ...state, incident: { ...open, remindedAtMs: nowMs, reminder: key } };
};

const MAX_NOTES = 20;

export const addNote = (state: CameraState, note: Attribution & { text: string }): CameraState =>
  state.incident === null
    ? state
    : {
        ...state,
        incident: { ...state.incident, notes: [...state.incident.notes, note].slice(-MAX_NOTES) },
      };

/** `untilMs` now or earlier ends a silence. */
export const silence = (state: CameraState, who: Attribution, untilMs: number): CameraState => ({
  ...state,
  silence: untilMs > who.atMs ? { ...who, untilMs } : null,
});

/** Does nothing while another job is running. */
export const beginJob = (state: CameraState, job: Job): CameraState =>
  jobUnderWay(state, job.startedAtMs) === null ? { ...state, job } : state;

const isSame = (job: Job | null, other: Job): boolean =>
  job?.owner === other.owner && job.startedAtMs === other.startedAtMs;

export const prolongJob = (state: CameraState, job: Job, untilMs: number): CameraState =>
  isSame(state.job, job) ? { ...state, job: { ...job, untilMs } } : state;

export const endJob = (state: CameraState, job: Job): CameraState =>
  isSame(state.job, job) ? { ...state, job: null } : state;

/** A new reference invalidates what was measured against the previous one. */
export const resolveByReference = (state: CameraState, nowMs: number): CameraState =>
  withOpen(state, (incident) => ({ ...incident, resolvedAtMs: nowMs }));
