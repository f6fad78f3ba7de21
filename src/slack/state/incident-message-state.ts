import { createHash } from 'node:crypto';
import {
  isSilenced,
  jobUnderWay,
  type CameraState,
  type Incident,
  type MessageId,
  type ThreadReply,
} from '../../monitor/record/incident.js';
import type { MessageClaim } from '../messages/message-claim.js';

/** A digest of everything that an incident's message says at a moment: when it differs, the message is out of date. */
export const shownOf = (state: CameraState, nowMs: number): string => {
  const { incident } = state;
  if (incident === null) return '';
  const { openedAtMs, latest, repeats, unmeasured, acknowledged, resolvedAtMs, notes, picture } = incident;
  const own = [openedAtMs, latest, repeats, unmeasured, acknowledged, resolvedAtMs, notes, picture];
  const job = jobUnderWay(state, nowMs);
  const around = [job?.kind, job?.by, job?.startedAtMs, isSilenced(state, nowMs) ? state.silence : null];
  return createHash('sha256')
    .update(JSON.stringify([own, around]))
    .digest('base64url')
    .slice(0, 22);
};

const isUnposted = ({ message, resolvedAtMs }: Incident): boolean =>
  message === null && resolvedAtMs === null;
const hasReplies = ({ message, replies }: Incident): boolean => message !== null && replies.length > 0;

/** Whether Slack does not show the stored state yet. Any program that sees this updates the message. */
export const isBehind = (state: CameraState, nowMs: number): boolean => {
  const { incident } = state;
  if (incident === null) return false;
  if (isUnposted(incident) || hasReplies(incident)) return true;
  return incident.message !== null && incident.shown !== shownOf(state, nowMs);
};

/** The claim on the next post of an incident, its message or a reply; undefined when there is nothing to post. */
export const claimOf = ({ incident }: CameraState): MessageClaim | null | undefined =>
  incident !== null && (isUnposted(incident) || hasReplies(incident)) ? incident.posting : undefined;

export const withClaim = (state: CameraState, posting: MessageClaim): CameraState => ({
  ...state,
  incident: state.incident && { ...state.incident, posting },
});

const ofIncident = (
  state: CameraState,
  openedAtMs: number,
  change: (incident: Incident) => Incident,
): CameraState =>
  state.incident?.openedAtMs === openedAtMs ? { ...state, incident: change(state.incident) } : state;

const isSame = (one: ThreadReply, other: ThreadReply): boolean =>
  one.change === other.change && one.finding.at === other.finding.at;

const without = ({ replies }: Incident, sent: readonly ThreadReply[]): ThreadReply[] =>
  replies.filter((one) => !sent.some((other) => isSame(one, other)));

/** The message is posted and says `shown` (see {@link shownOf}); it covers these replies, which need no line in its thread. */
export const posted = (
  state: CameraState,
  openedAtMs: number,
  { message, shown, sent }: { message: MessageId; shown: string; sent: readonly ThreadReply[] },
): CameraState =>
  ofIncident(state, openedAtMs, (incident) => {
    const replies = without(incident, sent);
    return { ...incident, message, shown, replies, posting: null };
  });

export const shownAs = (state: CameraState, openedAtMs: number, shown: string): CameraState =>
  state.incident?.shown === shown
    ? state
    : ofIncident(state, openedAtMs, (incident) => ({ ...incident, shown }));

/** These replies are in the thread, or are dropped. */
export const replied = (state: CameraState, openedAtMs: number, sent: readonly ThreadReply[]): CameraState =>
  ofIncident(state, openedAtMs, (incident) => ({
    ...incident,
    posting: null,
    replies: without(incident, sent),
  }));

/** The message was deleted, so that another may be posted. A message posted meanwhile stays. */
export const messageGone = (state: CameraState, openedAtMs: number, gone: MessageId): CameraState =>
  ofIncident(state, openedAtMs, (incident) =>
    incident.message?.ts === gone.ts
      ? { ...incident, message: null, posting: null, reposts: incident.reposts + 1 }
      : incident,
  );

export const pictured = (state: CameraState, openedAtMs: number, picture: Incident['picture']): CameraState =>
  ofIncident(state, openedAtMs, (incident) => ({ ...incident, picture }));
