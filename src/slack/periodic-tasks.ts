import {
  CALM,
  endJob,
  jobUnderWay,
  openIncident,
  remind,
  type CameraState,
} from '../monitor/record/incident.js';
import { isBehind } from './state/incident-message-state.js';
import { allDevices } from '../monitor/text/device-selection.js';
import type { SweepsState } from './state/outage-state.js';
import { cameraPath, counted, timeInWords } from '../monitor/text/wording.js';
import { AppError } from '../ports/app-error.js';
import { digest, reminder, type OpenIncident } from './blocks/fleet.js';
import { notice } from './blocks/sweep.js';
import type { SlackContext } from './requests/context.js';
import { isQuiet, localTime } from './api/local-time.js';

const ROUND_MS = 60_000;
/** In every how many rounds the states of all cameras are read. */
const ROUNDS_A_READING = 5;
/** A sweep is late when it has not ended this many periods after the one before. */
const LATE_PERIODS = 2;
/** How long after it was noted a reminder that is not in the store counts as lost, and until when it is posted again. */
const WRITING_MS = 120_000;
const REMEMBERED_MS = 86_400_000;

/** For how long after its beginning an incident without a picture is retried. */
const PICTURE_MS = 3_600_000;

const lacksPicture = (state: CameraState, nowMs: number): boolean => {
  const open = openIncident(state);
  if (open === null || open.message === null || open.picture !== null) return false;
  return open.latest.pictureLocation !== null && nowMs - open.openedAtMs < PICTURE_MS;
};

/**
 * Does what no event triggers: late sweeps, jobs whose program died, silences that ended, the daily digest, reminders of
 * unacknowledged incidents. Several programs may run it at once: the one that stores a message first posts it.
 */
export class PeriodicTasks {
  private readonly startedAtMs: number;

  constructor(private readonly deps: SlackContext) {
    this.startedAtMs = deps.clock.nowMs();
  }

  /** Until the signal aborts. */
  async run(): Promise<void> {
    const { clock, signal } = this.deps;
    for (let round = 0; !signal.aborted; round += 1) {
      await this.round(round % ROUNDS_A_READING === 0).catch((fault: unknown) => this.logFailure(fault));
      await clock.sleep(ROUND_MS, signal).catch(() => undefined);
    }
  }

  private async round(readsStates: boolean): Promise<void> {
    await this.reportLateSweep();
    await this.deps.pendingReplies.round();
    await this.deps.notices.round();
    await this.deps.sweepMessages.tidy();
    if (!readsStates) return;
    const states = await this.deps.incidents.all();
    await this.tidy(states);
    await this.deps.outageMessages.tidy();
    await this.remind(states);
    await this.postDigest(states);
    await this.deps.deliveries.prune();
  }

  private logFailure(fault: unknown): void {
    if (this.deps.signal.aborted) return;
    if (!(fault instanceof AppError)) throw fault;
    this.deps.log({ level: 'error', event: 'slack_watch', message: fault.message, cause: fault });
  }

  private async reportLateSweep(): Promise<void> {
    const { sweeps, clock, settings, notices } = this.deps;
    const nowMs = clock.nowMs();
    const periodMs = settings.schedule.everyMinutes * 60_000;
    const noted = (state: SweepsState): SweepsState | null => {
      const lastMs = Math.max(state.finishedAtMs ?? 0, this.startedAtMs);
      const isLate = nowMs - lastMs > LATE_PERIODS * periodMs;
      return isLate && (state.lateReportedForMs ?? -1) < lastMs - periodMs
        ? { ...state, lateReportedForMs: lastMs }
        : null;
    };
    const before = await sweeps.read();
    if (noted(before) === null) return;
    const since =
      before.finishedAtMs === null
        ? 'No sweep has ended yet'
        : `No sweep has ended since ${timeInWords(new Date(before.finishedAtMs).toISOString())} UTC`;
    const minutes = settings.schedule.everyMinutes;
    const text = `⏰ ${since}; one is due every ${counted(minutes, 'minute')}. Check that the program runs, and look in its log.`;
    await notices.post(`sweep_late/${before.finishedAtMs}/${before.lateReportedForMs}`, notice(text));
    await sweeps.update(noted);
  }

  /** Finishes what a killed program left half done. */
  private async tidy(states: ReadonlyMap<string, CameraState>): Promise<void> {
    const nowMs = this.deps.clock.nowMs();
    for (const device of allDevices(this.deps.settings)) {
      const state = states.get(cameraPath(device));
      if (state === undefined) continue;
      const { job } = state;
      if (job !== null && jobUnderWay(state, nowMs) === null)
        await this.deps.incidentMessages.act(device, (now) => endJob(now, job));
      else if (isBehind(state, nowMs)) await this.deps.incidentMessages.show(device);
      else if (lacksPicture(state, nowMs)) this.deps.incidentMessages.beginPicture(device);
    }
  }

  /** One message for all incidents that nobody acknowledged in time; each is in one message of one program. */
  private async remind(states: ReadonlyMap<string, CameraState>): Promise<void> {
    const { clock, settings, incidents, notices, owner } = this.deps;
    const { remindAfterMinutes } = settings.alerts;
    const nowMs = clock.nowMs();
    if (remindAfterMinutes === null || isQuiet(settings.alerts, nowMs)) return;
    const key = `reminder/${owner}/${nowMs}`;
    const due: OpenIncident[] = [];
    for (const device of allDevices(settings)) {
      const known = states.get(cameraPath(device));
      if (known === undefined) continue;
      const unsaid = await this.lostReminder(known, nowMs);
      const isDue = (state: CameraState): CameraState | null =>
        remind(state, { key, nowMs, afterMs: remindAfterMinutes * 60_000, unsaid });
      if (isDue(known) === null || (await this.deps.isSilenced(device))) continue;
      const { before, after } = await incidents.update(device, isDue);
      const incident = openIncident(after);
      if (after !== before && incident !== null) due.push({ device, incident });
    }
    if (due.length > 0) await notices.post(key, reminder(due));
  }

  /** The reminder noted on the incident, if the program that noted it was killed before it stored the message. */
  private async lostReminder(state: CameraState, nowMs: number): Promise<string | null> {
    const { reminder: key = null, remindedAtMs = null } = openIncident(state) ?? {};
    if (key === null || remindedAtMs === null) return null;
    const agoMs = nowMs - remindedAtMs;
    if (agoMs < WRITING_MS || agoMs > REMEMBERED_MS) return null;
    return (await this.deps.notices.has(key)) ? null : key;
  }

  private async postDigest(states: ReadonlyMap<string, CameraState>): Promise<void> {
    const { clock, sweeps, settings, notices } = this.deps;
    const { digestAtMinute, timeZone } = settings.alerts;
    const { day, minute } = localTime(clock.nowMs(), timeZone);
    if (digestAtMinute === null || minute < digestAtMinute) return;
    const open = allDevices(settings).flatMap((device): OpenIncident[] => {
      const incident = openIncident(states.get(cameraPath(device)) ?? CALM);
      return incident === null ? [] : [{ device, incident }];
    });
    const { digestDay } = await sweeps.read();
    if (digestDay === day) return;
    if (digestDay !== null && open.length > 0) await notices.post(`digest/${day}`, digest(open));
    await sweeps.update((state) => (state.digestDay === day ? null : { ...state, digestDay: day }));
  }
}
