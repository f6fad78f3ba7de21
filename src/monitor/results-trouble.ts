import { z } from 'zod';
import { AppError } from '../ports/app-error.js';
import type { Dependencies } from './dependencies.js';
import { SharedState } from './shared-state.js';
import { counted, timeInWords } from './words.js';

const KEY = '_state/results/trouble.json';
/** What passes sooner stands in the log only: every service is overloaded at times. */
const PATIENCE_MS = 300_000;

interface Trouble {
  /** 0: there is none. */
  readonly sinceMs: number;
  /** Codes of what was told since. */
  readonly told: readonly string[];
}

const TROUBLE: z.ZodType<Trouble> = z.object({ sinceMs: z.number(), told: z.array(z.string()) });
const NONE: Trouble = { sinceMs: 0, told: [] };

const timeOf = (ms: number): string => `${timeInWords(new Date(ms).toISOString())} UTC`;

/** Why rows do not come into the table: each reason is told once by one program until rows come in again, which is told too. */
export class ResultsTrouble {
  private readonly state: SharedState<Trouble>;

  constructor(
    private readonly deps: Pick<Dependencies, 'store' | 'clock' | 'log'>,
    private readonly tell: (line: string) => void,
  ) {
    this.state = new SharedState(deps.store, TROUBLE, NONE);
  }

  async lasts({ code, message, remedy }: AppError): Promise<void> {
    const nowMs = this.deps.clock.nowMs();
    const change = (state: Trouble): Trouble | null => {
      if (state.sinceMs === 0) return { sinceMs: nowMs, told: [] };
      const isDue = nowMs - state.sinceMs >= PATIENCE_MS && !state.told.includes(code);
      return isDue ? { ...state, told: [...state.told, code] } : null;
    };
    const known = await this.changed(change);
    if (known === null || known.after.told.length === known.before.told.length) return;
    const since = timeOf(known.after.sinceMs);
    this.tell(
      `⚠️ Results wait in the store since ${since}; none is lost, checks go on, and all come into the table later. ${message} ${remedy}`,
    );
  }

  async mended(rows: number): Promise<void> {
    const known = await this.changed(({ sinceMs }) => (sinceMs === 0 ? null : NONE));
    if (known === null || known.before.told.length === 0) return;
    const since = timeOf(known.before.sinceMs);
    this.tell(`✅ ${counted(rows, 'row')} that waited in the store since ${since} came into the table.`);
  }

  /** Null when the store does not answer either; what is to be told is told the next time. */
  private async changed(
    change: (state: Trouble) => Trouble | null,
  ): Promise<{ before: Trouble; after: Trouble } | null> {
    try {
      return await this.state.update(KEY, change);
    } catch (cause) {
      if (!(cause instanceof AppError)) throw cause;
      this.deps.log({ level: 'warn', event: 'results_trouble_unknown', message: cause.message, cause });
      return null;
    }
  }
}
