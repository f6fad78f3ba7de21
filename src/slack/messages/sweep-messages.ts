import type { MessageId } from '../../monitor/record/incident.js';
import { allDevices } from '../../monitor/text/device-selection.js';
import { claimTelling, dueOf, ended, FINAL, type SweepSummary } from '../state/sweep-summary-state.js';
import { cameraPath } from '../../monitor/text/wording.js';
import { AppError } from '../../ports/app-error.js';
import { sweepFinished, sweepRunning, type Swept, type SweepProgress } from '../blocks/sweep.js';
import type { Posting } from '../api/message-queue.js';
import type { SlackDeps } from '../requests/context.js';
import type { Outgoing } from '../api/slack-client.js';

/** How long others leave a summary to the one that tells it. */
const TELLING_MS = 300_000;
/** After that it must not be posted any more: somebody else may be doing so. */
const POST_WITHIN_MS = 270_000;
/** How long nothing more is tried where Slack refused the summary. */
const REFUSED_MS = 60_000;
/** A sweep without a new result for so long has ended, whoever made it. */
const QUIET_MS = 900_000;
/** How long a sweep is remembered after that. */
const FORGET_MS = 3 * 3_600_000;

const notChecked = (camera: string): Omit<Swept, 'device'> => ({
  ...{ camera, verdict: 'unmeasured', failureCode: 'not_checked', repeated: false, excess: 0, at: '' },
  line: `⚠️ ${camera}: not checked: the sweep ended before`,
});

/** Keeps the one message of each sweep in line with what the store knows; of several programs one does so. */
export class SweepTeller {
  private readonly telling = new Map<number, { again: boolean; done: Promise<void> }>();
  private readonly looking = new Set<number>();
  private readonly pausedUntilMs = new Map<number, number>();
  /** Sweeps of which this program does not know whether its last message was posted. */
  private readonly failed = new Set<number>();

  constructor(private readonly deps: SlackDeps) {}

  /** Brings the message in line; calls at once for one sweep share their edits. */
  tell(scheduledForMs: number): Promise<void> {
    const running = this.telling.get(scheduledForMs);
    if (running !== undefined) {
      running.again = true;
      return running.done;
    }
    const entry = { again: false, done: Promise.resolve() };
    entry.done = this.tellUntilSettled(scheduledForMs, entry).finally(() =>
      this.telling.delete(scheduledForMs),
    );
    this.telling.set(scheduledForMs, entry);
    return entry.done;
  }

  async settled(): Promise<void> {
    while (this.telling.size > 0) await Promise.all([...this.telling.values()].map(({ done }) => done));
  }

  /** Sweeps whose program died are ended and told; old ones are forgotten. */
  async tidy(): Promise<void> {
    const { summaries, clock } = this.deps;
    const nowMs = clock.nowMs();
    for (const state of await summaries.all()) {
      const { scheduledForMs, changedAtMs, startedAtMs, tookMs, told } = state;
      const isQuiet = nowMs - changedAtMs > QUIET_MS;
      if (tookMs === null && isQuiet)
        await summaries.update(scheduledForMs, (now) => ended(now, changedAtMs - startedAtMs));
      if (nowMs - changedAtMs > FORGET_MS) await summaries.forget(scheduledForMs);
      // Who tells it may have been killed; while that one lives, nothing is done here.
      else if (told < dueOf(state) || (isQuiet && tookMs === null)) await this.tell(scheduledForMs);
    }
  }

  /** Leaves what is still to be told to others. */
  async leave(): Promise<void> {
    for (const scheduledForMs of this.looking)
      await this.deps.summaries.update(scheduledForMs, (state) =>
        state.teller?.owner === this.deps.owner
          ? { ...state, teller: { ...state.teller, untilMs: 0 } }
          : state,
      );
  }

  private async tellUntilSettled(scheduledForMs: number, entry: { again: boolean }): Promise<void> {
    do {
      entry.again = false;
      await this.tellOnce(scheduledForMs).catch((fault: unknown) => this.untold(scheduledForMs, fault));
    } while (entry.again);
  }

  private async tellOnce(scheduledForMs: number): Promise<void> {
    const { summaries, clock, owner } = this.deps;
    const nowMs = clock.nowMs();
    if (nowMs < (this.pausedUntilMs.get(scheduledForMs) ?? 0)) return;
    const teller = (await summaries.of(scheduledForMs))?.teller ?? null;
    const gone = await this.deps.goneOwner(teller?.owner ?? owner);
    const { before, after: state } = await summaries.update(scheduledForMs, (known) =>
      claimTelling(known, { owner, nowMs, forMs: TELLING_MS }, gone),
    );
    if (state?.teller?.owner !== owner || state.teller.untilMs <= nowMs) return;
    // Who was at it before may have posted what it could not write down any more.
    const isDoubtful =
      this.failed.has(scheduledForMs) || (before?.teller != null && before.teller.owner !== owner);
    if (state.told < dueOf(state)) await this.bringInLine(state, isDoubtful);
    this.failed.delete(scheduledForMs);
    if (state.tookMs === null) void this.look(scheduledForMs);
  }

