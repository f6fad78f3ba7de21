import { beforeEach, describe, expect, it } from '@jest/globals';
import { MessageQueue } from '../../../src/slack/api/message-queue.js';
import { RateLimited, type Outgoing } from '../../../src/slack/api/slack-client.js';
import { AppError } from '../../../src/ports/app-error.js';
import { createDrivenClock, type DrivenClock } from '../../fakes/driven-clock.js';

const PACE = { callGapMs: 1_000, editGapMs: 4_000, giveUpAfterMs: 60_000, pollMs: 5_000 };
const said = (text: string): Outgoing => ({ text, blocks: [] });
const unreachable = new AppError('slack_unreachable', 'Slack cannot be reached.', 'Wait.');

let clock: DrivenClock;
let queue: MessageQueue;
let ending: AbortController;
/** What Slack was asked, with the second it was. */
let asked: string[];
/** What Slack refuses next. */
let refusals: Error[];

const answer = (what: string): void => {
  const refusal = refusals.shift();
  asked.push(
    `${clock.nowMs() / 1000} ${what}${refusal === undefined ? '' : ` ${(refusal as AppError).code}`}`,
  );
  if (refusal !== undefined) throw refusal;
};

beforeEach(() => {
  [asked, refusals, ending, clock] = [[], [], new AbortController(), createDrivenClock(0)];
  const web = {
    post: async (channel: string, { text }: Outgoing) => {
      answer(`post ${text}`);
      return { channel: channel.replace('#', 'C-'), ts: text };
    },
    find: async () => null,
    edit: async ({ ts }: { ts: string }, { text }: Outgoing) => answer(`edit ${ts}: ${text}`),
  };
  queue = new MessageQueue(web, clock, PACE, ending.signal);
});

describe('the queue of a channel', () => {
  it('spaces posts, urgent ones first', async () => {
    const posts = ['a', 'b', 'c'].map((text) => queue.post('C1', said(text)));
    const urgent = queue.post('C1', said('answer'), { urgent: true });
    await clock.advance(4_000);
    await Promise.all([...posts, urgent]);
    expect(asked).toEqual(['0 post a', '1 post answer', '2 post b', '3 post c']);
  });

  it('merges edits of one message and spaces them', async () => {
    const id = { channel: 'C1', ts: 'm' };
    const edits = ['1', '2', '3'].map((text) => queue.edit(id, said(text)));
    await clock.advance(0);
    edits.push(queue.edit(id, said('4')), queue.edit(id, said('5')));
    await clock.advance(3_000);
    await clock.advance(6_000);
    await Promise.all(edits);
    expect(asked).toEqual(['0 edit m: 1', '4 edit m: 5']);
  });

  it('waits after a 429, separately for posts and edits, and loses nothing', async () => {
    refusals = [new RateLimited(30_000)];
    const edit = queue.edit({ channel: 'C1', ts: 'm' }, said('x'));
    const post = queue.post('C1', said('a'));
    await clock.advance(2_000);
    await post;
    await clock.advance(30_000);
    await edit;
    expect(asked).toEqual(['0 edit m: x slack_limited', '0 post a', '30 edit m: x']);
  });

  it('retries while Slack cannot be reached, and gives up in the end', async () => {
    refusals = Array.from({ length: 100 }, () => unreachable);
    const post = queue.post('C1', said('a')).catch((fault: AppError) => fault.code);
    await clock.advance(120_000);
    expect(await post).toBe('slack_unreachable');
    expect(asked.length).toBeGreaterThan(20);
    refusals = [unreachable];
    const later = queue.post('C1', said('b'));
    await clock.advance(5_000);
    expect(await later).toEqual({ channel: 'C1', ts: 'b' });
  });

  it('serves the name and the id of a channel, and delays no other channel', async () => {
    const first = queue.post('#x', said('a'));
    const other = queue.post('C2', said('b'));
    await clock.advance(0);
    await Promise.all([first, other]);
    const edit = queue.edit(await first, said('c'), { urgent: true });
    await clock.advance(1_000);
    await edit;
    expect(asked).toEqual(['0 post a', '0 post b', '1 edit a: c']);
  });

  it('rejects waiting calls when it ends', async () => {
    const posts = ['a', 'b'].map((text) =>
      queue.post('C1', said(text)).catch((fault: Error) => fault.message),
    );
    await clock.advance(0);
    ending.abort(new Error('over'));
    await clock.advance(0);
    expect(await Promise.all(posts)).toEqual([{ channel: 'C1', ts: 'a' }, 'over']);
    await expect(queue.post('C1', said('c'))).rejects.toThrow('over');
  });
});
