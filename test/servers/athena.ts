import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import pLimit from 'p-limit';
import { createDuckdbAsAthena } from '../support/duckdb-as-athena.js';
import type { Moto } from './moto.js';

/** Athena's protocol as moto speaks it, with DuckDB doing what the statements say. */
export interface AthenaServer {
  readonly url: string;
  readonly statements: string[];
  /** What the next statements come to instead of being run: the reason of their failure, or an error of the service. */
  readonly failures: ({ readonly reason: string } | { readonly error: string; readonly status: number })[];
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
  const oneAtATime = pLimit(1);
  const failed = new Map<string, string>();
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
    const failure = failures.shift();
    if (failure !== undefined && 'error' in failure)
      return {
        status: failure.status,
        text: JSON.stringify({ __type: failure.error, message: failure.error }),
      };
    if (failure === undefined && !/^CREATE/.test(QueryString)) {
      const { names, rows } = await table.run(QueryString, ExecutionParameters);
      const results = [{ rows: [names, ...rows].map(cells), column_info: [] }];
      await fetch(`${moto.url}/moto-api/static/athena/query-results`, {
        method: 'POST',
        body: JSON.stringify({ region, results }),
      });
    }
    const answer = await forward(call, body);
    if (failure !== undefined)
      failed.set((JSON.parse(answer.text) as { QueryExecutionId: string }).QueryExecutionId, failure.reason);
    return answer;
  };

  const withFailure = (answer: { status: number; text: string }): { status: number; text: string } => {
    const told = JSON.parse(answer.text) as { QueryExecution?: { QueryExecutionId: string; Status: object } };
    const reason = failed.get(told.QueryExecution?.QueryExecutionId ?? '');
    if (reason === undefined || told.QueryExecution === undefined) return answer;
    told.QueryExecution.Status = { State: 'FAILED', StateChangeReason: reason };
    return { ...answer, text: JSON.stringify(told) };
  };

  const answer = async (call: IncomingMessage, reply: ServerResponse): Promise<void> => {
    const body = await bodyOf(call);
    const isStart = String(call.headers['x-amz-target']).endsWith('StartQueryExecution');
    const { status, text } = isStart
      ? await oneAtATime(() => start(call, body)).catch((fault: unknown) => ({
          status: 400,
          text: JSON.stringify({ __type: 'InvalidRequestException', message: String(fault) }),
        }))
      : withFailure(await forward(call, body));
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
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      table.close();
    },
  };
};
