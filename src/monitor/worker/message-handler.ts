import type { CameraName } from '../../ports/camera-name.js';
import { AppError } from '../../ports/app-error.js';
import type { TakenWork } from '../../ports/work-queue.js';
import { DeploymentFaults } from '../record/deployment-faults.js';
import type { CheckOutcome } from '../record/outcome.js';
import { finishOwnCheck } from '../sweeps/finish-own-check.js';
import { hasSharedFault } from '../record/shared-faults.js';
import { withHeartbeat } from './visibility-heartbeat.js';
import { checkForSweep } from '../sweeps/check-for-sweep.js';
import { finishSweep } from '../sweeps/finish-sweep.js';
import { checkMessage, parseMessage, type SweepMessage } from '../sweeps/sweep-messages.js';
import { Standstill } from './outage-alert.js';
import { StoreAway } from './store-outage.js';
import { deviceNamed, interleaved } from '../text/device-selection.js';
import { announce, MS_PER_MINUTE, type WorkerDeps } from '../sweeps/sweep-context.js';

type CheckMessage = Extract<SweepMessage, { kind: 'check' }>;

/** Work that cannot be done now is tried again after so long, times its tries. */
const AGAIN_MS = 10_000;
/** How often it is looked whether a sweep has ended, while cameras are being checked; who checks the last one looks at once. */
const LOOK_MS = 30_000;

/** Does what messages ask for, any number at once; every program of the fleet has one. */
export class SweepWorker {
  private readonly faults = new Map<string, DeploymentFaults>();
  /** Sweeps whose cameras were checked here, not known to have ended, and when that was looked up. */
  private readonly touched = new Map<string, number>();
  private readonly storeAway: StoreAway;
  private busy = 0;
  private readonly standstill: Standstill;

  constructor(private readonly about: WorkerDeps) {
    this.standstill = new Standstill(about);
    this.storeAway = new StoreAway(about.deps, (fault) => this.standstill.met(fault, null));
  }

  /** Work is held until the store answers: no other is to be taken. */
  get isWaiting(): boolean {
    return this.storeAway.isAway;
  }

  /** Sweeps under way as far as this program knows. */
  get isSweeping(): boolean {
    return this.touched.size > 0;
  }

  /** Does one piece of work. Operating failures give it back; an aborted signal too, at once. */
  async handle(taken: TakenWork, signal: AbortSignal): Promise<void> {
    const { deps } = this.about;
    this.busy += 1;
    try {
      await withHeartbeat(deps, taken, signal, () =>
        this.storeAway.outlasted(() => this.obey(taken, signal), signal),
      );
      await this.standstill.passed();
    } catch (cause) {
      if (!signal.aborted && !(cause instanceof AppError)) throw cause;
      await this.giveBack(taken, signal.aborted ? null : (cause as AppError));
    } finally {
      this.busy -= 1;
    }
    if (!signal.aborted) await this.lookForEnds(signal);
  }

  /** Sweeps that others have under way, or were killed at, are looked after here too. */
  async takeNote(): Promise<void> {
    for (const { scheduledAt } of await this.about.sweeps.unfinished())
      if (!this.touched.has(scheduledAt)) this.touched.set(scheduledAt, 0);
  }

  /** Tells the end of sweeps whose last camera is done. */
  async lookForEnds(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.about.deps;
    for (const [scheduledAt, lookedAtMs] of this.touched) {
      if (this.busy > 0 && clock.nowMs() - lookedAtMs < LOOK_MS) continue;
      this.touched.set(scheduledAt, clock.nowMs());
      try {
        if (await finishSweep(this.about, scheduledAt, signal)) this.touched.delete(scheduledAt);
      } catch (cause) {
        signal.throwIfAborted();
        if (!(cause instanceof AppError)) throw cause;
        log({ level: 'warn', event: 'sweep_end_unknown', message: cause.message, cause });
      }
    }
  }

  private async obey(taken: TakenWork, signal: AbortSignal): Promise<void> {
    const message = parseMessage(taken.body);
    if (message === null) return taken.bury('It is no message of this program.');
    if (message.kind === 'sweep') await this.spread(message.scheduledAt, signal);
    else if (!(await this.check(message, signal)))
      return taken.bury(`The settings name no ${message.deploymentName}/${message.deviceId}.`);
    await taken.done();
  }