  /** Until the sweep has ended: other programs may write results. */
  private async look(scheduledForMs: number): Promise<void> {
    if (this.looking.has(scheduledForMs)) return;
    this.looking.add(scheduledForMs);
    const { clock, signal, summaries, pace } = this.deps;
    try {
      for (;;) {
        await clock.sleep(pace.lookMs, signal);
        await this.tell(scheduledForMs);
        const state = await summaries.of(scheduledForMs);
        if (state === null || state.tookMs !== null) break;
      }
      this.looking.delete(scheduledForMs);
    } catch (fault) {
      this.untold(scheduledForMs, fault);
    }
  }

  private async bringInLine(state: SweepSummary, isDoubtful: boolean): Promise<void> {
    const { summaries } = this.deps;
    const { scheduledForMs, startedAtMs } = state;
    const isFinal = state.tookMs !== null;
    const progress = this.progressOf(state);
    const { message, thread } = isFinal
      ? sweepFinished(progress)
      : { message: sweepRunning(progress), thread: [] };
    const isThere =
      state.message !== null && (await this.isEdited(state.message, message, isFinal && state.told < FINAL));
    const seek = isDoubtful ? { seek: { channel: await this.deps.channelId(), sinceMs: startedAtMs } } : {};
    const id = isThere && state.message !== null ? state.message : await this.posted(state, message, seek);
    // Its parts come again with a message that was posted afresh, and when who posted them was killed at it.
    if (state.told < FINAL || !isThere) await this.postThread(id, thread, scheduledForMs, seek);
    await summaries.update(scheduledForMs, (now) => ({
      ...now,
      told: dueOf(state),
      // Nothing more is expected: whoever has a late result may tell it.
      teller: isFinal ? null : now.teller,
    }));
  }

  private async posted(
    { scheduledForMs, message: lost }: SweepSummary,
    message: Outgoing,
    seek: Pick<Posting, 'seek'>,
  ): Promise<MessageId> {
    const { queue, summaries, channel } = this.deps;
    const key = `sweep/${scheduledForMs}/${lost?.ts ?? ''}`;
    const id = await queue.post(channel, message, { withinMs: POST_WITHIN_MS, key, ...seek });
    await summaries.update(scheduledForMs, (now) => ({ ...now, message: id }));
    // One that was killed may have posted it, of what was known then.
    if ('seek' in seek) await this.isEdited(id, message, true);
    return id;
  }

  private async postThread(
    { channel, ts }: MessageId,
    thread: readonly Outgoing[],
    scheduledForMs: number,
    { seek }: Pick<Posting, 'seek'>,
  ): Promise<void> {
    for (const [index, part] of thread.entries()) {
      const key = `sweep/${scheduledForMs}/${ts}/${index}`;
      const sought = seek === undefined ? {} : { seek: { ...seek, channel } };
      await this.deps.queue.post(channel, { ...part, threadTs: ts }, { key, ...sought });
    }
  }

  /** False when the message is gone. */
  private async isEdited(
    id: MessageId,
    message: ReturnType<typeof sweepRunning>,
    urgent: boolean,
  ): Promise<boolean> {
    try {
      await this.deps.queue.edit(id, message, { urgent });
      return true;
    } catch (fault) {
      if (fault instanceof AppError && fault.code === 'slack_message_gone') return false;
      throw fault;
    }
  }

  private progressOf({ cameras, startedAtMs, total, tookMs }: SweepSummary): SweepProgress {
    const outcomes = allDevices(this.deps.settings).flatMap((device): Swept[] => {
      const path = cameraPath(device);
      const swept = cameras[path] ?? (tookMs === null ? null : notChecked(path));
      return swept === null ? [] : [{ ...swept, device }];
    });
    return { startedAtMs, total, outcomes, tookMs };
  }

  private untold(scheduledForMs: number, fault: unknown): void {
    if (this.deps.signal.aborted) return;
    if (!(fault instanceof AppError)) throw fault;
    this.failed.add(scheduledForMs);
    this.pausedUntilMs.set(scheduledForMs, this.deps.clock.nowMs() + REFUSED_MS);
    const message = `The sweep could not be told in Slack. ${fault.message} ${fault.remedy}`;
    this.deps.log({ level: 'error', event: 'slack_untold', message, cause: fault });
  }
}
