import { DEPLOYMENT_FAULTS } from '../monitor/check.js';
import type { CheckOutcome } from '../monitor/product.js';
import type { Outage } from '../monitor/site-state.js';
import { AppError } from '../ports/app-error.js';
import { outageMessage } from './blocks/sweep.js';
import type { SlackDeps } from './context.js';

/** One message for each site that cannot be reached, edited when it can be again. */
export class OutageDesk {
  constructor(private readonly deps: SlackDeps) {}

  async note(outcome: CheckOutcome): Promise<void> {
    const { failureCode } = outcome;
    if (failureCode === null || !DEPLOYMENT_FAULTS.has(failureCode)) await this.reached(outcome);
    else if (!outcome.repeated) await this.unreachable(outcome, failureCode);
  }

  /** The first to write it down posts it. */
  private async unreachable({ device, row }: CheckOutcome, code: string): Promise<void> {
    const { sites, clock, queue, channel } = this.deps;
    const site = device.deploymentName;
    const outage: Outage = { code, sinceMs: clock.nowMs(), told: row.failure_log ?? code, message: null };
    const { before, after } = await sites.update(site, (state) =>
      state.outage === null ? { ...state, outage } : state,
    );
    if (after === before) return;
    if (after.silence !== null && after.silence.untilMs > clock.nowMs()) return;
    const message = await queue.post(channel, this.messageOf(site, outage, null));
    await sites.update(site, (state) =>
      state.outage === null ? state : { ...state, outage: { ...state.outage, message } },
    );
  }

  /** A camera that answered, or failed in its own way, was reached. */
  private async reached({ device }: CheckOutcome): Promise<void> {
    const { sites, clock, queue } = this.deps;
    const site = device.deploymentName;
    const { before } = await sites.update(site, (state) =>
      state.outage === null ? state : { ...state, outage: null },
    );
    const { outage } = before;
    if (outage?.message == null) return;
    await queue.edit(outage.message, this.messageOf(site, outage, clock.nowMs())).catch((fault: unknown) => {
      if (!(fault instanceof AppError) || fault.code !== 'slack_message_gone') throw fault;
    });
  }

  private messageOf(site: string, { told, sinceMs }: Outage, endedAtMs: number | null) {
    const devices = this.deps.settings.deployments.find(({ name }) => name === site)?.devices ?? [];
    return outageMessage(site, told, devices, sinceMs, endedAtMs);
  }
}
