import type { DeviceSettings } from '../../config/settings.js';
import { AppError } from '../../ports/app-error.js';
import type { QueueDepth } from '../../ports/work-queue.js';
import { allDevices } from '../text/device-selection.js';
import { counted } from '../text/wording.js';
import { finishSweep } from '../sweeps/finish-sweep.js';
import { checkMessage } from '../sweeps/sweep-messages.js';
import { MS_PER_MINUTE, report, type SweepContext } from '../sweeps/sweep-context.js';

/** Work in progress counts as taken; a queue's numbers may be a minute old. */
const EMPTY_MS = 180_000;

/**
 * Recovers sweeps whose messages were lost, as by a purge: the queue is empty and cameras are missing. Sends their
 * messages once more; if those are lost too, ends the sweep and reports what was not checked.
 */
export class LostMessages {
  private emptySinceMs: number | null = null;

  constructor(private readonly context: SweepContext) {}

  /** Call it periodically with the depth of the queue. */
  async inspect({ waiting, taken }: QueueDepth, signal: AbortSignal): Promise<void> {
    const nowMs = this.context.deps.clock.nowMs();
    if (waiting + taken > 0) {
      this.emptySinceMs = null;
      return;
    }
    this.emptySinceMs ??= nowMs;
    const beforeMs = nowMs - EMPTY_MS;
    if (this.emptySinceMs > beforeMs) return;
    for (const { scheduledAt, startedAtMs, resentAtMs } of await this.context.sweeps.unfinished())
      if (Math.max(startedAtMs, resentAtMs) <= beforeMs) await this.mend(scheduledAt, signal);
  }

  private async mend(scheduledAt: string, signal: AbortSignal): Promise<void> {
    const { deps } = this.context;
    const missing = await this.context.sweeps.missing(scheduledAt, allDevices(deps.settings));
    if (missing.length === 0) return;
    const nowMs = deps.clock.nowMs();
    const isOver = nowMs - Date.parse(scheduledAt) > deps.settings.schedule.everyMinutes * MS_PER_MINUTE;
    const resentAtMs = isOver ? null : await this.context.sweeps.claimResending(scheduledAt, nowMs);
    if (resentAtMs === nowMs) return this.sendAgain(scheduledAt, missing, signal);
    if (resentAtMs === null || resentAtMs <= nowMs - EMPTY_MS)
      await finishSweep(this.context, scheduledAt, signal, { isGivenUp: true });
  }

  private async sendAgain(
    scheduledAt: string,
    missing: readonly DeviceSettings[],
    signal: AbortSignal,
  ): Promise<void> {
    await this.context.deps.queue.send(
      missing.map((device) => checkMessage(scheduledAt, device)),
      signal,
    );
    await this.context.sweeps.markSent(scheduledAt);
    const fault = new AppError(
      'checks_lost',
      `The queue lost the messages for ${counted(missing.length, 'camera')} of the sweep of ${scheduledAt}; they were sent again.`,
      'No action needed. If it happens again, find out who purges the queue.',
    );
    await report(this.context, fault, scheduledAt);
  }
}
