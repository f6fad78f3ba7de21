import type { Settings } from '../config/settings.js';

/** One part of the bill, US dollars a month. */
export interface Cost {
  readonly what: string;
  readonly dollars: number;
}

/** List prices in us-east-1, US dollars. */
const PRICE = {
  storagePerGbMonth: 0.023,
  writesPerThousand: 0.005,
  readsPerThousand: 0.0004,
  queuePerMillion: 0.4,
  schedulePerMillion: 1,
  athenaPerTb: 5,
};

const DAYS = 30;
const MINUTES_PER_DAY = 1_440;
/** A 1080p frame, its overlay and the two documents. */
const MB_PER_FRAME = 0.5;
const MB_PER_CHECK = 0.4;
/** Pictures are deleted after this by the bucket's lifecycle. */
const KEPT_DAYS = 90;
/** Calls of the store that one check makes: files, leases, notes. */
const WRITES_PER_CHECK = 16;
const READS_PER_CHECK = 14;
/** Receiving, extending and deleting. */
const QUEUE_CALLS_PER_CHECK = 4;
const ROWS_PER_STATEMENT = 350;
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

/** What AWS asks for the fleet of the settings, or for as many cameras of its kind. */
export const monthlyCost = (settings: Settings, cameras: number): Cost[] => {
  const own = settings.deployments.reduce((sum, { devices }) => sum + devices.length, 0);
  const sweeps = (DAYS * MINUTES_PER_DAY) / settings.schedule.everyMinutes;
  const checks = cameras * sweeps;
  const framesPerCheck = framesOf(settings) / Math.max(1, own);
  const gbAMonth = (checks * (framesPerCheck * MB_PER_FRAME + MB_PER_CHECK)) / 1_000;
  const statements = sweeps * Math.ceil(cameras / ROWS_PER_STATEMENT);
  const mbPerQuestion = Math.max(MB_PER_QUERY, (cameras * (sweeps / DAYS) * BYTES_PER_ROW) / 1e6);
  const athenaMb = statements * MB_PER_QUERY + QUESTIONS_PER_DAY * DAYS * mbPerQuestion;
  const calls = (perCheck: number, price: number, unit: number): number => (checks * perCheck * price) / unit;
  return [
    {
      what: `S3, ${Math.round((gbAMonth * KEPT_DAYS) / DAYS)} GB kept`,
      dollars: ((gbAMonth * KEPT_DAYS) / DAYS) * PRICE.storagePerGbMonth,
    },
    {
      what: 'S3, calls',
      dollars:
        calls(WRITES_PER_CHECK + framesPerCheck, PRICE.writesPerThousand, 1e3) +
        calls(READS_PER_CHECK, PRICE.readsPerThousand, 1e3),
    },
    { what: 'SQS', dollars: calls(QUEUE_CALLS_PER_CHECK, PRICE.queuePerMillion, 1e6) },
    { what: 'EventBridge Scheduler', dollars: (sweeps * PRICE.schedulePerMillion) / 1e6 },
    {
      what: `Athena, ${statements} statements and ${QUESTIONS_PER_DAY * DAYS} questions`,
      dollars: (athenaMb / 1e6) * PRICE.athenaPerTb,
    },
  ];
};
