/** RTSP requests out of a TCP stream, and answers into it. */

export interface RtspRequest {
  readonly method: string;
  readonly uri: string;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
}

const MAX_HEAD_BYTES = 16_384;

const parseHead = (head: string): RtspRequest => {
  const [start = '', ...lines] = head.split('\r\n');
  const [method = '', uri = ''] = start.split(' ');
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  return { method, uri, headers };
};

/** Answers a function for the socket's chunks; calls back once a request, skipping bodies and the client's RTCP. */
export const createRequestReader = (onRequest: (request: RtspRequest) => void): ((chunk: Buffer) => void) => {
  let kept: Buffer = Buffer.alloc(0);

  /** Bytes taken by the first message, 0 while it is not whole. */
  const takeOne = (): number => {
    if (kept[0] === 0x24) {
      const length = kept.length < 4 ? Infinity : 4 + kept.readUInt16BE(2);
      return kept.length < length ? 0 : length;
    }
    const end = kept.indexOf('\r\n\r\n');
    if (end < 0) return kept.length > MAX_HEAD_BYTES ? kept.length : 0;
    const request = parseHead(kept.toString('utf8', 0, end));
    const length = end + 4 + Number(request.headers.get('content-length') ?? 0);
    if (kept.length < length) return 0;
    onRequest(request);
    return length;
  };

  return (chunk) => {
    kept = Buffer.concat([kept, chunk]);
    for (let taken = takeOne(); taken > 0; taken = takeOne()) kept = kept.subarray(taken);
  };
};

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  401: 'Unauthorized',
  404: 'Not Found',
  405: 'Method Not Allowed',
  454: 'Session Not Found',
  455: 'Method Not Valid in This State',
  461: 'Unsupported Transport',
  500: 'Internal Server Error',
};

export const formatAnswer = (
  status: number,
  request: RtspRequest,
  headers: Readonly<Record<string, string>> = {},
  body = '',
): string => {
  const all = {
    CSeq: request.headers.get('cseq') ?? '0',
    Server: 'Virtual PTZ camera',
    ...headers,
    ...(body === '' ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }),
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `RTSP/1.0 ${status} ${REASONS[status] ?? 'Unknown'}\r\n${lines.join('')}\r\n${body}`;
};
