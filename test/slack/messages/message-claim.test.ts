import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Posting } from '../../../src/slack/api/message-queue.js';
import { claimer, postClaimed, type MessageClaim } from '../../../src/slack/messages/message-claim.js';
import { createDrivenClock, type DrivenClock } from '../../fakes/driven-clock.js';

interface Post {
  readonly claim: MessageClaim | null;
  readonly postedBy: string | null;
}

let stored: Post;
let clock: DrivenClock;
let gone: string | null;

const update = async (change: (state: Post) => Post | null) => {
  const before = stored;
  stored = change(before) ?? before;
  return { before, after: stored };
};
const document = {
  update,
  claimOf: ({ claim, postedBy }: Post) => (postedBy === null ? claim : undefined),
  withClaim: (state: Post, claim: MessageClaim): Post => ({ ...state, claim }),
};
const claimant = (owner: string) => ({
  ...{ owner, clock },
  goneOwner: async (other: string) => (other === gone ? other : null),
  channelId: async () => 'C1',
});
const postAs = (owner: string, work: (posting: Posting) => Promise<void> = async () => undefined) =>
  postClaimed(claimant(owner), document, stored, async (_, posting) => {
    await work(posting);
    return (now) => ({ ...now, claim: null, postedBy: owner });
  });

beforeEach(() => {
  [stored, clock, gone] = [{ claim: null, postedBy: null }, createDrivenClock(1_000), null];
});

describe('a message that several programs want to post', () => {
  it('is posted by one of them, once', async () => {
    const posted = postAs('a', async ({ seek }) => {
      expect(seek).toBeUndefined();
      expect(await postAs('b')).toBe(false);
    });
    expect(await posted).toBe(true);
    expect(await postAs('b')).toBe(false);
    expect(stored).toEqual({ claim: null, postedBy: 'a' });
  });

  it('is taken over, and looked for first, once the claim of a silent program expires', async () => {
    stored = { claim: { owner: 'a', untilMs: 301_000, sinceMs: 1_000 }, postedBy: null };
    await clock.advance(299_999);
    expect(await postAs('b')).toBe(false);
    await clock.advance(1);
    let posting: Posting = {};
    expect(await postAs('b', async (how) => void (posting = how))).toBe(true);
    expect(posting).toEqual({ withinMs: 270_000, seek: { channel: 'C1', sinceMs: 1_000 } });
  });

  it('is taken over at once from a program that is known to have ended', async () => {
    stored = { claim: { owner: 'a', untilMs: 301_000, sinceMs: 1_000 }, postedBy: null };
    gone = 'a';
    expect(await postAs('b')).toBe(true);
    expect(stored.postedBy).toBe('b');
  });

  it('is left to others after a failure, which stays known as a possible post', async () => {
    await expect(postAs('a', () => Promise.reject(new Error('refused')))).rejects.toThrow('refused');
    expect(stored.claim).toEqual({ owner: 'a', untilMs: 0, sinceMs: 1_000 });
    expect(await postAs('b', async ({ seek }) => expect(seek?.sinceMs).toBe(1_000))).toBe(true);
  });
});

describe('a claim that its owner keeps', () => {
  it('is renewed when half of its time is over, by the owner only', async () => {
    const held = { owner: 'a', untilMs: 301_000, sinceMs: 1_000 };
    expect((await claimer(claimant('b'), held, true))(held)).toBeNull();
    expect((await claimer(claimant('a'), held, true))(held)).toBe(held);
    await clock.advance(150_000);
    const renewed = (await claimer(claimant('a'), held, true))(held);
    expect(renewed).toEqual({ owner: 'a', untilMs: 451_000, sinceMs: 1_000 });
  });
});
