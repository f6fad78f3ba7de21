import type { DeviceSettings } from '../../config/settings.js';
import { AppError } from '../../ports/app-error.js';
import type { QueueDepth } from '../../ports/work-queue.js';
import { allDevices } from '../text/device-selection.js';
import { counted } from '../text/wording.js';
import { finishSweep } from '../sweeps/finish-sweep.js';
import { checkMessage } from '../sweeps/sweep-messages.js';
import { MS_PER_MINUTE, report, type WorkerDeps } from '../sweeps/sweep-context.js';

/** Work that somebody has counts as taken; a queue's numbers may be a minute old. */
const EMPTY_MS = 180_000;

/**
 * Looks after sweeps whose messages were lost, as when somebody purged the queue: nothing waits and nobody works, and cameras
 * are missing. Their messages are sent once more; when those are lost too the sweep ends, and says what was not checked.
 */
export class LostWork {
  private emptySinceMs: number | null = null;

  constructor(private readonly about: WorkerDeps) {}

  /** To be called from time to time with what the queue holds. */
  async lookAfter({ waiting, taken }: QueueDepth, signal: AbortSignal): Promise<void> {
    const nowMs = this.about.deps.clock.nowMs();
    if (waiting + taken > 0) {
      this.emptySinceMs = null;
      return;
    }
    this.emptySinceMs ??= nowMs;
    const beforeMs = nowMs - EMPTY_MS;
    if (this.emptySinceMs > beforeMs) return;
    for (const { scheduledAt, startedAtMs, resentAtMs } of await this.about.sweeps.unfinished())
      if (Math.max(startedAtMs, resentAtMs) <= beforeMs) await this.mend(scheduledAt, signal);
  }

  private async mend(scheduledAt: string, signal: AbortSignal): Promise<void> {
    const { deps } = this.about;
    const missing = await this.about.sweeps.missing(scheduledAt, allDevices(deps.settings));
    if (missing.length === 0) return;
    const nowMs = deps.clock.nowMs();
    const isOver = nowMs - Date.parse(scheduledAt) > deps.settings.schedule.everyMinutes * MS_PER_MINUTE;
    const resentAtMs = isOver ? null : await this.about.sweeps.claimResending(scheduledAt, nowMs);
    if (resentAtMs === nowMs) return this.sendAgain(scheduledAt, missing, signal);
    if (resentAtMs === null || resentAtMs <= nowMs - EMPTY_MS)
      await finishSweep(this.about, scheduledAt, signal, { isGivenUp: true });
  }

  private async sendAgain(
    scheduledAt: string,
    missing: readonly DeviceSettings[],
    signal: AbortSignal,
  ): Promise<void> {
    await this.about.deps.queue.send(
      missing.map((device) => checkMessage(scheduledAt, device)),
      signal,
    );
    await this.about.sweeps.markSpread(scheduledAt);
    const fault = new AppError(
      'checks_lost',
      `The messages of ${counted(missing.length, 'camera')} of the sweep of ${scheduledAt} are gone from the queue; they were sent again.`,
      'Nothing is to be done, unless it repeats: look then who purges the queue.',
    );
    await report(this.about, fault, scheduledAt);
  }
}
