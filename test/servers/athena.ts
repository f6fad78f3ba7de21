import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import pLimit from 'p-limit';
import { createDdlOnGlue } from '../support/ddl-on-glue.js';
import { createDuckdbAsAthena } from '../support/duckdb-as-athena.js';
import type { Moto } from './moto.js';

/** A reason that a statement fails for, an error of the service, or no end; `{}`: it is run. */
interface Failure {
  readonly reason?: string;
  readonly error?: string;
  readonly endless?: boolean;
}

/** Athena's protocol as moto speaks it, with DuckDB and moto's Glue doing what the statements say. */
export interface AthenaServer {
  readonly url: string;
  readonly statements: string[];
  /** What the next statements come to instead of being run: the reason of their failure, or an error of the service. */
  readonly failures: Failure[];
  /** Executions that were stopped. */
  readonly stopped: string[];
  close(): Promise<void>;
}

interface Started {
  readonly QueryString: string;
  readonly ExecutionParameters?: string[];
}

const bodyOf = async (call: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of call) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};

const cells = (row: readonly (string | null)[]): unknown => ({
  Data: row.map((value) => (value === null ? {} : { VarCharValue: value })),
});

/** `region` is where moto keeps the answers. */
export const startAthena = async (moto: Moto, database: string, region: string): Promise<AthenaServer> => {
  const table = await createDuckdbAsAthena(database);
  const ddl = createDdlOnGlue(moto.url, region);
  const oneAtATime = pLimit(1);
  /** What became of an execution otherwise than moto thinks. */
  const otherwise = new Map<string, object>();
  const stopped: string[] = [];
  const statements: string[] = [];
  const failures: AthenaServer['failures'] = [];

  const forward = async (call: IncomingMessage, body: Buffer): Promise<{ status: number; text: string }> => {
    const headers = Object.fromEntries(
      Object.entries(call.headers).filter(
        ([name]) => !['host', 'connection', 'content-length'].includes(name),
      ),
    ) as Record<string, string>;
    const got = await fetch(`${moto.url}${call.url ?? '/'}`, {
      method: 'POST',
      headers,
      body: new Uint8Array(body),
    });
    return { status: got.status, text: await got.text() };
  };

  const start = async (call: IncomingMessage, body: Buffer): Promise<{ status: number; text: string }> => {
    const { QueryString, ExecutionParameters } = JSON.parse(body.toString()) as Started;
    statements.push(QueryString);
    const { error, reason, endless = false } = failures.shift() ?? {};
    if (error !== undefined) return { status: 400, text: JSON.stringify({ __type: error, message: error }) };
    const isRun = reason === undefined && !endless;
    if (isRun && /^(CREATE|ALTER)/.test(QueryString)) await ddl.run(QueryString);
    else if (isRun) {
      const { names, rows } = await table.run(QueryString, ExecutionParameters);
      const results = [{ rows: [names, ...rows].map(cells), column_info: [] }];
      await fetch(`${moto.url}/moto-api/static/athena/query-results`, {
        method: 'POST',
        body: JSON.stringify({ region, results }),
      });
    }
    const answer = await forward(call, body);
    const { QueryExecutionId } = JSON.parse(answer.text) as { QueryExecutionId: string };
    if (endless) otherwise.set(QueryExecutionId, { State: 'RUNNING' });
    else if (!isRun) otherwise.set(QueryExecutionId, { State: 'FAILED', StateChangeReason: reason });
    return answer;
  };

  const asItWent = (answer: { status: number; text: string }): { status: number; text: string } => {
    const told = JSON.parse(answer.text) as { QueryExecution?: { QueryExecutionId: string; Status: object } };
    const status = otherwise.get(told.QueryExecution?.QueryExecutionId ?? '');
    if (status === undefined || told.QueryExecution === undefined) return answer;
    told.QueryExecution.Status = status;
    return { ...answer, text: JSON.stringify(told) };
  };

  const answer = async (call: IncomingMessage, reply: ServerResponse): Promise<void> => {
    const body = await bodyOf(call);
    const target = String(call.headers['x-amz-target']);
    const isStart = target.endsWith('StartQueryExecution');
    if (target.endsWith('StopQueryExecution'))
      stopped.push((JSON.parse(body.toString()) as { QueryExecutionId: string }).QueryExecutionId);
    const { status, text } = isStart
      ? await oneAtATime(() => start(call, body)).catch((fault: unknown) => ({
          status: 400,
          text: JSON.stringify({ __type: 'InvalidRequestException', message: String(fault) }),
        }))
      : asItWent(await forward(call, body));
    reply.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
    reply.end(text);
  };

  const server = createServer((call, reply) => void answer(call, reply)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    statements,
    failures,
    stopped,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      ddl.close();
      table.close();
    },
  };
};