  /** One message for each camera. Doing it again changes nothing: each camera's check counts once. */
  private async spread(scheduledAt: string, signal: AbortSignal): Promise<void> {
    const { deps, watch } = this.about;
    const nowMs = deps.clock.nowMs();
    if (nowMs - Date.parse(scheduledAt) > this.periodMs)
      return announce(
        this.about,
        `⚠️ The sweep of ${scheduledAt} was missed: nobody began it within the time between sweeps.`,
        `sweep_missed/${scheduledAt}`,
      );
    await this.endOverdue(signal);
    const devices = interleaved(deps.settings);
    const { after } = await this.about.sweeps.begin(scheduledAt, {
      startedAtMs: nowMs,
      total: devices.length,
    });
    if (after.isSpread) return;
    await watch.started?.(Date.parse(scheduledAt));
    this.touched.set(scheduledAt, nowMs);
    await deps.queue.send(
      devices.map((device) => checkMessage(scheduledAt, device)),
      signal,
    );
    await this.about.sweeps.markSpread(scheduledAt);
  }

  /** False for a camera that the settings do not name. */
  private async check({ scheduledAt, ...named }: CheckMessage, signal: AbortSignal): Promise<boolean> {
    const { deps, references, incidents, sweeps } = this.about;
    const device = deviceNamed(deps.settings, named);
    if (device === null) return false;
    this.touched.set(scheduledAt, this.touched.get(scheduledAt) ?? 0);
    if (deps.clock.nowMs() - Date.parse(scheduledAt) > this.about.checkWithinMs) {
      const message = `The check of ${named.deploymentName}/${device.cameraName} for ${scheduledAt} comes too late.`;
      deps.log({ level: 'warn', event: 'check_too_late', message, device: device.deviceId });
      return true;
    }
    deps.metrics.taken(deps.clock.nowMs() - Date.parse(scheduledAt));
    const about = {
      ...{ deps, references, incidents, sweeps, tell: this.told.bind(this) },
      outlasting: <T>(work: () => Promise<T>) => this.storeAway.outlasted(work, signal),
      finishOwn: (camera: CameraName, leased: AbortSignal) =>
        finishOwnCheck(deps, references, sweeps, { camera, scheduledAt }, this.told.bind(this), leased),
    };
    await checkForSweep(about, { scheduledAt, device, faults: this.faultsOf(scheduledAt) }, signal);
    return true;
  }

  private async told(outcome: CheckOutcome): Promise<void> {
    const { tell, watch } = this.about;
    await watch.outcome?.(outcome, Date.parse(outcome.sweepAt ?? ''));
    // What the cameras of a site share is told at the end, with their number.
    if (!hasSharedFault(outcome)) tell(outcome.line);
  }

  /** Sweeps whose cameras nobody checks any more, as when the queue was emptied. */
  private async endOverdue(signal: AbortSignal): Promise<void> {
    const beforeMs = this.about.deps.clock.nowMs() - this.about.checkWithinMs;
    for (const { scheduledAt } of await this.about.sweeps.unfinished())
      if (Date.parse(scheduledAt) < beforeMs)
        await finishSweep(this.about, scheduledAt, signal, { isGivenUp: true });
  }

  private async giveBack(taken: TakenWork, fault: AppError | null): Promise<void> {
    const { deps } = this.about;
    const isBusy = fault?.code === 'sweep_camera_busy';
    if (fault !== null && !isBusy) {
      deps.log({ level: 'error', event: 'work_deferred', message: fault.message, cause: fault });
      await this.standstill.met(fault, parseMessage(taken.body)?.kind === 'sweep' ? null : taken.body);
    }
    const againMs = fault === null ? 0 : isBusy ? deps.queue.visibilityMs : AGAIN_MS * taken.attempts;
    try {
      await taken.release(againMs);
    } catch (cause) {
      if (!(cause instanceof AppError)) throw cause;
      // Its time runs out, then it comes again.
      deps.log({ level: 'warn', event: 'work_not_given_back', message: cause.message, cause });
    }
  }

  private get periodMs(): number {
    return this.about.deps.settings.schedule.everyMinutes * MS_PER_MINUTE;
  }

  private faultsOf(scheduledAt: string): DeploymentFaults {
    const known = this.faults.get(scheduledAt);
    if (known !== undefined) return known;
    this.faults.clear(); // a new sweep asks afresh
    const faults = new DeploymentFaults();
    this.faults.set(scheduledAt, faults);
    return faults;
  }
}
