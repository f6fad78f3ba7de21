import { z } from 'zod';
import { number, section, text, whole, withRule } from './fields.js';
import { must } from './wording.js';

/** In quotes: YAML 1.1 takes 22:00 for a number in base 60, and some editors still do. */
const timeOfDay = text("a time of the day such as '07:00', in quotes", /^([01]\d|2[0-3]):[0-5]\d$/);

const isTimeZone = (name: string): boolean => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch (fault) {
    if (fault instanceof RangeError) return false;
    throw fault;
  }
};

const A_TIME_ZONE = must('a time zone such as Europe/Berlin, or UTC');

const confirm = withRule(
  section({
    found: whole('a whole number from 1 to 10', 1, 10)
      .default(2)
      .describe('So many checks must find it drifted'),
    of: whole('a whole number from 1 to 10', 1, 10).default(2).describe('Of so many checks at once, at most'),
  }),
  {
    holds: ({ found, of }) => !(found > of),
    message: 'must not be more than of: so many checks are not made',
    at: 'found',
  },
);

/** When people are told of a drift, and reminded of it. */
export const alerts = section({
  confirm: confirm.prefault({}).describe('A drift that nobody knows of is measured again at once'),
  clear_ratio: number('a number from 0.1 to 1', 0.1, 1)
    .default(0.8)
    .describe('An incident ends below this share of the threshold'),
  remind_after_minutes: whole('a whole number of minutes from 5 to 10080', 5, 10_080)
    .nullable()
    .default(240)
    .describe('Minutes until an incident that nobody acknowledged is told again; null: never'),
  digest_at: timeOfDay
    .nullable()
    .default('07:00')
    .describe('When open incidents are listed, once a day; null: never'),
  quiet_hours: z
    .tuple([timeOfDay, timeOfDay], must("two times of the day such as ['22:00', '06:00']"))
    .nullish()
    .describe('From when until when nobody is reminded; null: at any time'),
  time_zone: z
    .string(A_TIME_ZONE)
    .refine(isTimeZone, A_TIME_ZONE)
    .default('UTC')
    .describe('Of the times of the day here'),
});
