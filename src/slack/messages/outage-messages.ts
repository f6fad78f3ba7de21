import { DEPLOYMENT_FAULTS } from '../../monitor/record/deployment-faults.js';
import type { CheckOutcome } from '../../monitor/product.js';
import type { Outage, SiteState } from '../state/outage-state.js';
import { hasCode, logUnposted } from '../api/slack-errors.js';
import { outageMessage } from '../blocks/sweep.js';
import { Coalescer } from '../../async/coalescer.js';
import type { SlackDeps } from '../state/slack-deps.js';
import { postClaimed, type MessageClaim } from './message-claim.js';

/** One message for each site that cannot be reached, edited when it can be again. */
export class OutageMessages {
  private readonly updates = new Coalescer<string>();

  constructor(private readonly deps: SlackDeps) {}

  /** Records a check, so that Slack will show it even if this program is killed; the returned function shows it now. */
  async note({ device, row, failureCode, repeated }: CheckOutcome): Promise<() => Promise<void>> {
    const { sites, clock } = this.deps;
    const site = device.deploymentName;
    const nowMs = clock.nowMs();
    const isUnreachable = failureCode !== null && DEPLOYMENT_FAULTS.has(failureCode);
    if (isUnreachable && repeated) return async () => undefined;
    const { after } = await sites.update(site, (state) => {
      if (!isUnreachable)
        return state.outage === null || state.outage.endedAtMs !== null
          ? null
          : { ...state, outage: { ...state.outage, endedAtMs: nowMs } };
      if (state.outage !== null) return null;
      const reason = row.failure_log ?? failureCode;
      return { ...state, outage: begun(failureCode, nowMs, reason) };
    });
    return async () => {
      if (isBehind(after.outage)) await this.show(site);
    };
  }

  /** Brings the message of a site up to date. */
  show(site: string): Promise<void> {
    return this.updates.run(site, async () => {
      try {
        while (await this.step(site));
      } catch (fault) {
        logUnposted(this.deps, `${site}: its outage could not be shown in Slack.`, fault);
      }
    });
  }

  /** Finishes what a killed program left half done. */
  async tidy(): Promise<void> {
    for (const { name } of this.deps.settings.deployments)
      if (isBehind((await this.deps.sites.of(name)).outage)) await this.show(name);
  }

  /** Makes one call; false when this program has none to make. */
  private async step(site: string): Promise<boolean> {
    const { outage, silence } = await this.deps.sites.of(site);
    if (outage === null || !isBehind(outage)) return false;
    if (outage.endedAtMs !== null) return this.end(site, outage, outage.endedAtMs);
    const isSilenced = silence !== null && silence.untilMs > this.deps.clock.nowMs();
    return !isSilenced && this.post(site, outage);
  }

  private async end(site: string, outage: Outage, endedAtMs: number): Promise<boolean> {
    // A program may have posted it and been killed before it noted the message.
    if (outage.message === null && outage.posting !== null) return this.post(site, outage);
    if (outage.message !== null)
      await this.deps.queue
        .edit(outage.message, this.messageOf(site, outage, endedAtMs))
        .catch((fault: unknown) => {
          if (!hasCode(fault, 'slack_message_gone')) throw fault;
        });
    await this.deps.sites.update(site, (state) =>
      state.outage?.sinceMs === outage.sinceMs ? { ...state, outage: null } : null,
    );
    return false;
  }

  private post(site: string, known: Outage): Promise<boolean> {
    const { sites, queue, channel } = this.deps;
    const change = (state: SiteState, of: (outage: Outage) => Outage): SiteState =>
      state.outage?.sinceMs === known.sinceMs ? { ...state, outage: of(state.outage) } : state;
    const document = {
      claimOf: ({ outage }: SiteState) =>
        outage?.sinceMs === known.sinceMs && outage.message === null ? outage.posting : undefined,
      withClaim: (state: SiteState, posting: MessageClaim) => change(state, (now) => ({ ...now, posting })),
      update: (of: (state: SiteState) => SiteState | null) => sites.update(site, of),
    };
    return postClaimed(this.deps, document, { silence: null, outage: known }, async (_, posting) => {
      const key = `outage/${site}/${known.sinceMs}`;
      const message = await queue.post(channel, this.messageOf(site, known, null), { ...posting, key });
      return (state) => change(state, (now) => ({ ...now, message, posting: null }));
    });
  }

  private messageOf(site: string, { reason, sinceMs }: Outage, endedAtMs: number | null) {
    const devices = this.deps.settings.deployments.find(({ name }) => name === site)?.devices ?? [];
    return outageMessage(site, reason, devices, sinceMs, endedAtMs);
  }
}

const begun = (code: string, sinceMs: number, reason: string): Outage => ({
  ...{ code, sinceMs, reason, message: null, posting: null, endedAtMs: null },
});

const isBehind = (outage: Outage | null): boolean =>
  outage !== null && (outage.message === null || outage.endedAtMs !== null);
