import type { AlertSettings } from '../../config/settings.js';

/** The day (`2026-01-31`) and the minute of it, in a time zone (IANA name). */
export const localTime = (
  atMs: number,
  timeZone: string,
): { readonly day: string; readonly minute: number } => {
  // The Swedish format is year-month-day hour:minute.
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' });
  const [day = '', time = ''] = format.format(atMs).split(' ');
  return { day, minute: Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5)) };
};

/** Whether it is in the quiet hours, when there are no reminders; they may span midnight. */
export const isQuiet = ({ quietHours, timeZone }: AlertSettings, nowMs: number): boolean => {
  if (quietHours === null) return false;
  const { fromMinute, untilMinute } = quietHours;
  const { minute } = localTime(nowMs, timeZone);
  return fromMinute <= untilMinute
    ? minute >= fromMinute && minute < untilMinute
    : minute >= fromMinute || minute < untilMinute;
};
