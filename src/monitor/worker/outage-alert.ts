import type { AppError } from '../../ports/app-error.js';
import { timeInWords } from '../text/wording.js';
import type { SweepContext } from '../sweeps/sweep-context.js';

/** Shorter failures are only logged: every service is overloaded at times. */
const PATIENCE_MS = 90_000;

/** Outages that programs notice in the same hour count as one. */
const HOUR_DIGITS = '2026-01-31T14'.length;

/** Reports an outage of queue or store, which stops all checks, once it has lasted, and its end. */
export class OutageAlert {
  private sinceMs: number | null = null;
  /** The key of its report. */
  private told: string | null = null;
  /** Work that has failed since; a single one may have a reason of its own. */
  private readonly works = new Set<string>();

  constructor(private readonly context: Pick<SweepContext, 'deps' | 'tell' | 'watch' | 'onOutage'>) {}

  /** `work` names the failed work; null for a failure that affects all work. */
  async failed(fault: AppError, work: string | null): Promise<void> {
    const { code, message, remedy } = fault;
    const nowMs = this.context.deps.clock.nowMs();
    this.sinceMs ??= nowMs;
    if (work !== null) this.works.add(work);
    const isGeneral = work === null || this.works.size > 1;
    if (this.told !== null || !isGeneral || nowMs - this.sinceMs < PATIENCE_MS) return;
    this.context.onOutage?.(fault);
    const since = new Date(this.sinceMs).toISOString();
    this.told = `${code}/${since.slice(0, HOUR_DIGITS)}`;
    await this.tell(
      `⚠️ No camera could be checked since ${timeInWords(since)} UTC. ${message} ${remedy} Checks resume automatically.`,
      `standstill/${this.told}`,
    );
  }

  async recovered(): Promise<void> {
    const { told } = this;
    this.sinceMs = null;
    this.told = null;
    this.works.clear();
    if (told !== null) await this.tell('✅ Camera checks have resumed.', `standstill_over/${told}`);
  }

  private async tell(line: string, key: string): Promise<void> {
    const { tell, watch } = this.context;
    tell(line);
    await watch.stalled?.(line, key);
  }
}
