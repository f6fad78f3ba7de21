import type { CheckOutcome } from '../monitor/product.js';
import type { SweepWatch } from '../monitor/record/sweep-watch.js';
import { allDevices } from '../monitor/text/device-selection.js';
import { begun, ended, merged, sweptOf, type SweepSummary } from './state/sweep-summary-state.js';
import { logUnposted } from './api/slack-errors.js';
import { notice } from './blocks/sweep.js';
import { TaskSet } from '../async/task-set.js';
import type { SlackDeps } from './state/slack-deps.js';
import type { Notices } from './messages/notices.js';
import type { FleetView } from './state/fleet-view.js';
import type { IncidentMessages } from './messages/incident-messages.js';
import type { OutageMessages } from './messages/outage-messages.js';
import type { SweepMessages } from './messages/sweep-messages.js';
import pLimit from 'p-limit';

/** Passes what sweeps report on to their summaries, which all programs of a sweep share, to incidents and to outages. */
export class SweepObserver {
  private readonly tasks = new TaskSet((fault) => this.logFailure(fault));
  /** Results that wait for their write to the store, by sweep. */
  private readonly pending = new Map<number, { outcomes: CheckOutcome[]; done: Promise<void> }>();
  private readonly writes = pLimit(1);

  constructor(
    private readonly deps: SlackDeps,
    private readonly parts: {
      readonly incidentMessages: IncidentMessages;
      readonly outageMessages: OutageMessages;
      readonly sweepMessages: SweepMessages;
      readonly notices: Notices;
      readonly fleet: FleetView;
    },
  ) {}

  readonly watch: SweepWatch = {
    started: (scheduledForMs) => this.write(scheduledForMs, () => (state) => state),
    outcome: (outcome, scheduledForMs) => this.record(outcome, scheduledForMs),
    finished: (outcomes, tookMs, scheduledForMs) =>
      this.write(scheduledForMs, () => (state) => ended(this.withResults(state, outcomes), tookMs)),
    failed: (fault, scheduledForMs) => {
      const line = `⚠️ The sweep failed: ${fault.message} ${fault.remedy}`;
      return this.postNow(line, `sweep_failed/${scheduledForMs}/${fault.code}`);
    },
    notice: (line, key) => this.parts.notices.post(key, notice(line)),
    stalled: (line, key) => this.postNow(line, key),
  };

  /** Resolves when everything that sweeps reported is in Slack. */
  async settled(): Promise<void> {
    await this.tasks.settled();
    await this.parts.sweepMessages.settled();
    await this.parts.notices.settled();
  }

  /** Resolves when incident, site and summary are stored; showing them in Slack goes on in the background. */
  private async record(outcome: CheckOutcome, scheduledForMs: number): Promise<void> {
    const { incidentMessages, outageMessages, fleet } = this.parts;
    fleet.note(outcome);
    const shows = await this.tracked(
      Promise.all([
        incidentMessages.note(outcome),
        outageMessages.note(outcome),
        this.summarized(outcome, scheduledForMs),
      ]),
    );
    for (const show of shows) if (show !== undefined) this.tasks.add(show());
  }

  private summarized(outcome: CheckOutcome, scheduledForMs: number): Promise<void> {
    const waiting = this.pending.get(scheduledForMs);
    if (waiting !== undefined) {
      waiting.outcomes.push(outcome);
      return waiting.done;
    }
    const outcomes = [outcome];
    // Results that come while another write is under way join this one.
    const done = this.write(scheduledForMs, () => {
      this.pending.delete(scheduledForMs);
      return (state) => this.withResults(state, outcomes);
    });
    this.pending.set(scheduledForMs, { outcomes, done });
    return done;
  }

  private withResults(state: SweepSummary, outcomes: readonly CheckOutcome[]): SweepSummary {
    return merged(state, outcomes.map(sweptOf), this.deps.clock.nowMs());
  }

  /** Where the store cannot keep the notice, this program posts it at once: the store may be the problem. */
  private async postNow(line: string, key: string): Promise<void> {
    const { queue, channel } = this.deps;
    await this.parts.notices.post(key, notice(line)).catch((fault: unknown) => {
      this.logFailure(fault);
      this.tasks.add(queue.post(channel, notice(line), { key }));
    });
  }

  /** Writes run one after the other; each updates the message. */
  private write(scheduledForMs: number, prepare: () => (state: SweepSummary) => SweepSummary): Promise<void> {
    return this.tracked(this.writes(() => this.store(scheduledForMs, prepare())));
  }

  /** `settled` waits for it; its error goes to the caller alone. */
  private tracked<T>(work: Promise<T>): Promise<T> {
    this.tasks.add(work.catch(() => undefined));
    return work;
  }

  private async store(scheduledForMs: number, change: (state: SweepSummary) => SweepSummary): Promise<void> {
    const { summaries, clock, settings, sweeps } = this.deps;
    const first = begun(scheduledForMs, clock.nowMs(), allDevices(settings).length);
    const { before, after } = await summaries.begin(scheduledForMs, first, change);
    void this.parts.sweepMessages.show(scheduledForMs);
    if (after.tookMs === null || before?.tookMs != null) return;
    const finishedAtMs = after.startedAtMs + after.tookMs;
    await sweeps.update((state) => ({ ...state, finishedAtMs, lateReportedForMs: null }));
  }

  private logFailure(fault: unknown): void {
    logUnposted(this.deps, 'A part of a sweep could not be posted in Slack.', fault);
  }
}
