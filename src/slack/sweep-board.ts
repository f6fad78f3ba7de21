import type { CheckOutcome, SweepWatch } from '../monitor/product.js';
import { allDevices } from '../monitor/select-devices.js';
import { begun, ended, merged, sweptOf, type SweepSummary } from '../monitor/sweep-summary.js';
import { AppError } from '../ports/app-error.js';
import { notice } from './blocks/sweep.js';
import type { SlackDeps } from './context.js';
import type { FleetView } from './fleet-view.js';
import type { IncidentDesk } from './incident-desk.js';
import type { OutageDesk } from './outage-desk.js';
import type { SweepTeller } from './sweep-teller.js';

/** What sweeps mean: for their summaries, which all programs that take part share, for incidents, and for sites. */
export class SweepBoard {
  private readonly works = new Set<Promise<void>>();
  /** Results that are not in the store yet, by sweep. */
  private readonly pending = new Map<number, CheckOutcome[]>();
  /** The last of the writes under way or waiting, by sweep. */
  private readonly writing = new Map<number, Promise<void>>();

  constructor(
    private readonly deps: SlackDeps,
    private readonly parts: {
      readonly desk: IncidentDesk;
      readonly outages: OutageDesk;
      readonly fleet: FleetView;
      readonly teller: SweepTeller;
    },
  ) {}

  readonly watch: SweepWatch = {
    started: (scheduledForMs) => this.write(scheduledForMs, () => (state) => state),
    outcome: (outcome, scheduledForMs) => this.noted(outcome, scheduledForMs),
    finished: (outcomes, tookMs, scheduledForMs) =>
      this.write(scheduledForMs, () => (state) => ended(this.withResults(state, outcomes), tookMs)),
    failed: (fault) => this.said(`⚠️ The sweep failed: ${fault.message} ${fault.remedy}`),
    notice: (line) => this.said(line),
  };

  /** Until everything that sweeps asked for is told. */
  async settled(): Promise<void> {
    while (this.works.size > 0) await Promise.all(this.works);
    await this.parts.teller.settled();
  }

  private noted(outcome: CheckOutcome, scheduledForMs: number): void {
    const { desk, outages, fleet } = this.parts;
    fleet.note(outcome);
    this.inBackground(async () => void (await desk.observe(outcome)));
    this.inBackground(() => outages.note(outcome));
    const waiting = this.pending.get(scheduledForMs);
    if (waiting !== undefined) return void waiting.push(outcome);
    this.pending.set(scheduledForMs, [outcome]);
    // What comes while another write is under way is written with this one.
    this.write(scheduledForMs, () => {
      const outcomes = this.pending.get(scheduledForMs) ?? [];
      this.pending.delete(scheduledForMs);
      return (state) => this.withResults(state, outcomes);
    });
  }

  private withResults(state: SweepSummary, outcomes: readonly CheckOutcome[]): SweepSummary {
    return merged(state, outcomes.map(sweptOf), this.deps.clock.nowMs());
  }

  /** Besides a sweep's summary, which ends with its last camera, or when nothing more comes. */
  private said(line: string): void {
    this.inBackground(async () => void (await this.deps.queue.post(this.deps.channel, notice(line))));
  }

  /** Writes of one sweep follow each other; each is told. */
  private write(scheduledForMs: number, prepare: () => (state: SweepSummary) => SweepSummary): void {
    const before = this.writing.get(scheduledForMs) ?? Promise.resolve();
    const done = before
      .then(() => this.store(scheduledForMs, prepare()))
      .catch((fault: unknown) => void this.untold(fault));
    this.writing.set(scheduledForMs, done);
    this.inBackground(async () => {
      await done;
      if (this.writing.get(scheduledForMs) === done) this.writing.delete(scheduledForMs);
    });
  }

  private async store(scheduledForMs: number, change: (state: SweepSummary) => SweepSummary): Promise<void> {
    const { summaries, clock, settings, sweeps } = this.deps;
    const first = begun(scheduledForMs, clock.nowMs(), allDevices(settings).length);
    const { before, after } = await summaries.begin(scheduledForMs, first, change);
    void this.parts.teller.tell(scheduledForMs);
    if (after.tookMs === null || before?.tookMs != null) return;
    const finishedAtMs = after.startedAtMs + after.tookMs;
    await sweeps.update((state) => ({ ...state, finishedAtMs, lateToldForMs: null }));
  }

  private inBackground(work: () => Promise<void>): void {
    const done = work()
      .catch((fault: unknown) => this.untold(fault))
      .finally(() => this.works.delete(done));
    this.works.add(done);
  }

  private untold(fault: unknown): void {
    if (this.deps.signal.aborted) return;
    if (!(fault instanceof AppError)) throw fault;
    const message = `A part of a sweep could not be told in Slack. ${fault.message} ${fault.remedy}`;
    this.deps.log({ level: 'error', event: 'slack_untold', message, cause: fault });
  }
}
