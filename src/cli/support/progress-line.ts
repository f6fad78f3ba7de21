import type { ScanProgress } from '../../monitor/product.js';
import type { Shell } from './shell.js';
import { durationInWords } from '../../monitor/text/wording.js';

const BAR_CELLS = 20;
const CLEAR_LINE = '\r\u001b[K';

const percentOf = ({ done, total }: ScanProgress): number =>
  total === 0 ? 100 : Math.floor((done * 100) / total);

/** The stops are not planned yet: what is counted are looks around. */
const isLooking = ({ plan }: ScanProgress): boolean => plan === null;

const bar = (progress: ScanProgress): string => {
  const full = Math.floor((percentOf(progress) * BAR_CELLS) / 100);
  return `[${'█'.repeat(full)}${'░'.repeat(BAR_CELLS - full)}]`;
};

/**
 * Tells on standard error how far long works are: a terminal's line is drawn again in place (with
 * a bar while there is one work alone), anything else gets one line per 10 %. Every other text must be printed through {@link ProgressLine.printing}.
 */
export class ProgressLine {
  private readonly underWay = new Map<string, ScanProgress>();
  private readonly tenthsTold = new Map<string, number>();

  constructor(
    private readonly shell: Shell,
    /** What is counted, in the plural: `stops`. */
    private readonly things: string,
  ) {}

  show(name: string, progress: ScanProgress): void {
    this.underWay.set(name, progress);
    if (this.shell.errColumns() === null) this.tellTenth(name, progress);
    else this.draw();
  }

  /** The work is over: its progress is not shown any more. */
  end(name: string): void {
    this.underWay.delete(name);
    this.clear();
  }

  /** Takes the line away, prints, draws it again. */
  printing(print: () => void): void {
    this.clear();
    print();
    this.draw();
  }

  private inWords(name: string, progress: ScanProgress): string {
    const { done, total, etaMs } = progress;
    const left = etaMs === null || done === total ? '' : `, ${durationInWords(etaMs)} left`;
    const things = isLooking(progress) ? 'looks around' : this.things;
    return `${name}: ${done} of ${total} ${things}, ${percentOf(progress)} %${left}`;
  }

  private tellTenth(name: string, progress: ScanProgress): void {
    const tenths = Math.floor(percentOf(progress) / 10);
    const counted = isLooking(progress) ? `${name}, looks` : name;
    if (tenths <= (this.tenthsTold.get(counted) ?? -1)) return;
    this.tenthsTold.set(counted, tenths);
    this.shell.err(`${this.inWords(name, progress)}\n`);
  }

  private draw(): void {
    const columns = this.shell.errColumns();
    if (columns === null || this.underWay.size === 0) return;
    const isAlone = this.underWay.size === 1;
    const text = [...this.underWay]
      .map(([name, progress]) => `${isAlone ? `${bar(progress)} ` : ''}${this.inWords(name, progress)}`)
      .join('; ');
    this.shell.err(`${CLEAR_LINE}${text.slice(0, Math.max(0, columns - 1))}`);
  }

  private clear(): void {
    if (this.shell.errColumns() !== null) this.shell.err(CLEAR_LINE);
  }
}
