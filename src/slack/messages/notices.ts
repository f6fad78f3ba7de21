import { z } from 'zod';
import { OUTBOX, stateKey } from '../../state/object-layout.js';
import { SharedState } from '../../state/shared-document.js';
import { AppError } from '../../ports/app-error.js';
import type { SlackDeps } from '../requests/context.js';
import type { Block, Outgoing } from '../api/slack-client.js';

/** How long others leave a message to the one that is posting it, and within what it is posted therefore. */
const POSTING_MS = 300_000;
const POST_WITHIN_MS = 270_000;
/** So long it is remembered what was told; what could not be posted for so long helps nobody any more. */
const KEEP_MS = 2 * 86_400_000;

interface Letter {
  readonly key: string;
  readonly text: string;
  readonly blocks: readonly Block[];
  readonly writtenAtMs: number;
  /** Who is posting it, until when others leave it to them, and since when it may have been posted. */
  readonly posting: { readonly owner: string; readonly untilMs: number; readonly sinceMs: number } | null;
  readonly isPosted: boolean;
}

const letterShape: z.ZodType<Letter> = z.object({
  key: z.string(),
  text: z.string(),
  blocks: z.array(z.custom<Block>((block) => typeof block === 'object' && block !== null)),
  writtenAtMs: z.number(),
  posting: z.object({ owner: z.string(), untilMs: z.number(), sinceMs: z.number() }).nullable(),
  isPosted: z.boolean(),
});

const placeOf = (key: string): string => stateKey(OUTBOX, key);

type Deps = Pick<
  SlackDeps,
  'store' | 'clock' | 'log' | 'owner' | 'queue' | 'channel' | 'channelId' | 'goneOwner' | 'signal'
>;

/**
 * Messages that are no incident's and no sweep's: written down first, posted by whichever program lives to do it, once for
 * each key.
 */
export class Outbox {
  private readonly letters: SharedState<Letter | null>;
  /** What needs no look any more, and when it was written. */
  private readonly posted = new Map<string, number>();
  private readonly works = new Set<Promise<void>>();

  constructor(private readonly deps: Deps) {
    this.letters = new SharedState<Letter | null>(deps.store, letterShape, null);
  }

  /** Resolves when the message is safe; it is posted then without being waited for. */
  async post(key: string, { text, blocks }: Outgoing): Promise<void> {
    const letter = {
      key,
      text,
      blocks,
      writtenAtMs: this.deps.clock.nowMs(),
      posting: null,
      isPosted: false,
    };
    const body = Buffer.from(JSON.stringify(letter));
    const etag = await this.deps.store.put(placeOf(key), body, { ifAbsent: true });
    if (etag !== null) this.inBackground(this.deliver(placeOf(key)));
  }

  /** Whether such a message was written down in the last days. */
  async has(key: string): Promise<boolean> {
    return this.posted.has(placeOf(key)) || (await this.letters.of(placeOf(key))) !== null;
  }

  /** Once a minute: what others could not post any more is posted, what is old is forgotten. */
  async round(): Promise<void> {
    const beforeMs = this.deps.clock.nowMs() - KEEP_MS;
    for (const place of await this.deps.store.list(OUTBOX)) {
      if (!this.posted.has(place)) await this.deliver(place);
      if ((this.posted.get(place) ?? Infinity) >= beforeMs) continue;
      await this.deps.store.delete(place);
      this.posted.delete(place);
    }
  }

  async settled(): Promise<void> {
    while (this.works.size > 0) await Promise.all(this.works);
  }

  private inBackground(work: Promise<void>): void {
    const done = work.finally(() => this.works.delete(done));
    this.works.add(done);
  }

  private async deliver(place: string): Promise<void> {
    try {
      const known = await this.letters.of(place);
      if (known === null) return;
      const isOver = known.isPosted || known.writtenAtMs < this.deps.clock.nowMs() - KEEP_MS;
      if (isOver) this.posted.set(place, known.writtenAtMs);
      else await this.deliverNow(place, known);
    } catch (fault) {
      this.undelivered(fault);
    }
  }

  private async deliverNow(place: string, known: Letter): Promise<void> {
    const { clock, owner, queue, channel } = this.deps;
    const gone = await this.deps.goneOwner(known.posting?.owner ?? owner);
    const { before, after } = await this.letters.update(place, (letter) =>
      claimed(letter, { owner, nowMs: clock.nowMs() }, gone),
    );
    if (after === null || after === before) return;
    const doubt = before?.posting ?? null;
    const seek =
      doubt === null ? {} : { seek: { channel: await this.deps.channelId(), sinceMs: doubt.sinceMs } };
    let isPosted = false;
    try {
      const message = { text: after.text, blocks: [...after.blocks] };
      await queue.post(channel, message, { key: after.key, withinMs: POST_WITHIN_MS, ...seek });
      isPosted = true;
    } finally {
      await this.letters.update(place, (letter) => letter && ended(letter, isPosted));
    }
    this.posted.set(place, after.writtenAtMs);
  }

  private undelivered(fault: unknown): void {
    if (this.deps.signal.aborted) return;
    if (!(fault instanceof AppError)) throw fault;
    const message = `A message could not be posted in Slack yet. ${fault.message} ${fault.remedy}`;
    this.deps.log({ level: 'error', event: 'slack_untold', message, cause: fault });
  }
}

/** The posting, for one owner at a time; null when it is posted, or somebody else does it. */
const claimed = (
  letter: Letter | null,
  { owner, nowMs }: { owner: string; nowMs: number },
  goneOwner: string | null,
): Letter | null => {
  if (letter === null || letter.isPosted) return null;
  const { posting } = letter;
  if (posting !== null && posting.untilMs > nowMs && posting.owner !== goneOwner) return null;
  return {
    ...letter,
    posting: { owner, untilMs: nowMs + POSTING_MS, sinceMs: posting?.sinceMs ?? nowMs },
  };
};

const ended = (letter: Letter, isPosted: boolean): Letter => ({
  ...letter,
  isPosted,
  posting: isPosted ? null : letter.posting && { ...letter.posting, untilMs: 0 },
});
