import type { CheckRequest } from '../check/run-check.js';
import { AppError } from '../../ports/app-error.js';
import type { TakenWork } from '../../ports/work-queue.js';
import { DeploymentFaults } from '../record/deployment-faults.js';
import { orLogged } from '../record/or-logged.js';
import type { CheckOutcome } from '../record/outcome.js';
import { hasSharedFault } from '../record/shared-faults.js';
import { withHeartbeat } from './visibility-heartbeat.js';
import { checkForSweep } from '../sweeps/check-for-sweep.js';
import { finishSweep } from '../sweeps/finish-sweep.js';
import { checkMessage, parseMessage, type SweepMessage } from '../sweeps/sweep-messages.js';
import { OutageAlert } from './outage-alert.js';
import { StoreOutage } from './store-outage.js';
import { deviceNamed, interleaved } from '../text/device-selection.js';
import { announce, MS_PER_MINUTE, type SweepContext } from '../sweeps/sweep-context.js';

type CheckMessage = Extract<SweepMessage, { kind: 'check' }>;

/** Delay before failed work is retried, times its attempts. */
const RETRY_MS = 10_000;
/** How often to check whether a sweep has ended while cameras are being checked; after the last one, at once. */
const END_CHECK_MS = 30_000;

/** Handles messages, any number at once; every program of the fleet has one. */
export class MessageHandler {
  private readonly faults = new Map<string, DeploymentFaults>();
  /** Sweeps with cameras checked here that may not have ended, and when that was last looked up. */
  private readonly touched = new Map<string, number>();
  private readonly storeOutage: StoreOutage;
  private busy = 0;
  private readonly outage: OutageAlert;

  constructor(private readonly context: SweepContext) {
    this.outage = new OutageAlert(context);
    this.storeOutage = new StoreOutage(context.deps, (fault) => this.outage.failed(fault, null));
  }

  /** Work is paused until the store responds: take no more. */
  get isWaiting(): boolean {
    return this.storeOutage.isOngoing;
  }

  /** Whether a sweep is running, as far as this program knows. */
  get isSweeping(): boolean {
    return this.touched.size > 0;
  }

  /** Handles one message. Operating failures and an aborted signal return it to the queue. */
  async handle(taken: TakenWork, signal: AbortSignal): Promise<void> {
    const { deps } = this.context;
    this.busy += 1;
    try {
      await withHeartbeat(deps, taken, signal, () =>
        this.storeOutage.retried(() => this.dispatch(taken, signal), signal),
      );
      await this.outage.recovered();
    } catch (cause) {
      if (!signal.aborted && !(cause instanceof AppError)) throw cause;
      await this.giveBack(taken, signal.aborted ? null : (cause as AppError));
    } finally {
      this.busy -= 1;
    }
    if (!signal.aborted) await this.finishSweeps(signal);
  }

  /** Also looks after sweeps that others are running, or were killed at. */
  async adoptUnfinished(): Promise<void> {
    for (const { scheduledAt } of await this.context.sweeps.unfinished())
      if (!this.touched.has(scheduledAt)) this.touched.set(scheduledAt, 0);
  }

  /** Reports the end of sweeps whose last camera is done. */
  async finishSweeps(signal: AbortSignal): Promise<void> {
    const { deps } = this.context;
    const { clock } = deps;
    for (const [scheduledAt, lookedAtMs] of this.touched) {
      if (this.busy > 0 && clock.nowMs() - lookedAtMs < END_CHECK_MS) continue;
      this.touched.set(scheduledAt, clock.nowMs());
      const entry = { level: 'warn', event: 'sweep_end_unknown' } as const;
      const finish = () => finishSweep(this.context, scheduledAt, signal);
      if (await orLogged(deps, entry, finish, signal)) this.touched.delete(scheduledAt);
    }
  }

  private async dispatch(taken: TakenWork, signal: AbortSignal): Promise<void> {
    const message = parseMessage(taken.body);
    if (message === null) return taken.bury('This program did not send the message.');
    if (message.kind === 'sweep') await this.startSweep(message.scheduledAt, signal);
    else if (!(await this.check(message, signal)))
      return taken.bury(`${message.deploymentName}/${message.deviceId} is not in the settings.`);
    await taken.done();
  }

