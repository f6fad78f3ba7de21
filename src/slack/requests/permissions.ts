import type { DeviceSettings } from '../../config/settings.js';
import { cameraPath } from '../../monitor/text/wording.js';
import { AppError } from '../../ports/app-error.js';
import type { Clock } from '../../ports/clock.js';
import { user } from '../blocks/text.js';
import type { SlackClient } from '../api/slack-client.js';

/** How long the members of a group are cached. */
const GROUP_MS = 300_000;

const mention = (id: string): string => (id.startsWith('S') ? `<!subteam^${id}>` : user(id));

/** Who may move a camera and replace its reference; everything else is open to all. */
export class Permissions {
  private readonly groups = new Map<string, { members: Promise<string[]>; untilMs: number }>();

  constructor(
    private readonly web: Pick<SlackClient, 'groupMembers'>,
    private readonly clock: Clock,
  ) {}

  /** AppError `not_permitted`, which names who may. */
  async requireMove(device: DeviceSettings, by: string): Promise<void> {
    await this.require(device.mayMove, by, `move ${cameraPath(device)}`);
  }

  /** A scan also moves the camera. */
  async requireReplaceReference(device: DeviceSettings, by: string): Promise<void> {
    await this.requireMove(device, by);
    await this.require(device.mayReplaceReference, by, `replace the reference of ${cameraPath(device)}`);
  }

  private async require(allowed: readonly string[], by: string, what: string): Promise<void> {
    if (allowed.length === 0 || allowed.includes(by)) return;
    for (const group of allowed.filter((id) => id.startsWith('S')))
      if ((await this.members(group)).includes(by)) return;
    throw new AppError(
      'not_permitted',
      `You may not ${what}.`,
      `Ask ${allowed.map(mention).join(', ')}, or ask to be added under permissions in devices.yaml.`,
    );
  }

  private members(group: string): Promise<string[]> {
    const nowMs = this.clock.nowMs();
    const known = this.groups.get(group);
    if (known !== undefined && known.untilMs > nowMs) return known.members;
    const members = this.web.groupMembers(group);
    this.groups.set(group, { members, untilMs: nowMs + GROUP_MS });
    members.catch(() => this.groups.delete(group));
    return members;
  }
}
