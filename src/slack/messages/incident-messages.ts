import type { DeviceSettings } from '../../config/settings.js';
import * as life from '../../monitor/record/incident.js';
import type { CameraState, Change, Incident, MessageId } from '../../monitor/record/incident.js';
import {
  claimOf,
  isBehind,
  messageGone,
  pictured,
  posted,
  replied,
  shownAs,
  shownOf,
  withClaim,
} from '../state/incident-message-state.js';
import type { CheckOutcome } from '../../monitor/product.js';
import { cameraPath } from '../../monitor/text/wording.js';
import { incidentMessage, threadLine } from '../blocks/incident.js';
import type { Posting } from '../api/message-queue.js';
import { hasCode, logUnposted } from '../api/slack-errors.js';
import { Coalescer } from '../../async/coalescer.js';
import type { SlackDeps } from '../state/slack-deps.js';
import { postClaimed } from './message-claim.js';
import { uploadOverlay, whenReady } from './picture-upload.js';

const keyOf = (device: DeviceSettings, { openedAtMs, reposts }: Incident): string =>
  `incident/${cameraPath(device)}/${openedAtMs}/${reposts}`;

/** Keeps the one message of each incident up to date with the store. */
export class IncidentMessages {
  private readonly updates = new Coalescer<string>();
  private readonly pictures = new Coalescer<string>();

  constructor(private readonly deps: SlackDeps) {}

  /** Records a check and shows it in Slack. `withPicture`: somebody asked for the check and wants to see it. */
  async observe(outcome: CheckOutcome, withPicture = false): Promise<void> {
    const show = await this.note(outcome, withPicture);
    await show();
  }

  /** Records a check, so that Slack will show it even if this program is killed; the returned function shows it now. */
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
      // A program that recorded it before may have been killed before it showed it.
      if (change !== 'none' || isBehind(after, clock.nowMs())) await this.show(device);
      if (change === 'raised' || (change !== 'none' && withPicture)) this.beginPicture(device);
    };
  }

  /** Resolves when the picture uploads (of one camera) have ended. */
  pictured(device?: DeviceSettings): Promise<void> {
    return this.pictures.settled(device && cameraPath(device));
  }

  /** The text is posted already: nobody waits for the picture. */
  beginPicture(device: DeviceSettings): void {
    void this.pictures.run(cameraPath(device), () => this.addPicture(device));
  }

  /** Applies somebody's action and shows it; returns the states before and after. */
  async act(
    device: DeviceSettings,
    change: (state: CameraState) => CameraState | null,
  ): Promise<{ before: CameraState; after: CameraState }> {
    const states = await this.deps.incidents.update(device, change);
    if (states.after !== states.before) await this.show(device);
    return states;
  }

  /**
   * Brings the message up to date; concurrent calls for one camera share their edits. A failure is only logged: the state is
   * in the store and is shown at the next occasion.
   */
  show(device: DeviceSettings): Promise<void> {
    return this.updates.run(cameraPath(device), async () => {
      try {
        while (await this.step(device));
      } catch (fault) {
        const what = `${cameraPath(device)}: the incident could not be shown in Slack.`;
        logUnposted(this.deps, what, fault, device);
      }
    });
  }

  /** Makes one call that brings Slack closer to the stored state; false when this program has none to make. */
  private async step(device: DeviceSettings): Promise<boolean> {
    const state = await this.deps.incidents.of(device);
    const { incident } = state;
    if (incident === null) return false;
    const { message, replies } = incident;
    if (message === null) return this.post(device, state);
    const shown = shownOf(state, this.deps.clock.nowMs());
    if (incident.shown !== shown) return this.update(device, state, incident, message, shown);
    return replies.length > 0 && this.reply(device, state, message);
  }

  private async update(
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
      if (hasCode(fault, 'slack_blocks') && picture !== null)
        await incidents.update(device, (now) => pictured(now, openedAtMs, null));
      else if (hasCode(fault, 'slack_message_gone'))
        await incidents.update(device, (now) => messageGone(now, openedAtMs, id));
      else throw fault;
    }
    return true;
  }

  private edit(device: DeviceSettings, state: CameraState, incident: Incident, id: MessageId): Promise<void> {
    const message = incidentMessage(device, state, incident, this.deps.clock.nowMs());
    return this.deps.queue.edit(id, message, { urgent: true });
  }

  /** Posts the message unless the camera is silenced. */
  private async post(device: DeviceSettings, known: CameraState): Promise<boolean> {
    if (await this.deps.isSilenced(device)) return false;
    return this.postClaimed(device, known, async (claimed, incident, posting) => {
      const { clock, queue, channel } = this.deps;
      const shownNow = { ...claimed, incident: { ...incident, picture: null } };
      const message = incidentMessage(device, shownNow, shownNow.incident, clock.nowMs());
      const id = await queue.post(channel, message, { ...posting, key: keyOf(device, incident) });
      // An earlier program may have posted it, from an earlier state.
      const about =
        posting.seek === undefined
          ? { shown: shownOf(shownNow, clock.nowMs()), sent: incident.replies }
          : { shown: '', sent: [] };
      return (now) => posted(now, incident.openedAtMs, { message: id, ...about });
    });
  }

  /** Posts the first of the pending replies in the thread; drops them all while the camera is silenced. */
  private async reply(device: DeviceSettings, known: CameraState, id: MessageId): Promise<boolean> {
    const isSilenced = await this.deps.isSilenced(device);
    return this.postClaimed(device, known, async (_, incident, posting) => {
      const [first] = incident.replies;
      if (isSilenced || first === undefined)
        return (now) => replied(now, incident.openedAtMs, incident.replies);
      const line = { ...threadLine(first.finding, first.change), threadTs: id.ts };
      const key = `${keyOf(device, incident)}/${first.change}/${first.finding.at}`;
      await this.deps.queue.post(id.channel, line, { ...posting, key }).catch((fault: unknown) => {
        if (!hasCode(fault, 'slack_message_gone', 'slack_blocks')) throw fault;
      });
      return (now) => replied(now, incident.openedAtMs, [first]);
    });
  }

  private postClaimed(
    device: DeviceSettings,
    known: CameraState,
    post: (
      claimed: CameraState,
      incident: Incident,
      posting: Posting,
    ) => Promise<(now: CameraState) => CameraState>,
  ): Promise<boolean> {
    const update = (change: (state: CameraState) => CameraState | null) =>
      this.deps.incidents.update(device, change);
    return postClaimed(this.deps, { claimOf, withClaim, update }, known, async (claimed, posting) =>
      claimed.incident === null ? (now) => now : post(claimed, claimed.incident, posting),
    );
  }

  /** Adds the picture of the latest check to the posted text; a failure is only logged. */
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
