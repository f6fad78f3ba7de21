import type { Settings } from '../../config/settings.js';
import { PRICES } from './aws-prices.js';

/** One part of the bill, US dollars a month. */
export interface Cost {
  readonly what: string;
  readonly dollars: number;
}

const DAYS = 30;
const MINUTES_PER_DAY = 1_440;
/** A 1080p frame, and the two documents; few checks of a sweep have a picture drawn. */
const MB_PER_FRAME = 0.5;
const MB_PER_CHECK = 0.02;
/** Pictures are deleted after this by the bucket's lifecycle. */
const KEPT_DAYS = 90;
/**
 * Calls of the store that one check makes besides its frames: files, leases, notes. Counted in a sweep of 1,000 cameras, with
 * three renewals of leases for the time that a true capture takes.
 */
const WRITES_PER_CHECK = 11;
const READS_PER_CHECK = 13;
/** Receiving, extending and deleting. */
const QUEUE_CALLS_PER_CHECK = 4;
/** What each program asks for while nothing is to be done, counted. */
const IDLE_PER_MINUTE = { writes: 3, reads: 5, queueCalls: 6 };
const PROGRAMS = 2;
/** Standing still, connecting, a picture. */
const MINUTES_PER_CHECK = 0.75;
const ROWS_PER_STATEMENT = 350;
const MINUTES_ROWS_WAIT = 10;
/** Athena counts no query for less. */
const MB_PER_QUERY = 10;
/** Questions of people and of the App Home. */
const QUESTIONS_PER_DAY = 200;
/** What a question of a day or two reads, per row. */
const BYTES_PER_ROW = 300;

const framesOf = ({ deployments }: Settings): number =>
  deployments
    .flatMap(({ devices }) => devices)
    .reduce((sum, { activeStops }) => sum + Math.max(1, activeStops.length), 0);

/** Rows come in when they fill a statement, after ten minutes while a sweep lasts, and at its end. */
const statementsPerSweep = ({ schedule, concurrency }: Settings, cameras: number): number => {
  const lastsMinutes = (cameras * MINUTES_PER_CHECK) / (PROGRAMS * concurrency);
  const times = Math.min(lastsMinutes, schedule.everyMinutes) / MINUTES_ROWS_WAIT;
  return Math.ceil(Math.max(times, cameras / ROWS_PER_STATEMENT));
};

/** What AWS asks for the fleet of the settings, or for as many cameras of its kind. */
export const monthlyCost = (settings: Settings, cameras: number): Cost[] => {
  const own = settings.deployments.reduce((sum, { devices }) => sum + devices.length, 0);
  const sweeps = (DAYS * MINUTES_PER_DAY) / settings.schedule.everyMinutes;
  const checks = cameras * sweeps;
  const framesPerCheck = framesOf(settings) / Math.max(1, own);
  const gbKept = ((checks * (framesPerCheck * MB_PER_FRAME + MB_PER_CHECK)) / 1_000) * (KEPT_DAYS / DAYS);
  const idle = DAYS * MINUTES_PER_DAY * PROGRAMS;
  const writes = checks * (WRITES_PER_CHECK + framesPerCheck) + idle * IDLE_PER_MINUTE.writes;
  const reads = checks * READS_PER_CHECK + idle * IDLE_PER_MINUTE.reads;
  const queueCalls = checks * QUEUE_CALLS_PER_CHECK + idle * IDLE_PER_MINUTE.queueCalls;
  const statements = sweeps * statementsPerSweep(settings, cameras);
  const questions = QUESTIONS_PER_DAY * DAYS;
  const mbPerQuestion = Math.max(MB_PER_QUERY, (cameras * (sweeps / DAYS) * BYTES_PER_ROW) / 1e6);
  const tbRead = (statements * MB_PER_QUERY + questions * mbPerQuestion) / 1e6;
  return [
    { what: `S3, ${Math.round(gbKept)} GB kept`, dollars: gbKept * PRICES.s3Storage.dollars },
    {
      what: 'S3, calls',
      dollars: (writes * PRICES.s3Write.dollars + reads * PRICES.s3Read.dollars) / 1e3,
    },
    { what: 'SQS', dollars: (queueCalls * PRICES.sqsCall.dollars) / 1e6 },
    { what: 'EventBridge Scheduler', dollars: (sweeps * PRICES.schedule.dollars) / 1e6 },
    {
      what: `Athena, ${statements} statements and ${questions} questions`,
      dollars: tbRead * PRICES.athenaScan.dollars,
    },
  ];
};
