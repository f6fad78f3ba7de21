/** Calls that the stand-in for AWS was sent, as S3 and SQS charge them. */
export interface Calls {
  /** PUT, POST and LIST of the store. */
  readonly writes: number;
  readonly reads: number;
  readonly queue: number;
}

const REQUEST = /^(GET|HEAD|PUT|POST|DELETE) (\S+)$/gm;

/** Counts what moto logged. Deleting is free. */
export const callsIn = (log: string): Calls => {
  const calls = { writes: 0, reads: 0, queue: 0 };
  for (const [, method, url = ''] of log.matchAll(REQUEST)) {
    const isList = method === 'GET' && url.includes('list-type=2');
    if (method === 'POST' && url === '/') calls.queue += 1;
    else if (method === 'PUT' || method === 'POST' || isList) calls.writes += 1;
    else if (method !== 'DELETE') calls.reads += 1;
  }
  return calls;
};
