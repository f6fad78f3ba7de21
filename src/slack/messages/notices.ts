import { z } from 'zod';
import { OUTBOX, stateKey } from '../../state/object-layout.js';
import { SharedState } from '../../state/shared-document.js';
import { logUnposted } from '../api/slack-errors.js';
import { TaskSet } from '../../async/task-set.js';
import type { SlackDeps } from '../state/slack-deps.js';
import type { Block, Outgoing } from '../api/slack-client.js';
import { messageClaimShape, postClaimed, type MessageClaim } from './message-claim.js';

/** How long a posted notice is remembered; one that could not be posted for so long is dropped. */
const KEEP_MS = 2 * 86_400_000;

const noticeShape = z
  .object({
    key: z.string(),
    text: z.string(),
    blocks: z.array(z.custom<Block>((block) => typeof block === 'object' && block !== null)),
    writtenAtMs: z.number(),
    posting: messageClaimShape.nullable(),
    isPosted: z.boolean(),
  })
  .readonly();
type Notice = z.infer<typeof noticeShape>;

const placeOf = (key: string): string => stateKey(OUTBOX, key);

/** Messages that belong to no incident and no sweep: stored first, then posted by any program, once for each key. */
export class Notices {
  private readonly stored: SharedState<Notice | null>;
  /** The keys in the store of notices that are done with, and when they were written. */
  private readonly done = new Map<string, number>();
  private readonly tasks = new TaskSet();

  constructor(private readonly deps: SlackDeps) {
    this.stored = new SharedState<Notice | null>(deps.store, noticeShape, null);
  }

  /** Resolves when the notice is stored; posting it goes on in the background. */
  async post(key: string, { text, blocks }: Outgoing): Promise<void> {
    const writtenAtMs = this.deps.clock.nowMs();
    const notice: Notice = { key, text, blocks, writtenAtMs, posting: null, isPosted: false };
    const body = Buffer.from(JSON.stringify(notice));
    const etag = await this.deps.store.put(placeOf(key), body, { ifAbsent: true });
    if (etag !== null) this.tasks.add(this.deliver(placeOf(key)));
  }

  /** Whether a notice of that key was stored in the last days. */
  async has(key: string): Promise<boolean> {
    return this.done.has(placeOf(key)) || (await this.stored.of(placeOf(key))) !== null;
  }

  /** Call once a minute: posts what other programs left, forgets what is old. */
  async round(): Promise<void> {
    const beforeMs = this.deps.clock.nowMs() - KEEP_MS;
    for (const place of await this.deps.store.list(OUTBOX)) {
      if (!this.done.has(place)) await this.deliver(place);
      if ((this.done.get(place) ?? Infinity) >= beforeMs) continue;
      await this.deps.store.delete(place);
      this.done.delete(place);
    }
  }

  settled(): Promise<void> {
    return this.tasks.settled();
  }

  private async deliver(place: string): Promise<void> {
    try {
      const known = await this.stored.of(place);
      if (known === null) return;
      const isOver = known.isPosted || known.writtenAtMs < this.deps.clock.nowMs() - KEEP_MS;
      if (isOver) this.done.set(place, known.writtenAtMs);
      else await this.deliverNow(place, known);
    } catch (fault) {
      logUnposted(this.deps, 'A notice could not be posted in Slack yet.', fault);
    }
  }

  private async deliverNow(place: string, known: Notice): Promise<void> {
    const document = {
      ...{ claimOf, withClaim },
      update: (change: (notice: Notice | null) => Notice | null) => this.stored.update(place, change),
    };
    const isPosted = await postClaimed<Notice | null>(this.deps, document, known, async (_, posting) => {
      const { text, blocks, key } = known;
      await this.deps.queue.post(this.deps.channel, { text, blocks }, { ...posting, key });
      return (notice) => notice && { ...notice, isPosted: true, posting: null };
    });
    if (isPosted) this.done.set(place, known.writtenAtMs);
  }
}

const claimOf = (notice: Notice | null): MessageClaim | null | undefined =>
  notice === null || notice.isPosted ? undefined : notice.posting;

const withClaim = (notice: Notice | null, posting: MessageClaim): Notice | null =>
  notice && { ...notice, posting };
