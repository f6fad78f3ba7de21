const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const TIME_STEPS = [
  MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE,
  HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY, 14 * DAY,
]; // prettier-ignore
const MONTH_STEPS = [1, 2, 3, 6, 12, 24, 60, 120];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

interface Tick {
  readonly at: number;
  readonly label: string;
  /** A second line, where it says something new. */
  readonly below?: string;
}

/** Round values between two, at most `most` or so: 1, 2 or 5 times a power of ten apart. */
export const valueTicks = (from: number, to: number, most: number): Tick[] => {
  const rough = (to - from) / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough * 0.999)!;
  const decimals = Math.max(0, -Math.floor(Math.log10(step * 1.001)));
  const first = Math.ceil(from / step - 1e-9);
  const count = Math.floor(to / step + 1e-9) - first + 1;
  return Array.from({ length: count }, (_, index) => {
    const at = (first + index) * step;
    const text = Math.abs(at).toFixed(decimals);
    return { at, label: Number(text) === 0 ? '0°' : `${at > 0 ? '+' : '−'}${text}°` };
  });
};

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
const dayWords = (ms: number): string => `${new Date(ms).getUTCDate()} ${MONTHS[new Date(ms).getUTCMonth()]}`;
const yearOf = (ms: number): string => String(new Date(ms).getUTCFullYear());

/** Midnights and full hours within a span, labelled with what changes; weeks begin on Mondays. */
const clockTicks = (fromMs: number, toMs: number, stepMs: number): Tick[] => {
  // The epoch was a Thursday: four days on is a Monday.
  const origin = stepMs % (7 * DAY) === 0 ? 4 * DAY : 0;
  const ticks: Tick[] = [];
  let before: number | null = null;
  for (
    let at = Math.ceil((fromMs - origin) / stepMs) * stepMs + origin;
    at <= toMs;
    before = at, at += stepMs
  ) {
    if (stepMs >= DAY) ticks.push({ at, label: dayWords(at), ...yearBelow(before, at) });
    else {
      const isNew = before === null || dayOf(before) !== dayOf(at);
      ticks.push({
        at,
        label: new Date(at).toISOString().slice(11, 16),
        ...(isNew ? { below: dayWords(at) } : {}),
      });
    }
  }
  return ticks;
};

const yearBelow = (beforeMs: number | null, atMs: number): { below?: string } =>
  beforeMs === null || yearOf(beforeMs) !== yearOf(atMs) ? { below: yearOf(atMs) } : {};

const monthTicks = (fromMs: number, toMs: number, most: number): Tick[] => {
  const months = (ms: number): number => new Date(ms).getUTCFullYear() * 12 + new Date(ms).getUTCMonth();
  const step =
    MONTH_STEPS.find((each) => (months(toMs) - months(fromMs)) / each <= most) ?? MONTH_STEPS.at(-1)!;
  const ticks: Tick[] = [];
  let before: number | null = null;
  for (let month = Math.ceil(months(fromMs) / step) * step; ; month += step) {
    const at = Date.UTC(Math.floor(month / 12), month % 12);
    if (at > toMs) return ticks;
    if (at < fromMs) continue;
    ticks.push({ at, label: MONTHS[month % 12]!, ...yearBelow(before, at) });
    before = at;
  }
};

/** Readable times (UTC) between two, about `most` of them. */
export const timeTicks = (fromMs: number, toMs: number, most: number): Tick[] => {
  const step = TIME_STEPS.find((each) => (toMs - fromMs) / each <= most);
  return step === undefined ? monthTicks(fromMs, toMs, most) : clockTicks(fromMs, toMs, step);
};
