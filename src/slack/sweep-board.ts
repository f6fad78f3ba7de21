import { AppError } from '../ports/app-error.js';
import type { MessageId } from '../monitor/incident.js';
import type { CheckOutcome, SweepWatch } from '../monitor/product.js';
import { allDevices } from '../monitor/select-devices.js';
import { notice, sweepFinished, sweepRunning, type SweepProgress } from './blocks/sweep.js';
import type { SlackDeps } from './context.js';
import type { FleetView } from './fleet-view.js';
import type { IncidentDesk } from './incident-desk.js';
import type { OutageDesk } from './outage-desk.js';
import type { Outgoing } from './web.js';

/** How often a summary is edited while its sweep runs, whatever the number of cameras. */
const PROGRESS_EDITS = 6;

interface Running {
  readonly startedAtMs: number;
  readonly outcomes: CheckOutcome[];
  /** The message once it is posted; null: it could not be. */
  readonly message: Promise<MessageId | null>;
  told: number;
}

/** The one message of each sweep, and what its outcomes mean for incidents and sites. */
export class SweepBoard {
  private running: Running | null = null;
  private readonly works = new Set<Promise<void>>();

  constructor(
    private readonly deps: SlackDeps,
    private readonly desk: IncidentDesk,
    private readonly outages: OutageDesk,
    private readonly fleet: FleetView,
  ) {}

  readonly watch: SweepWatch = {
    started: () => this.started(),
    outcome: (outcome) => this.noted(outcome),
    finished: (outcomes, tookMs) => this.finished(outcomes, tookMs),
    failed: (fault) => this.failed(fault),
  };

  /** Until everything that sweeps asked for is told. */
  async settled(): Promise<void> {
    while (this.works.size > 0) await Promise.all(this.works);
  }

  private get total(): number {
    return allDevices(this.deps.settings).length;
  }

  private started(): void {
    const startedAtMs = this.deps.clock.nowMs();
    const message = this.firstMessage(startedAtMs).catch((fault: unknown) => this.untold(fault));
    this.running = { startedAtMs, outcomes: [], message, told: 0 };
    this.inBackground(async () => void (await message));
  }

  /** The message of a sweep that was killed is taken over; otherwise a new one is posted. */
  private async firstMessage(startedAtMs: number): Promise<MessageId | null> {
    const { sweeps, queue, channel, settings } = this.deps;
    const { running } = await sweeps.read();
    const periodMs = settings.schedule.everyMinutes * 60_000;
    const first = sweepRunning(this.progress(startedAtMs, [], null));
    if (running !== null && startedAtMs - running.startedAtMs < periodMs) {
      const isThere = await this.edit(running.message, first);
      if (isThere) return running.message;
    }
    const message = await queue.post(channel, first);
    await sweeps.update((state) => ({ ...state, running: { message, startedAtMs } }));
    return message;
  }

  private progress(
    startedAtMs: number,
    outcomes: readonly CheckOutcome[],
    tookMs: number | null,
  ): SweepProgress {
    return { startedAtMs, total: this.total, outcomes, tookMs };
  }

  private noted(outcome: CheckOutcome): void {
    this.fleet.note(outcome);
    this.inBackground(async () => void (await this.desk.observe(outcome)));
    this.inBackground(() => this.outages.note(outcome));
    const { running } = this;
    if (running === null) return;
    running.outcomes.push(outcome);
    const steps = Math.floor((running.outcomes.length / this.total) * (PROGRESS_EDITS + 1));
    if (steps <= running.told || running.outcomes.length >= this.total) return;
    running.told = steps;
    this.inBackground(async () => {
      const message = await running.message;
      if (message !== null)
        await this.edit(
          message,
          sweepRunning(this.progress(running.startedAtMs, [...running.outcomes], null)),
        );
    });
  }

  private finished(outcomes: readonly CheckOutcome[], tookMs: number): void {
    const { running } = this;
    this.running = null;
    const startedAtMs = running?.startedAtMs ?? this.deps.clock.nowMs() - tookMs;
    this.inBackground(async () => {
      await this.tellFinished(await running?.message, this.progress(startedAtMs, outcomes, tookMs));
      const finishedAtMs = startedAtMs + tookMs;
      await this.deps.sweeps.update((state) => ({
        ...state,
        finishedAtMs,
        lateToldForMs: null,
        running: null,
      }));
    });
  }

  private async tellFinished(known: MessageId | null | undefined, sweep: SweepProgress): Promise<void> {
    const { queue, channel } = this.deps;
    const { message, thread } = sweepFinished(sweep);
    const isThere = known != null && (await this.edit(known, message, true));
    const id = isThere ? known : await queue.post(channel, message);
    for (const part of thread) await queue.post(id.channel, { ...part, threadTs: id.ts });
  }

  private failed(fault: AppError): void {
    this.running = null;
    this.inBackground(async () => {
      const text = `⚠️ The sweep failed: ${fault.message} ${fault.remedy}`;
      await this.deps.queue.post(this.deps.channel, notice(text));
    });
  }

  /** False when the message is gone. */
  private async edit(id: MessageId, message: Outgoing, urgent = false): Promise<boolean> {
    try {
      await this.deps.queue.edit(id, message, { urgent });
      return true;
    } catch (fault) {
      if (fault instanceof AppError && fault.code === 'slack_message_gone') return false;
      throw fault;
    }
  }

  private inBackground(work: () => Promise<void>): void {
    const done = work()
      .catch((fault: unknown) => void this.untold(fault))
      .finally(() => this.works.delete(done));
    this.works.add(done);
  }

  private untold(fault: unknown): null {
    if (this.deps.signal.aborted) return null;
    if (!(fault instanceof AppError)) throw fault;
    const message = `The sweep could not be told in Slack. ${fault.message} ${fault.remedy}`;
    this.deps.log({ level: 'error', event: 'slack_untold', message, cause: fault });
    return null;
  }
}
