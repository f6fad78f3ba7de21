import type { MessageId } from '../../monitor/record/incident.js';
import { allDevices } from '../../monitor/text/device-selection.js';
import { FINAL, stepOf, type SweepSummary } from '../state/sweep-summary-state.js';
import { cameraPath } from '../../monitor/text/wording.js';
import { hasCode, logUnposted } from '../api/slack-errors.js';
import { sweepFinished, sweepRunning, type Swept, type SweepProgress } from '../blocks/sweep.js';
import type { Posting } from '../api/message-queue.js';
import type { SlackDeps } from '../state/slack-deps.js';
import type { Outgoing } from '../api/slack-client.js';
import { Coalescer } from '../../async/coalescer.js';
import { claimer, POST_WITHIN_MS, released } from './message-claim.js';

/** How long to wait before the next try after a failure. */
const RETRY_MS = 60_000;
/** How long a sweep is remembered after its last result. */
const FORGET_MS = 3 * 3_600_000;

const notChecked = (camera: string): Omit<Swept, 'device'> => ({
  ...{ camera, verdict: 'unmeasured', failureCode: 'not_checked', repeated: false, excess: 0, at: '' },
  line: `⚠️ ${camera}: not checked: the sweep ended before`,
});

/** Keeps the one message of each sweep up to date with the store; one of several programs does so at a time. */
export class SweepMessages {
  private readonly updates = new Coalescer<number>();
  private readonly polling = new Set<number>();
  private readonly pausedUntilMs = new Map<number, number>();
  /** Sweeps of which this program does not know whether its last message was posted. */
  private readonly failed = new Set<number>();

  constructor(private readonly deps: SlackDeps) {}

  /** Brings the message up to date; concurrent calls for one sweep share their edits. */
  show(scheduledForMs: number): Promise<void> {
    return this.updates.run(scheduledForMs, () =>
      this.showOnce(scheduledForMs).catch((fault: unknown) => this.logFailure(scheduledForMs, fault)),
    );
  }

  settled(): Promise<void> {
    return this.updates.settled();
  }

  /** Takes over messages whose program was killed, and forgets old sweeps. */
  async tidy(): Promise<void> {
    const { summaries, clock } = this.deps;
    for (const state of await summaries.all()) {
      const { scheduledForMs, changedAtMs, shownStep } = state;
      if (clock.nowMs() - changedAtMs > FORGET_MS) await summaries.forget(scheduledForMs);
      // While the program that holds the claim lives, nothing happens here.
      else if (shownStep < stepOf(state)) await this.show(scheduledForMs);
    }
  }

  /** Leaves unfinished messages to other programs. */
  async leave(): Promise<void> {
    for (const scheduledForMs of this.polling)
      await this.deps.summaries.update(scheduledForMs, (state) =>
        state.claim?.owner === this.deps.owner ? { ...state, claim: released(state.claim) } : state,
      );
  }

  private async showOnce(scheduledForMs: number): Promise<void> {
    const { summaries, clock, owner } = this.deps;
    const nowMs = clock.nowMs();
    if (nowMs < (this.pausedUntilMs.get(scheduledForMs) ?? 0)) return;
    const held = (await summaries.of(scheduledForMs))?.claim ?? null;
    const claim = await claimer(this.deps, held, true);
    const { before, after: state } = await summaries.update(scheduledForMs, (known) => {
      const taken = claim(known.claim);
      return taken === known.claim ? null : taken && { ...known, claim: taken };
    });
    if (state?.claim?.owner !== owner || state.claim.untilMs <= nowMs) return;
    // The program before may have posted a message without noting it.
    const isDoubtful =
      this.failed.has(scheduledForMs) || (before?.claim != null && before.claim.owner !== owner);
    if (state.shownStep < stepOf(state)) await this.update(state, isDoubtful);
    this.failed.delete(scheduledForMs);
    if (state.tookMs === null) void this.poll(scheduledForMs);
  }

  /** Until the sweep has ended: other programs may add results. */
  private async poll(scheduledForMs: number): Promise<void> {
    if (this.polling.has(scheduledForMs)) return;
    this.polling.add(scheduledForMs);
    const { clock, signal, summaries, pace } = this.deps;
    try {
      do {
        await clock.sleep(pace.pollMs, signal);
        await this.show(scheduledForMs);
      } while ((await summaries.of(scheduledForMs))?.tookMs === null);
      this.polling.delete(scheduledForMs);
    } catch (fault) {
      this.logFailure(scheduledForMs, fault);
    }
  }

  private async update(state: SweepSummary, isDoubtful: boolean): Promise<void> {
    const { summaries } = this.deps;
    const { scheduledForMs, startedAtMs } = state;
    const isFinal = state.tookMs !== null;
    const progress = this.progressOf(state);
    const { message, thread } = isFinal
      ? sweepFinished(progress)
      : { message: sweepRunning(progress), thread: [] };
    const isThere =
      state.message !== null &&
      (await this.isEdited(state.message, message, isFinal && state.shownStep < FINAL));
    const seek = isDoubtful ? { seek: { channel: await this.deps.channelId(), sinceMs: startedAtMs } } : {};
    const id = isThere && state.message !== null ? state.message : await this.posted(state, message, seek);
    // The thread is posted again below a fresh message, and where a program was killed while it posted it.
    if (state.shownStep < FINAL || !isThere) await this.postThread(id, thread, scheduledForMs, seek);
    await summaries.update(scheduledForMs, (now) => ({
      ...now,
      shownStep: stepOf(state),
      // Once the sweep has ended, any program with a late result may claim it.
      claim: isFinal ? null : now.claim,
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
    // A killed program may have posted it, from an earlier state.
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
      if (hasCode(fault, 'slack_message_gone')) return false;
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

  private logFailure(scheduledForMs: number, fault: unknown): void {
    this.failed.add(scheduledForMs);
    this.pausedUntilMs.set(scheduledForMs, this.deps.clock.nowMs() + RETRY_MS);
    logUnposted(this.deps, 'The message of a sweep could not be updated in Slack.', fault);
  }
}
