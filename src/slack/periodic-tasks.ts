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
import type { SlackContext, SlackDeps } from './requests/context.js';
import { isQuiet, localTime } from './api/local-time.js';

const ROUND_MS = 60_000;
/** Every how many rounds the states of all cameras are read. */
const ROUNDS_A_READING = 5;
/** A sweep is late when it has not ended this many periods after the one before. */
const LATE_PERIODS = 2;
/** A reminder that was noted is written down within this time, and remembered so long at least. */
const WRITING_MS = 120_000;
const REMEMBERED_MS = 86_400_000;

/** So long after its beginning it is tried again to show the picture of an incident. */
const PICTURE_MS = 3_600_000;

const lacksPicture = (state: CameraState, nowMs: number): boolean => {
  const open = openIncident(state);
  if (open === null || open.message === null || open.picture !== null) return false;
  return open.latest.pictureLocation !== null && nowMs - open.openedAtMs < PICTURE_MS;
};

type Deps = Pick<SlackContext, keyof SlackDeps | 'desk' | 'outages' | 'deliveries' | 'sweepTeller'>;

/**
 * Looks after what no event would bring about: sweeps that do not come, jobs whose program died, silences that ended, the
 * digest of the day, incidents that nobody acknowledges. Several programs may do so at once: each thing is told by the one that wrote it down first.
 */
export class Watchman {
  private readonly startedAtMs: number;

  constructor(private readonly deps: Deps) {
    this.startedAtMs = deps.clock.nowMs();
  }

  /** Until the signal aborts. */
  async watch(): Promise<void> {
    const { clock, signal } = this.deps;
    for (let round = 0; !signal.aborted; round += 1) {
      await this.round(round % ROUNDS_A_READING === 0).catch((fault: unknown) => this.failed(fault));
      await clock.sleep(ROUND_MS, signal).catch(() => undefined);
    }
  }

  async round(readsStates: boolean): Promise<void> {
    await this.tellLate();
    await this.deps.openReplies.round();
    await this.deps.outbox.round();
    await this.deps.sweepTeller.tidy();
    if (!readsStates) return;
    const states = await this.deps.incidents.all();
    await this.tidy(states);
    await this.deps.outages.tidy();
    await this.remind(states);
    await this.tellDigest(states);
    await this.deps.deliveries.prune();
  }

  private failed(fault: unknown): void {
    if (this.deps.signal.aborted) return;
    if (!(fault instanceof AppError)) throw fault;
    this.deps.log({ level: 'error', event: 'slack_watch', message: fault.message, cause: fault });
  }

  private async tellLate(): Promise<void> {
    const { sweeps, clock, settings, outbox } = this.deps;
    const nowMs = clock.nowMs();
    const periodMs = settings.schedule.everyMinutes * 60_000;
    const lastOf = (finishedAtMs: number | null): number => Math.max(finishedAtMs ?? 0, this.startedAtMs);
    const told = (state: SweepsState): SweepsState | null => {
      const lastMs = lastOf(state.finishedAtMs);
      const isLate = nowMs - lastMs > LATE_PERIODS * periodMs;
      return isLate && (state.lateToldForMs ?? -1) < lastMs - periodMs
        ? { ...state, lateToldForMs: lastMs }
        : null;
    };
    const before = await sweeps.read();
    if (told(before) === null) return;
    const since =
      before.finishedAtMs === null
        ? 'No sweep has ended yet'
        : `No sweep has ended since ${timeInWords(new Date(before.finishedAtMs).toISOString())} UTC`;
    const minutes = settings.schedule.everyMinutes;
    const text = `⏰ ${since}; one is due every ${counted(minutes, 'minute')}. Look into the log of the program that sweeps, and whether it runs.`;
    await outbox.post(`sweep_late/${before.finishedAtMs}/${before.lateToldForMs}`, notice(text));
    await sweeps.update(told);
  }

  /** What a killed program left half done is brought in line. */
  private async tidy(states: ReadonlyMap<string, CameraState>): Promise<void> {
    const nowMs = this.deps.clock.nowMs();
    for (const device of allDevices(this.deps.settings)) {
      const state = states.get(cameraPath(device));
      if (state === undefined) continue;
      const { job } = state;
      if (job !== null && jobUnderWay(state, nowMs) === null)
        await this.deps.desk.act(device, (now) => endJob(now, job));
      else if (isBehind(state, nowMs)) await this.deps.desk.show(device);
      else if (lacksPicture(state, nowMs)) this.deps.desk.beginPicture(device);
    }
  }

  /** One message for all that nobody acknowledged in time; each is in it once, whichever program tells it. */
  private async remind(states: ReadonlyMap<string, CameraState>): Promise<void> {
    const { clock, settings, incidents, outbox, owner } = this.deps;
    const { remindAfterMinutes } = settings.alerts;
    const nowMs = clock.nowMs();
    if (remindAfterMinutes === null || isQuiet(settings.alerts, nowMs)) return;
    const key = `reminder/${owner}/${nowMs}`;
    const due: OpenIncident[] = [];
    for (const device of allDevices(settings)) {
      const known = states.get(cameraPath(device));
      if (known === undefined) continue;
      const unsaid = await this.unsaidReminder(known, nowMs);
      const isDue = (state: CameraState): CameraState | null =>
        remind(state, { key, nowMs, afterMs: remindAfterMinutes * 60_000, unsaid });
      if (isDue(known) === null || (await this.deps.isSilenced(device))) continue;
      const { before, after } = await incidents.update(device, isDue);
      const incident = openIncident(after);
      if (after !== before && incident !== null) due.push({ device, incident });
    }
    if (due.length > 0) await outbox.post(key, reminder(due));
  }

  /** The reminder that the incident was noted to be in, where who noted it was killed before writing it. */
  private async unsaidReminder(state: CameraState, nowMs: number): Promise<string | null> {
    const { reminder: key = null, remindedAtMs = null } = openIncident(state) ?? {};
    if (key === null || remindedAtMs === null) return null;
    const agoMs = nowMs - remindedAtMs;
    if (agoMs < WRITING_MS || agoMs > REMEMBERED_MS) return null;
    return (await this.deps.outbox.has(key)) ? null : key;
  }

  private async tellDigest(states: ReadonlyMap<string, CameraState>): Promise<void> {
    const { clock, sweeps, settings, outbox } = this.deps;
    const { digestAtMinute, timeZone } = settings.alerts;
    const { day, minute } = localTime(clock.nowMs(), timeZone);
    if (digestAtMinute === null || minute < digestAtMinute) return;
    const open = allDevices(settings).flatMap((device): OpenIncident[] => {
      const incident = openIncident(states.get(cameraPath(device)) ?? CALM);
      return incident === null ? [] : [{ device, incident }];
    });
    const { digestDay } = await sweeps.read();
    if (digestDay === day) return;
    if (digestDay !== null && open.length > 0) await outbox.post(`digest/${day}`, digest(open));
    await sweeps.update((state) => (state.digestDay === day ? null : { ...state, digestDay: day }));
  }
}
