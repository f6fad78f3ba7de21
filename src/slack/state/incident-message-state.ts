import { createHash } from 'node:crypto';
import {
  isSilenced,
  jobUnderWay,
  type CameraState,
  type Incident,
  type MessageId,
  type ThreadReply,
} from '../../monitor/record/incident.js';

/** Stands for everything that an incident's message tells at a moment: when it differs, the message is behind. */
export const shownOf = (state: CameraState, nowMs: number): string => {
  const { incident } = state;
  if (incident === null) return '';
  const { openedAtMs, latest, repeats, unmeasured, acknowledged, resolvedAtMs, notes, picture } = incident;
  const told = [openedAtMs, latest, repeats, unmeasured, acknowledged, resolvedAtMs, notes, picture];
  const job = jobUnderWay(state, nowMs);
  const around = [job?.kind, job?.by, job?.startedAtMs, isSilenced(state, nowMs) ? state.silence : null];
  return createHash('sha256')
    .update(JSON.stringify([told, around]))
    .digest('base64url')
    .slice(0, 22);
};

const isUnposted = ({ message, resolvedAtMs }: Incident): boolean =>
  message === null && resolvedAtMs === null;
const hasReplies = ({ message, replies }: Incident): boolean => message !== null && replies.length > 0;

/** Whether Slack does not say yet what is kept: whoever finds it so brings it in line. */
export const isBehind = (state: CameraState, nowMs: number): boolean => {
  const { incident } = state;
  if (incident === null) return false;
  if (isUnposted(incident) || hasReplies(incident)) return true;
  const { message, shown } = incident;
  return message !== null && shown !== null && shown !== shownOf(state, nowMs);
};

/**
 * The right to post, for one owner at a time; null when there is nothing to post or somebody else does. `goneOwner`: a
 * program that is known to have ended, whose claim is void.
 */
export const claimPosting = (
  state: CameraState,
  claim: { readonly owner: string; readonly nowMs: number; readonly forMs: number },
  goneOwner: string | null = null,
): CameraState | null => {
  const { incident } = state;
  if (incident === null || !(isUnposted(incident) || hasReplies(incident))) return null;
  const { posting } = incident;
  const { owner, nowMs, forMs } = claim;
  if (posting !== null && posting.untilMs > nowMs && posting.owner !== goneOwner) return null;
  const sinceMs = posting?.sinceMs ?? nowMs;
  return { ...state, incident: { ...incident, posting: { owner, untilMs: nowMs + forMs, sinceMs } } };
};

const ofIncident = (
  state: CameraState,
  openedAtMs: number,
  change: (incident: Incident) => Incident,
): CameraState =>
  state.incident?.openedAtMs === openedAtMs ? { ...state, incident: change(state.incident) } : state;

const isSame = (one: ThreadReply, other: ThreadReply): boolean =>
  one.change === other.change && one.finding.at === other.finding.at;

const without = ({ replies }: Incident, told: readonly ThreadReply[]): ThreadReply[] =>
  replies.filter((one) => !told.some((other) => isSame(one, other)));

/** The message is there and says `shown` (as {@link shownOf}), and with it these, which need no line in its thread. */
export const posted = (
  state: CameraState,
  openedAtMs: number,
  { message, shown, told }: { message: MessageId; shown: string; told: readonly ThreadReply[] },
): CameraState =>
  ofIncident(state, openedAtMs, (incident) => {
    const replies = without(incident, told);
    return { ...incident, message, shown, replies, posting: null };
  });

/** It could not be posted, as far as is known: others may try at once, and look first whether it is there. */
export const notPosted = (state: CameraState, openedAtMs: number): CameraState =>
  ofIncident(state, openedAtMs, (incident) => ({
    ...incident,
    posting: incident.posting && { ...incident.posting, untilMs: 0 },
  }));

export const shownAs = (state: CameraState, openedAtMs: number, shown: string): CameraState =>
  state.incident?.shown === shown
    ? state
    : ofIncident(state, openedAtMs, (incident) => ({ ...incident, shown }));

/** These stand in the thread, or are not to be said. */
export const replied = (state: CameraState, openedAtMs: number, told: readonly ThreadReply[]): CameraState =>
  ofIncident(state, openedAtMs, (incident) => ({
    ...incident,
    posting: null,
    replies: without(incident, told),
  }));

/** The message was deleted: another one may be posted. A message that somebody posted meanwhile stays. */
export const messageGone = (state: CameraState, openedAtMs: number, gone: MessageId): CameraState =>
  ofIncident(state, openedAtMs, (incident) =>
    incident.message?.ts === gone.ts
      ? { ...incident, message: null, posting: null, reposts: incident.reposts + 1 }
      : incident,
  );

export const pictured = (state: CameraState, openedAtMs: number, picture: Incident['picture']): CameraState =>
  ofIncident(state, openedAtMs, (incident) => ({ ...incident, picture }));
