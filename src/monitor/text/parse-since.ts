import { AppError } from '../../ports/app-error.js';

const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };
const PERIOD = /^(\d{1,5})([mhd])$/;
const ISO_TIME = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})?)?$/;

/** Parses an ISO date in UTC; null for an impossible one (Date would turn 31 February into March). */
const isoTimeMs = (text: string): number | null => {
  const match = ISO_TIME.exec(text);
  if (match === null) return null;
  const day = text.slice(0, 10);
  const dayMs = Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(dayMs) || new Date(dayMs).toISOString().slice(0, 10) !== day) return null;
  const timeMs = Date.parse(match[1] !== undefined && match[4] === undefined ? `${text}Z` : text);
  return Number.isNaN(timeMs) ? null : timeMs;
};

/** The time, ms since the epoch, of `7d`, `24h` or `90m` ago, or of an ISO date or time (UTC unless it says otherwise). */
export const parseSince = (text: string, nowMs: number): number => {
  const period = PERIOD.exec(text);
  const sinceMs =
    period === null ? isoTimeMs(text) : nowMs - Number(period[1]) * (UNIT_MS[period[2] ?? ''] ?? 0);
  if (sinceMs !== null && sinceMs <= nowMs) return sinceMs;
  const wrong = sinceMs === null ? 'is neither a period nor a date' : 'is in the future';
  throw new AppError(
    'bad_argument',
    `The time ${text} ${wrong}.`,
    'Use, for example, 90m, 24h, 7d or 2026-01-31.',
  );
};
