import type { DeviceSettings } from '../../config/settings.js';
import * as life from '../../monitor/record/incident.js';
import type { CameraState, Change, Incident, MessageId } from '../../monitor/record/incident.js';
import {
  claimPosting,
  isBehind,
  messageGone,
  notPosted,
  pictured,
  posted,
  replied,
  shownAs,
  shownOf,
} from '../state/incident-message-state.js';
import type { CheckOutcome } from '../../monitor/product.js';
import { cameraPath } from '../../monitor/text/wording.js';
import { AppError } from '../../ports/app-error.js';
import { incidentMessage, threadLine } from '../blocks/incident.js';
import type { Posting } from '../api/message-queue.js';
import type { SlackDeps } from '../requests/context.js';
import { uploadOverlay, whenReady } from './picture-upload.js';

/** How long others leave the posting of a message to the one that began it; hundreds may wait in line. */
const POSTING_MS = 300_000;
/** After that it must not be posted any more: somebody else may be doing so. */
const POST_WITHIN_MS = 270_000;

const isGone = (fault: unknown): boolean => fault instanceof AppError && fault.code === 'slack_message_gone';
const isRefused = (fault: unknown): boolean => fault instanceof AppError && fault.code === 'slack_blocks';

const keyOf = (device: DeviceSettings, { openedAtMs, reposts }: Incident): string =>
  `incident/${cameraPath(device)}/${openedAtMs}/${reposts}`;

/** Keeps the one message of each incident in line with what the store knows. */
export class IncidentDesk {
  /** Cameras whose message is being brought in line, and whether it has to be done once more after that. */
  private readonly showing = new Map<string, { again: boolean; done: Promise<void> }>();

  private readonly picturing = new Map<string, Promise<void>>();

  constructor(private readonly deps: SlackDeps) {}

  /** Takes note of a check and tells it. `withPicture`: somebody asked for it and wants to see it. */
  async observe(outcome: CheckOutcome, withPicture = false): Promise<void> {
    const tell = await this.note(outcome, withPicture);
    await tell();
  }

  /** Takes note of a check, so that whatever happens it will be told; what is answered tells it now. */
  async note(outcome: CheckOutcome, withPicture = false): Promise<() => Promise<void>> {
    const { incidents, clock, settings } = this.deps;
    const { device } = outcome;
    const finding = life.findingOf(outcome);
    let change: Change = 'none';
    const { after } = await incidents.update(device, (state) => {
      const seen = life.observe(state, finding, clock.nowMs(), settings.alerts.clearRatio);
      change = seen.change;
      return seen.state;
    });
    return async () => {
      // Who noted it before may have been killed at telling it.
      if (change !== 'none' || isBehind(after, clock.nowMs())) await this.show(device);
      if (change === 'raised' || (change !== 'none' && withPicture)) this.beginPicture(device);
    };
  }

  /** Until the pictures under way (of one camera) are shown. */
  async pictured(device?: DeviceSettings): Promise<void> {
    if (device !== undefined) await this.picturing.get(cameraPath(device));
    else while (this.picturing.size > 0) await Promise.all(this.picturing.values());
  }

  /** The text is out: nobody waits for the picture. */
  beginPicture(device: DeviceSettings): void {
    const key = cameraPath(device);
    const before = this.picturing.get(key) ?? Promise.resolve();
    const done: Promise<void> = before
      .then(() => this.addPicture(device))
      .finally(() => {
        if (this.picturing.get(key) === done) this.picturing.delete(key);
      });
    this.picturing.set(key, done);
  }

  /** Applies what somebody did and shows it; answers the states before and after. */
  async act(
    device: DeviceSettings,
    change: (state: CameraState) => CameraState | null,
  ): Promise<{ before: CameraState; after: CameraState }> {
    const states = await this.deps.incidents.update(device, change);
    if (states.after !== states.before) await this.show(device);
    return states;
  }

  /** Brings the message in line with the state; calls at once for one camera share their edits. */
  show(device: DeviceSettings): Promise<void> {
    const key = cameraPath(device);
    const running = this.showing.get(key);
    if (running !== undefined) {
      running.again = true;
      return running.done;
    }
    const entry = { again: false, done: Promise.resolve() };
    entry.done = this.showUntilSettled(device, entry).finally(() => this.showing.delete(key));
    this.showing.set(key, entry);
    return entry.done;
  }

  private async showUntilSettled(device: DeviceSettings, entry: { again: boolean }): Promise<void> {
    do {
      entry.again = false;
      await this.showOnce(device).catch((fault: unknown) => this.unshown(device, fault));
    } while (entry.again);
  }

  /** Trouble with Slack holds nothing up: what is to be shown stands in the store and is shown at the next occasion. */
  private unshown(device: DeviceSettings, fault: unknown): void {
    if (this.deps.signal.aborted) return;
    if (!(fault instanceof AppError)) throw fault;
    const message = `${cameraPath(device)}: the incident could not be told. ${fault.message} ${fault.remedy}`;
    this.deps.log({ level: 'error', event: 'slack_untold', message, device: device.deviceId, cause: fault });
  }

  private async showOnce(device: DeviceSettings): Promise<void> {
    while (await this.step(device));
  }

