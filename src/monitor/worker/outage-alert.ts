import type { AppError } from '../../ports/app-error.js';
import { timeInWords } from '../text/wording.js';
import type { WorkerDeps } from '../sweeps/sweep-context.js';

/** What passes sooner stands in the log only: every service is overloaded at times. */
const PATIENCE_MS = 90_000;

/** What programs meet in the same hour is one standstill to all of them. */
const HOUR_DIGITS = '2026-01-31T14'.length;

/** Queue or store refuse everything, so that no camera is checked: told once it has lasted, and its end. */
export class Standstill {
  private sinceMs: number | null = null;
  /** Under which it was told. */
  private told: string | null = null;
  /** What could not be done since; one alone may be a matter of its own. */
  private readonly works = new Set<string>();

  constructor(private readonly about: Pick<WorkerDeps, 'deps' | 'tell' | 'watch' | 'onOutage'>) {}

  /** `work` names what could not be done, where it stands for itself; null for what all work waits for. */
  async met(fault: AppError, work: string | null): Promise<void> {
    const { code, message, remedy } = fault;
    const nowMs = this.about.deps.clock.nowMs();
    this.sinceMs ??= nowMs;
    if (work !== null) this.works.add(work);
    const isGeneral = work === null || this.works.size > 1;
    if (this.told !== null || !isGeneral || nowMs - this.sinceMs < PATIENCE_MS) return;
    this.about.onOutage?.(fault);
    const since = new Date(this.sinceMs).toISOString();
    this.told = `${code}/${since.slice(0, HOUR_DIGITS)}`;
    await this.tell(
      `⚠️ No camera can be checked since ${timeInWords(since)} UTC. ${message} ${remedy} Checks begin again by themselves.`,
      `standstill/${this.told}`,
    );
  }

  async passed(): Promise<void> {
    const { told } = this;
    this.sinceMs = null;
    this.told = null;
    this.works.clear();
    if (told !== null) await this.tell('✅ Cameras are checked again.', `standstill_over/${told}`);
  }

  private async tell(line: string, key: string): Promise<void> {
    const { tell, watch } = this.about;
    tell(line);
    await watch.stalled?.(line, key);
  }
}
