import { z } from 'zod';
import type { AppError } from '../../ports/app-error.js';
import type { Dependencies } from '../record/dependencies.js';
import { orLogged } from '../record/or-logged.js';
import { SharedState } from '../../state/shared-document.js';
import { counted, timeInWords } from '../text/wording.js';

const KEY = '_state/results/trouble.json';
/** Shorter failures are only logged: every service is overloaded at times. */
const PATIENCE_MS = 300_000;

const TROUBLE = z.object({
  /** 0 when nothing is wrong. */
  sinceMs: z.number(),
  /** Codes of the reasons reported since. */
  told: z.array(z.string()),
});
type Trouble = z.output<typeof TROUBLE>;
const NONE: Trouble = { sinceMs: 0, told: [] };

/** Reports a line, once per key. */
export type ReportOnce = (line: string, key: string) => Promise<void>;

const timeOf = (ms: number): string => `${timeInWords(new Date(ms).toISOString())} UTC`;

/** Reports why rows do not reach the table, each reason once by one program, and the end. */
export class ResultsAlert {
  private readonly state: SharedState<Trouble>;

  constructor(
    private readonly deps: Pick<Dependencies, 'store' | 'clock' | 'log'>,
    private readonly tell: ReportOnce,
  ) {
    this.state = new SharedState(deps.store, TROUBLE, NONE);
  }

  async failed({ code, message, remedy }: AppError): Promise<void> {
    const nowMs = this.deps.clock.nowMs();
    const isDue = ({ sinceMs, told }: Trouble): boolean =>
      sinceMs > 0 && nowMs - sinceMs >= PATIENCE_MS && !told.includes(code);
    await this.orRetried(async () => {
      const { after } = await this.state.update(KEY, ({ sinceMs }) =>
        sinceMs === 0 ? { sinceMs: nowMs, told: [] } : null,
      );
      if (!isDue(after)) return;
      const { sinceMs } = after;
      await this.tell(
        `⚠️ Results have been waiting in the store since ${timeOf(sinceMs)}. None is lost: checks go on, and the rows reach the table later. ${message} ${remedy}`,
        `results_wait/${sinceMs}/${code}`,
      );
      await this.state.update(KEY, (state) =>
        isDue(state) ? { ...state, told: [...state.told, code] } : null,
      );
    });
  }

  async recovered(rows: number): Promise<void> {
    await this.orRetried(async () => {
      const { sinceMs, told } = await this.state.of(KEY);
      if (sinceMs === 0) return;
      const line = `✅ ${counted(rows, 'row')}, waiting in the store since ${timeOf(sinceMs)}, reached the table.`;
      if (told.length > 0) await this.tell(line, `results_came/${sinceMs}`);
      await this.state.update(KEY, (state) => (state.sinceMs === sinceMs ? NONE : null));
    });
  }

  /** If the store does not respond either, the report is retried the next time. */
  private async orRetried(step: () => Promise<void>): Promise<void> {
    await orLogged(this.deps, { level: 'warn', event: 'results_trouble_unknown' }, step);
  }
}