  /** Does one thing that brings Slack nearer to what is kept; false when there is none that this program may do. */
  private async step(device: DeviceSettings): Promise<boolean> {
    const state = await this.deps.incidents.of(device);
    const { incident } = state;
    if (incident === null) return false;
    const { message, replies } = incident;
    if (message === null) return this.post(device, state);
    const shown = shownOf(state, this.deps.clock.nowMs());
    if (incident.shown !== shown) return this.bringInLine(device, state, incident, message, shown);
    return replies.length > 0 && this.reply(device, state, message);
  }

  private async bringInLine(
    device: DeviceSettings,
    state: CameraState,
    incident: Incident,
    id: MessageId,
    shown: string,
  ): Promise<boolean> {
    const { incidents } = this.deps;
    const { openedAtMs, picture } = incident;
    try {
      await this.edit(device, state, incident, id);
      await incidents.update(device, (now) => shownAs(now, openedAtMs, shown));
    } catch (fault) {
      if (isRefused(fault) && picture !== null)
        await incidents.update(device, (now) => pictured(now, openedAtMs, null));
      else if (isGone(fault)) await incidents.update(device, (now) => messageGone(now, openedAtMs, id));
      else throw fault;
    }
    return true;
  }

  private edit(device: DeviceSettings, state: CameraState, incident: Incident, id: MessageId): Promise<void> {
    const message = incidentMessage(device, state, incident, this.deps.clock.nowMs());
    return this.deps.queue.edit(id, message, { urgent: true });
  }

  /** Posts the message unless it is silenced, nothing is open, or somebody else is posting it. */
  private async post(device: DeviceSettings, known: CameraState): Promise<boolean> {
    if (await this.deps.isSilenced(device)) return false;
    return this.posting(device, known, async (claimed, incident, seek) => {
      const { clock, queue, channel } = this.deps;
      const shownNow = { ...claimed, incident: { ...incident, picture: null } };
      const message = incidentMessage(device, shownNow, shownNow.incident, clock.nowMs());
      const key = keyOf(device, incident);
      const id = await queue.post(channel, message, { withinMs: POST_WITHIN_MS, key, ...seek });
      // An earlier program may have posted it, of what was known then.
      const about =
        'seek' in seek
          ? { shown: '', told: [] }
          : { shown: shownOf(shownNow, clock.nowMs()), told: incident.replies };
      return (now) => posted(now, incident.openedAtMs, { message: id, ...about });
    });
  }

  /** Says the first of what the thread has to be told; nothing is said of a silenced camera. */
  private async reply(device: DeviceSettings, known: CameraState, id: MessageId): Promise<boolean> {
    const isSilenced = await this.deps.isSilenced(device);
    return this.posting(device, known, async (_, incident, seek) => {
      const [first] = incident.replies;
      if (isSilenced || first === undefined)
        return (now) => replied(now, incident.openedAtMs, incident.replies);
      const line = { ...threadLine(first.finding, first.change), threadTs: id.ts };
      const key = `${keyOf(device, incident)}/${first.change}/${first.finding.at}`;
      const post = this.deps.queue.post(id.channel, line, { withinMs: POST_WITHIN_MS, key, ...seek });
      await post.catch((fault: unknown) => {
        if (!isGone(fault) && !isRefused(fault)) throw fault;
      });
      return (now) => replied(now, incident.openedAtMs, [first]);
    });
  }

  /** Posts while no other program does. `seek` where one was at it that never said what became of it. */
  private async posting(
    device: DeviceSettings,
    known: CameraState,
    post: (
      claimed: CameraState,
      incident: Incident,
      seek: Pick<Posting, 'seek'>,
    ) => Promise<(now: CameraState) => CameraState>,
  ): Promise<boolean> {
    const { incidents, clock, owner } = this.deps;
    const gone = await this.deps.goneOwner(known.incident?.posting?.owner ?? owner);
    const claim = { owner, nowMs: clock.nowMs(), forMs: POSTING_MS };
    const { before, after } = await incidents.update(device, (state) => claimPosting(state, claim, gone));
    const { incident } = after;
    if (after === before || incident === null) return false;
    const doubt = before.incident?.posting ?? null;
    const seek =
      doubt === null ? {} : { seek: { channel: await this.deps.channelId(), sinceMs: doubt.sinceMs } };
    let done = (state: CameraState): CameraState => notPosted(state, incident.openedAtMs);
    try {
      done = await post(after, incident, seek);
    } finally {
      await incidents.update(device, done);
    }
    return true;
  }

  /** The picture of the latest check, beside the text that is out already: its failure is logged, nothing more. */
  private async addPicture(device: DeviceSettings): Promise<void> {
    const { incidents, clock, signal, log } = this.deps;
    try {
      const { incident } = await incidents.of(device);
      if (incident?.message == null || incident.picture?.of === incident.latest.at) return;
      const id = incident.message;
      const fileId = await uploadOverlay(this.deps, device, incident.latest.at);
      if (fileId === null) return;
      const picture = { fileId, of: incident.latest.at };
      await whenReady(clock, signal, async () => {
        const now = await incidents.of(device);
        if (now.incident?.openedAtMs === incident.openedAtMs)
          await this.edit(device, now, { ...now.incident, picture }, id);
      });
      await incidents.update(device, (now) => pictured(now, incident.openedAtMs, picture));
      await this.show(device);
    } catch (cause) {
      if (signal.aborted) return;
      const message = `${cameraPath(device)}: the picture could not be shown in Slack.`;
      log({ level: 'warn', event: 'slack_picture', message, device: device.deviceId, cause });
    }
  }
}