  /** Sends one message per camera. Doing it again changes nothing: each camera counts once. */
  private async startSweep(scheduledAt: string, signal: AbortSignal): Promise<void> {
    const { deps, watch } = this.context;
    const nowMs = deps.clock.nowMs();
    if (nowMs - Date.parse(scheduledAt) > this.periodMs)
      return announce(
        this.context,
        `⚠️ The sweep of ${scheduledAt} was missed: no worker started it before the next one was due.`,
        `sweep_missed/${scheduledAt}`,
      );
    await this.endOverdue(signal);
    const devices = interleaved(deps.settings);
    const { after } = await this.context.sweeps.begin(scheduledAt, {
      startedAtMs: nowMs,
      total: devices.length,
    });
    if (after.isSent) return;
    await watch.started?.(Date.parse(scheduledAt));
    this.touched.set(scheduledAt, nowMs);
    await deps.queue.send(
      devices.map((device) => checkMessage(scheduledAt, device)),
      signal,
    );
    await this.context.sweeps.markSent(scheduledAt);
  }

  /** False for a camera that is not in the settings. */
  private async check({ scheduledAt, ...named }: CheckMessage, signal: AbortSignal): Promise<boolean> {
    const { deps } = this.context;
    const device = deviceNamed(deps.settings, named);
    if (device === null) return false;
    this.touched.set(scheduledAt, this.touched.get(scheduledAt) ?? 0);
    if (deps.clock.nowMs() - Date.parse(scheduledAt) > this.context.checkWithinMs) {
      const message = `The check of ${named.deploymentName}/${device.cameraName} for ${scheduledAt} is too late and was skipped.`;
      deps.log({ level: 'warn', event: 'check_too_late', message, device: device.deviceId });
      return true;
    }
    deps.metrics.taken(deps.clock.nowMs() - Date.parse(scheduledAt));
    const camera = { scheduledAt, device, faults: this.faultsOf(scheduledAt) };
    const retrying: CheckRequest['retrying'] = (work) => this.storeOutage.retried(work, signal);
    await checkForSweep({ ...this.context, tell: this.told.bind(this), retrying }, camera, signal);
    return true;
  }

  private async told(outcome: CheckOutcome): Promise<void> {
    const { tell, watch } = this.context;
    await watch.outcome?.(outcome, Date.parse(outcome.sweepAt ?? ''));
    // Faults shared by a site are reported at the end, with the number of cameras.
    if (!hasSharedFault(outcome)) tell(outcome.line);
  }

  /** Ends sweeps whose cameras nobody checks any more, as after a purge of the queue. */
  private async endOverdue(signal: AbortSignal): Promise<void> {
    const beforeMs = this.context.deps.clock.nowMs() - this.context.checkWithinMs;
    for (const { scheduledAt } of await this.context.sweeps.unfinished())
      if (Date.parse(scheduledAt) < beforeMs)
        await finishSweep(this.context, scheduledAt, signal, { isGivenUp: true });
  }

  private async giveBack(taken: TakenWork, fault: AppError | null): Promise<void> {
    const { deps } = this.context;
    const isBusy = fault?.code === 'sweep_camera_busy';
    if (fault !== null && !isBusy) {
      deps.log({ level: 'error', event: 'work_deferred', message: fault.message, cause: fault });
      await this.outage.failed(fault, parseMessage(taken.body)?.kind === 'sweep' ? null : taken.body);
    }
    const againMs = fault === null ? 0 : isBusy ? deps.queue.visibilityMs : RETRY_MS * taken.attempts;
    // If that fails, it becomes visible again when its time runs out.
    const entry = { level: 'warn', event: 'work_not_given_back' } as const;
    await orLogged(deps, entry, () => taken.release(againMs));
  }

  private get periodMs(): number {
    return this.context.deps.settings.schedule.everyMinutes * MS_PER_MINUTE;
  }

  private faultsOf(scheduledAt: string): DeploymentFaults {
    const known = this.faults.get(scheduledAt);
    if (known !== undefined) return known;
    this.faults.clear(); // a new sweep tries again
    const faults = new DeploymentFaults();
    this.faults.set(scheduledAt, faults);
    return faults;
  }
}
