import {
  AthenaClient,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  StartQueryExecutionCommand,
  StopQueryExecutionCommand,
  type QueryExecutionStatus,
} from '@aws-sdk/client-athena';
import { createHash, randomUUID } from 'node:crypto';
import type { Settings } from '../../config/settings.js';
import { AppError } from '../../ports/app-error.js';
import type { Clock } from '../../ports/clock.js';
import { timeoutSignal } from '../../async/timeout-signal.js';
import { awsClientOptions } from './aws-client.js';
import { awsFailure } from './aws-errors.js';
import { redact } from '../runtime/redact.js';

export type AthenaSettings = Extract<Settings['results'], { kind: 'athena' }>;

/** A statement's lasting time; Athena's own limit is half an hour. */
const STATEMENT_MS = 600_000;
const STOP_MS = 5_000;
const MAX_TRIES = 7;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
const POLL_MS = [150, 300, 600, 1_000, 2_000] as const;

/** Somebody else committed meanwhile, or the service was overloaded: the same statement again. */
const AGAIN =
  /ICEBERG_COMMIT_ERROR|TooManyRequests|Throttl|SlowDown|EXCEEDED_CAPACITY|exhausted resources|INTERNAL_ERROR|Internal error/i;

const SIGNS: readonly (readonly [sign: RegExp, code: string, what: string, remedy: string])[] = [
  [
    /TABLE_NOT_FOUND|does not exist|EntityNotFound/i,
    'table_missing',
    'the table is missing',
    'Run calib setup.',
  ],
  [
    /COLUMN_NOT_FOUND|cannot be resolved|TYPE_MISMATCH|mismatched types/i,
    'table_differs',
    'the table has other columns than this program writes',
    'Compare it with the output of calib setup --print; pending rows are written once it matches.',
  ],
  [
    /MORE_RUNS_NEEDED|Query time(d )?out/i,
    'statement_unfinished',
    'a statement did not finish in one run',
    'No action is needed: it is run again.',
  ],
  [
    /Access ?Denied|not authorized|Insufficient|PERMISSION_DENIED/i,
    'aws_forbidden',
    'a permission is missing',
    "Give the program's role the permissions in deploy/cloudformation.yaml.",
  ],
];

const failed = (reason: string): AppError => {
  const [, code, what, remedy] = SIGNS.find(([sign]) => sign.test(reason)) ?? [
    null,
    AGAIN.test(reason) ? 'results_busy' : 'results_failed',
    'Athena could not run a statement',
    'Check the reason; pending rows are written once it is fixed.',
  ];
  return new AppError(code, `The table of results: ${what} (${redact(reason)}).`, remedy);
};

const isOver = (status: QueryExecutionStatus | undefined): boolean =>
  ['SUCCEEDED', 'FAILED', 'CANCELLED'].includes(status?.State ?? '');

/** Runs statements in one workgroup and waits for their ends; conflicts and overloads are tried again with full jitter. */
export class AthenaQueries {
  private readonly client: AthenaClient;

  constructor(
    private readonly settings: AthenaSettings,
    private readonly clock: Clock,
  ) {
    this.client = new AthenaClient(awsClientOptions(settings));
  }

  /** Answers the id of the execution that succeeded. */
  async run(
    sql: string,
    parameters: readonly string[],
    signal: AbortSignal,
    { isInDatabase = true, withinMs = STATEMENT_MS } = {},
  ): Promise<string> {
    for (let tries = 1; ; tries += 1) {
      const id = await this.start(sql, parameters, signal, isInDatabase);
      const reason = await this.failureOf(id, withinMs, signal);
      if (reason === null) return id;
      if (tries === MAX_TRIES || !AGAIN.test(reason)) throw failed(reason);
      const longestMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** tries);
      await this.clock.sleep(longestMs * Math.random(), signal);
    }
  }

  /** What a question answered, text for text; null where there is none. */
  async ask(sql: string, parameters: readonly string[], signal: AbortSignal): Promise<(string | null)[][]> {
    const id = await this.run(sql, parameters, signal);
    const rows: (string | null)[][] = [];
    let next: string | undefined;
    do {
      const page = await this.call('athena:GetQueryResults', signal, (options) =>
        this.client.send(
          new GetQueryResultsCommand({
            QueryExecutionId: id,
            ...(next === undefined ? {} : { NextToken: next }),
          }),
          options,
        ),
      );
      for (const { Data = [] } of page.ResultSet?.Rows ?? [])
        rows.push(Data.map(({ VarCharValue = null }) => VarCharValue));
      next = page.NextToken;
    } while (next !== undefined);
    return rows.slice(1); // the first one names the columns
  }

  close(): void {
    this.client.destroy();
  }

  /** Null when it succeeded. */
  private async failureOf(id: string, withinMs: number, signal: AbortSignal): Promise<string | null> {
    try {
      const status = await this.ended(id, withinMs, signal);
      if (status.State === 'SUCCEEDED') return null;
      return status.StateChangeReason ?? status.State ?? 'no reason told';
    } catch (fault) {
      // Best effort: a statement that goes on changes nothing that another run of it would not.
      const command = new StopQueryExecutionCommand({ QueryExecutionId: id });
      await Promise.allSettled([this.client.send(command, { abortSignal: timeoutSignal(STOP_MS) })]);
      throw fault;
    }
  }

  private async start(
    sql: string,
    parameters: readonly string[],
    signal: AbortSignal,
    isInDatabase: boolean,
  ): Promise<string> {
    const { database, workgroup, outputLocation } = this.settings;
    // Another one for each try: the SDK's own retries of one try must not start it twice.
    const token = createHash('sha256').update(`${randomUUID()} ${sql}`).digest('hex');
    const command = new StartQueryExecutionCommand({
      QueryString: sql,
      ClientRequestToken: token,
      WorkGroup: workgroup,
      ...(isInDatabase ? { QueryExecutionContext: { Database: database } } : {}),
      ResultConfiguration: { OutputLocation: outputLocation },
      ...(parameters.length === 0 ? {} : { ExecutionParameters: [...parameters] }),
    });
    const started = await this.call('athena:StartQueryExecution', signal, (options) =>
      this.client.send(command, options),
    );
    return started.QueryExecutionId ?? '';
  }

  private async ended(id: string, withinMs: number, signal: AbortSignal): Promise<QueryExecutionStatus> {
    const untilMs = this.clock.nowMs() + withinMs;
    for (let polls = 0; this.clock.nowMs() < untilMs; polls += 1) {
      const found = await this.call('athena:GetQueryExecution', signal, (options) =>
        this.client.send(new GetQueryExecutionCommand({ QueryExecutionId: id }), options),
      );
      const status = found.QueryExecution?.Status;
      if (status !== undefined && isOver(status)) return status;
      await this.clock.sleep(POLL_MS[Math.min(polls, POLL_MS.length - 1)] ?? 2_000, signal);
    }
    throw failed(`not finished after ${withinMs / 60_000} min`);
  }

  private async call<T>(
    action: string,
    signal: AbortSignal,
    step: (options: { abortSignal: AbortSignal }) => Promise<T>,
  ): Promise<T> {
    try {
      return await step({ abortSignal: signal });
    } catch (fault) {
      signal.throwIfAborted();
      const { workgroup, region } = this.settings;
      throw awsFailure(fault, { action, place: `The Athena workgroup ${workgroup}`, region });
    }
  }
}
