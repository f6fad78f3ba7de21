import { z } from 'zod';
import type { Clock } from '../../ports/clock.js';
import type { Posting } from '../api/message-queue.js';

export const messageIdShape = z.object({ channel: z.string(), ts: z.string() }).readonly();

/** The right of one program to post a message; it stays in the store when that program is killed. */
export const messageClaimShape = z
  .object({
    owner: z.string(),
    /** Until then other programs leave the message to the owner. */
    untilMs: z.number(),
    /** Since then the message may be in Slack already. */
    sinceMs: z.number(),
  })
  .readonly();
export type MessageClaim = z.infer<typeof messageClaimShape>;

/** How long a claim lasts: hundreds of messages may be queued before this one. */
const CLAIM_MS = 300_000;
/** After that the owner must not post any more: another program may be doing so. */
export const POST_WITHIN_MS = 270_000;

/** The program that claims. */
export interface Claimant {
  readonly clock: Clock;
  /** Names this run of the program among all that share the store. */
  readonly owner: string;
  /** The owner again when that run of the program is known to have ended, else null. */
  goneOwner(owner: string): Promise<string | null>;
  /** Of the channel for news; its name while nothing was ever posted there. */
  channelId(): Promise<string>;
}

/** Returns a function that claims now: `held` is the claim as last read; with `renews`, its owner may extend it. */
export const claimer = async (
  claimant: Claimant,
  held: MessageClaim | null,
  renews = false,
): Promise<(known: MessageClaim | null) => MessageClaim | null> => {
  const { owner } = claimant;
  const gone = await claimant.goneOwner(held?.owner ?? owner);
  const nowMs = claimant.clock.nowMs();
  return (known) => {
    const isTaken = known !== null && known.untilMs > nowMs && known.owner !== gone;
    if (isTaken && !(renews && known.owner === owner)) return null;
    if (isTaken && known.untilMs - nowMs > CLAIM_MS / 2) return known;
    return { owner, untilMs: nowMs + CLAIM_MS, sinceMs: known?.sinceMs ?? nowMs };
  };
};

/** Lets other programs claim at once; they look in Slack first. */
export const released = (claim: MessageClaim): MessageClaim => ({ ...claim, untilMs: 0 });

/** A document in the store with the claim on one message. */
interface ClaimedDocument<State> {
  /** Undefined: there is nothing to post. */
  claimOf(state: State): MessageClaim | null | undefined;
  withClaim(state: State, claim: MessageClaim): State;
  /** A pure change, as `SharedState.update`. */
  update(change: (state: State) => State | null): Promise<{ before: State; after: State }>;
}

/**
 * Posts under a claim; false when there is nothing to post or another program holds the claim. `post` gets the claimed state
 * and how to post: after an earlier claim whose outcome is unknown, the queue first looks for the message in Slack. It
 * returns the change that notes the message and clears the claim. If it fails, the claim is released.
 */
export const postClaimed = async <State>(
  claimant: Claimant,
  document: ClaimedDocument<State>,
  known: State,
  post: (claimed: State, posting: Posting) => Promise<(now: State) => State>,
): Promise<boolean> => {
  const { owner } = claimant;
  const claim = await claimer(claimant, document.claimOf(known) ?? null);
  const { before, after } = await document.update((state) => {
    const held = document.claimOf(state);
    const taken = held === undefined ? null : claim(held);
    return taken && document.withClaim(state, taken);
  });
  if (after === before) return false;
  const doubt = document.claimOf(before);
  let done = (state: State): State => {
    const held = document.claimOf(state);
    return held?.owner === owner ? document.withClaim(state, released(held)) : state;
  };
  try {
    const seek = doubt && { channel: await claimant.channelId(), sinceMs: doubt.sinceMs };
    done = await post(after, { withinMs: POST_WITHIN_MS, ...(seek && { seek }) });
  } finally {
    await document.update(done);
  }
  return true;
};
