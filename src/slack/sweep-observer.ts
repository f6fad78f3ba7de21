import type { CheckOutcome } from '../monitor/product.js';
import type { SweepWatch } from '../monitor/record/sweep-watch.js';
import { allDevices } from '../monitor/text/device-selection.js';
import { begun, ended, merged, sweptOf, type SweepSummary } from './state/sweep-summary-state.js';
import { AppError } from '../ports/app-error.js';
import { notice } from './blocks/sweep.js';
import type { SlackDeps } from './requests/context.js';
import type { FleetView } from './state/fleet-view.js';
import type { IncidentDesk } from './messages/incident-messages.js';
import type { OutageDesk } from './messages/outage-messages.js';
import type { SweepTeller } from './messages/sweep-messages.js';

/** What sweeps mean: for their summaries, which all programs that take part share, for incidents, and for sites. */
export class SweepBoard {
  private readonly works = new Set<Promise<void>>();
  /** Results that are not in the store yet and the write that brings them there, by sweep. */
  private readonly pending = new Map<number, { outcomes: CheckOutcome[]; done: Promise<void> }>();
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
    failed: (fault, scheduledForMs) => {
      const line = `⚠️ The sweep failed: ${fault.message} ${fault.remedy}`;
      return this.said(line, `sweep_failed/${scheduledForMs}/${fault.code}`);
    },
    // Besides a sweep's summary, which ends with its last camera, or when nothing more comes.
    notice: (line, key) => this.deps.outbox.post(key, notice(line)),
    stalled: (line, key) => this.said(line, key),
  };

  /** Until everything that sweeps asked for is told. */
  async settled(): Promise<void> {
    while (this.works.size > 0) await Promise.all(this.works);
    await this.parts.teller.settled();
    await this.deps.outbox.settled();
  }

  /** Resolves when incident, site and summary know of it; what they make of it is told without being waited for. */
  private async noted(outcome: CheckOutcome, scheduledForMs: number): Promise<void> {
    const { desk, outages, fleet } = this.parts;
    fleet.note(outcome);
    const tellings = await this.counted(
      Promise.all([desk.note(outcome), outages.note(outcome), this.summed(outcome, scheduledForMs)]),
    );
    for (const tell of tellings) if (tell !== undefined) this.inBackground(tell);
  }

  private summed(outcome: CheckOutcome, scheduledForMs: number): Promise<void> {
    const waiting = this.pending.get(scheduledForMs);
    if (waiting !== undefined) {
      waiting.outcomes.push(outcome);
      return waiting.done;
    }
    const outcomes = [outcome];
    // What comes while another write is under way is written with this one.
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

  /** Where the store cannot keep it, this program says it at once: that may be what is wrong. */
  private async said(line: string, key: string): Promise<void> {
    const { outbox, queue, channel } = this.deps;
    await outbox.post(key, notice(line)).catch((fault: unknown) => {
      this.untold(fault);
      this.inBackground(async () => void (await queue.post(channel, notice(line), { key })));
    });
  }

  /** Writes of one sweep follow each other; each is told. */
  private write(scheduledForMs: number, prepare: () => (state: SweepSummary) => SweepSummary): Promise<void> {
    const before = this.writing.get(scheduledForMs) ?? Promise.resolve();
    const done = before.then(() => this.store(scheduledForMs, prepare()));
    const over: Promise<void> = done
      .catch(() => undefined) // told to whoever waits for it
      .finally(() => {
        if (this.writing.get(scheduledForMs) === over) this.writing.delete(scheduledForMs);
      });
    this.writing.set(scheduledForMs, over);
    return this.counted(done);
  }

  /** Known to `settled` while it lasts. */
  private counted<T>(work: Promise<T>): Promise<T> {
    const over: Promise<void> = work
      .then(
        () => undefined,
        () => undefined,
      )
      .finally(() => this.works.delete(over));
    this.works.add(over);
    return work;
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
