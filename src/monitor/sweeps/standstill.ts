import type { AppError } from '../../ports/app-error.js';
import { timeInWords } from '../words.js';
import { announce, type WorkerDeps } from './worker-deps.js';

/** What passes sooner stands in the log only: every service is overloaded at times. */
const PATIENCE_MS = 90_000;

/**
 * Queue or store refuse everything, so that no camera is checked. Programs cannot agree on who tells it while the store
 * refuses: each of them does, once it has lasted, and its end.
 */
export class Standstill {
  private sinceMs: number | null = null;
  private isTold = false;
  /** What could not be done since; one alone may be a matter of its own. */
  private readonly works = new Set<string>();

  constructor(private readonly about: Pick<WorkerDeps, 'deps' | 'tell' | 'watch'>) {}

  /** `work` names what could not be done, where it stands for itself; null for what all work waits for. */
  met({ message, remedy }: AppError, work: string | null): void {
    const nowMs = this.about.deps.clock.nowMs();
    this.sinceMs ??= nowMs;
    if (work !== null) this.works.add(work);
    const isGeneral = work === null || this.works.size > 1;
    if (this.isTold || !isGeneral || nowMs - this.sinceMs < PATIENCE_MS) return;
    this.isTold = true;
    const since = timeInWords(new Date(this.sinceMs).toISOString());
    announce(
      this.about,
      `⚠️ No camera can be checked since ${since} UTC. ${message} ${remedy} Checks begin again by themselves.`,
    );
  }

  passed(): void {
    if (this.isTold) announce(this.about, '✅ Cameras are checked again.');
    this.sinceMs = null;
    this.isTold = false;
    this.works.clear();
  }
}
