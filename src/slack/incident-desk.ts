import type { DeviceSettings } from '../config/settings.js';
import * as life from '../monitor/incident.js';
import type { CameraState, Change, Incident, MessageId } from '../monitor/incident.js';
import type { CheckOutcome } from '../monitor/product.js';
import { cameraPath } from '../monitor/words.js';
import { AppError } from '../ports/app-error.js';
import { incidentMessage, threadLine } from './blocks/incident.js';
import type { SlackDeps } from './context.js';
import { uploadOverlay, whenReady } from './pictures.js';

/** How long others leave the posting of a message to the one that began it; hundreds may wait in line. */
const POSTING_MS = 300_000;
/** After that it must not be posted any more: somebody else may be doing so. */
const POST_WITHIN_MS = 270_000;

const isGone = (fault: unknown): boolean => fault instanceof AppError && fault.code === 'slack_message_gone';
const isRefused = (fault: unknown): boolean => fault instanceof AppError && fault.code === 'slack_blocks';

/** Keeps the one message of each incident in line with what the store knows. */
export class IncidentDesk {
  /** Cameras whose message is being brought in line, and whether it has to be done once more after that. */
  private readonly showing = new Map<string, { again: boolean; done: Promise<void> }>();

  private readonly picturing = new Map<string, Promise<void>>();

  constructor(private readonly deps: SlackDeps) {}

  /** Takes note of a check. `withPicture`: somebody asked for it and wants to see it. */
  async observe(outcome: CheckOutcome, withPicture = false): Promise<Change> {
    const { incidents, clock, settings } = this.deps;
    const { device } = outcome;
    const finding = life.findingOf(outcome);
    let change: Change = 'none';
    const { after } = await incidents.update(device, (state) => {
      const seen = life.observe(state, finding, clock.nowMs(), settings.alerts.clearRatio);
      change = seen.change;
      return seen.state;
    });
    if (after.incident === null || change === 'none') return change;
    await this.show(device);
    await this.tellThread(device, finding, change);
    if (change === 'raised' || withPicture) this.beginPicture(device);
    return change;
  }

  /** Until the pictures under way (of one camera) are shown. */
  async pictured(device?: DeviceSettings): Promise<void> {
    if (device !== undefined) await this.picturing.get(cameraPath(device));
    else while (this.picturing.size > 0) await Promise.all(this.picturing.values());
  }

  /** The text is out: nobody waits for the picture. */
  private beginPicture(device: DeviceSettings): void {
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
    const state = await this.deps.incidents.of(device);
    const { incident } = state;
    if (incident === null) return;
    if (incident.message === null) return this.post(device);
    try {
      await this.edit(device, state, incident, incident.message);
    } catch (fault) {
      if (isRefused(fault) && incident.picture !== null) return this.dropPicture(device, incident);
      if (!isGone(fault)) throw fault;
      const gone = incident.message;
      await this.deps.incidents.update(device, (now) => life.messageGone(now, incident.openedAtMs, gone));
      await this.post(device);
    }
  }

  private edit(device: DeviceSettings, state: CameraState, incident: Incident, id: MessageId): Promise<void> {
    const message = incidentMessage(device, state, incident, this.deps.clock.nowMs());
    return this.deps.queue.edit(id, message, { urgent: true });
  }

  /** Posts the message unless it is silenced, nothing is open, or somebody else is posting it. */
  private async post(device: DeviceSettings): Promise<void> {
    const { incidents, clock, queue, owner, channel } = this.deps;
    if (await this.deps.isSilenced(device)) return;
    const { before, after } = await incidents.update(device, (state) =>
      life.claimPosting(state, owner, clock.nowMs(), POSTING_MS),
    );
    const { incident } = after;
    if (after === before || incident === null) return;
    const { openedAtMs } = incident;
    let message: MessageId | null = null;
    try {
      message = await queue.post(
        channel,
        incidentMessage(device, after, { ...incident, picture: null }, clock.nowMs()),
        { withinMs: POST_WITHIN_MS },
      );
    } finally {
      await incidents.update(device, (state) => life.posted(state, openedAtMs, message));
    }
    // Somebody may have done something meanwhile, and a picture may be known already.
    const now = await incidents.of(device);
    const isSame = JSON.stringify(now) === JSON.stringify(life.posted(after, openedAtMs, message));
    if (!isSame || incident.picture !== null) await this.showOnce(device);
  }

  private async dropPicture(device: DeviceSettings, { openedAtMs }: Incident): Promise<void> {
    await this.deps.incidents.update(device, (state) => life.pictured(state, openedAtMs, null));
    await this.showOnce(device);
  }

  private async tellThread(device: DeviceSettings, finding: life.Finding, change: Change): Promise<void> {
    if (change === 'none' || change === 'raised') return;
    if (await this.deps.isSilenced(device)) return;
    const message = (await this.deps.incidents.of(device)).incident?.message ?? null;
    if (message === null) return;
    const line = threadLine(finding, change);
    await this.deps.queue.post(message.channel, { ...line, threadTs: message.ts });
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
      await incidents.update(device, (now) => life.pictured(now, incident.openedAtMs, picture));
      await this.show(device);
    } catch (cause) {
      if (signal.aborted) return;
      const message = `${cameraPath(device)}: the picture could not be shown in Slack.`;
      log({ level: 'warn', event: 'slack_picture', message, device: device.deviceId, cause });
    }
  }
}
