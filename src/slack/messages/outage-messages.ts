import { DEPLOYMENT_FAULTS } from '../../monitor/record/deployment-faults.js';
import type { CheckOutcome } from '../../monitor/product.js';
import type { Outage } from '../state/outage-state.js';
import { AppError } from '../../ports/app-error.js';
import { outageMessage } from '../blocks/sweep.js';
import type { SlackDeps } from '../requests/context.js';

const POSTING_MS = 300_000;
const POST_WITHIN_MS = 270_000;

/** One message for each site that cannot be reached, edited when it can be again. */
export class OutageDesk {
  /** Sites whose message is being brought in line, so that one step follows another. */
  private readonly showing = new Map<string, Promise<void>>();

  constructor(private readonly deps: SlackDeps) {}

  /** Takes note of a check, so that whatever happens it will be told; what is answered tells it now. */
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
      const told = row.failure_log ?? failureCode;
      return { ...state, outage: begun(failureCode, nowMs, told) };
    });
    return async () => {
      if (isBehind(after.outage)) await this.show(site);
    };
  }

  /** Brings the message of a site in line with what is kept. */
  show(site: string): Promise<void> {
    const done: Promise<void> = (this.showing.get(site) ?? Promise.resolve())
      .then(async () => {
        while (await this.step(site));
      })
      .catch((fault: unknown) => this.unshown(site, fault))
      .finally(() => {
        if (this.showing.get(site) === done) this.showing.delete(site);
      });
    this.showing.set(site, done);
    return done;
  }

  /** What a killed program left half done is brought in line. */
  async tidy(): Promise<void> {
    for (const { name } of this.deps.settings.deployments)
      if (isBehind((await this.deps.sites.of(name)).outage)) await this.show(name);
  }

  /** Does one thing; false when there is none that this program may do. */
  private async step(site: string): Promise<boolean> {
    const { outage, silence } = await this.deps.sites.of(site);
    if (outage === null || !isBehind(outage)) return false;
    if (outage.endedAtMs !== null) return this.end(site, outage, outage.endedAtMs);
    const isSilenced = silence !== null && silence.untilMs > this.deps.clock.nowMs();
    return !isSilenced && this.post(site, outage);
  }

  private async end(site: string, outage: Outage, endedAtMs: number): Promise<boolean> {
    // It may have been posted by one that was killed before it could note that.
    if (outage.message === null && outage.posting !== null) return this.post(site, outage);
    if (outage.message !== null)
      await this.deps.queue
        .edit(outage.message, this.messageOf(site, outage, endedAtMs))
        .catch((fault: unknown) => {
          if (!(fault instanceof AppError) || fault.code !== 'slack_message_gone') throw fault;
        });
    await this.deps.sites.update(site, (state) =>
      state.outage?.sinceMs === outage.sinceMs ? { ...state, outage: null } : null,
    );
    return false;
  }

  /** By one program at a time. */
  private async post(site: string, known: Outage): Promise<boolean> {
    const { sites, clock, queue, channel, owner } = this.deps;
    const nowMs = clock.nowMs();
    const gone = await this.deps.goneOwner(known.posting?.owner ?? owner);
    const change = (of: (outage: Outage) => Outage | null) =>
      sites.update(site, (state) => {
        const outage = state.outage?.sinceMs === known.sinceMs ? of(state.outage) : null;
        return outage && { ...state, outage };
      });
    const { before, after } = await change(({ posting, ...outage }) =>
      outage.message !== null || (posting !== null && posting.untilMs > nowMs && posting.owner !== gone)
        ? null
        : { ...outage, posting: { owner, untilMs: nowMs + POSTING_MS } },
    );
    if (after === before) return false;
    const isDoubtful = before.outage?.posting != null;
    const seek = isDoubtful ? { seek: { channel: await this.deps.channelId(), sinceMs: known.sinceMs } } : {};
    const key = `outage/${site}/${known.sinceMs}`;
    let done = (outage: Outage): Outage => ({ ...outage, posting: { owner, untilMs: 0 } });
    try {
      const text = this.messageOf(site, known, null);
      const message = await queue.post(channel, text, { withinMs: POST_WITHIN_MS, key, ...seek });
      done = (outage) => ({ ...outage, message, posting: null });
    } finally {
      await change(done);
    }
    return true;
  }

  private unshown(site: string, fault: unknown): void {
    if (this.deps.signal.aborted) return;
    if (!(fault instanceof AppError)) throw fault;
    const message = `${site}: its outage could not be told. ${fault.message} ${fault.remedy}`;
    this.deps.log({ level: 'error', event: 'slack_untold', message, cause: fault });
  }

  private messageOf(site: string, { told, sinceMs }: Outage, endedAtMs: number | null) {
    const devices = this.deps.settings.deployments.find(({ name }) => name === site)?.devices ?? [];
    return outageMessage(site, told, devices, sinceMs, endedAtMs);
  }
}

const begun = (code: string, sinceMs: number, told: string): Outage => ({
  ...{ code, sinceMs, told, message: null, posting: null, endedAtMs: null },
});

const isBehind = (outage: Outage | null): boolean =>
  outage !== null && (outage.message === null || outage.endedAtMs !== null);
