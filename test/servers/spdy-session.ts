import type { Duplex } from 'node:stream';
import { constants, deflateRawSync, deflateSync, inflateSync } from 'node:zlib';

/** Names and values that SPDY/3 expects in headers, each preceded by its length, and what follows them without. */
const EXPECTED_WORDS =
  'options head post put delete trace accept accept-charset accept-encoding accept-language accept-ranges age allow ' +
  'authorization cache-control connection content-base content-encoding content-language content-length ' +
  'content-location content-md5 content-range content-type date etag expect expires from host if-match ' +
  'if-modified-since if-none-match if-range if-unmodified-since last-modified location max-forwards pragma ' +
  'proxy-authenticate proxy-authorization range referer retry-after server te trailer transfer-encoding upgrade ' +
  'user-agent vary via warning www-authenticate method get status 200_OK version HTTP/1.1 url public set-cookie ' +
  'keep-alive origin';
const EXPECTED_TEXT =
  '100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505' +
  '203 Non-Authoritative Information204 No Content301 Moved Permanently400 Bad Request401 Unauthorized' +
  '403 Forbidden404 Not Found500 Internal Server Error501 Not Implemented503 Service Unavailable' +
  'Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMT' +
  'chunked,text/html,image/png,image/jpg,image/gif,application/xml,application/xhtml+xml,text/plain,' +
  'text/javascript,publicprivatemax-age=gzip,deflate,sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0.';

const withLength = (word: string): Buffer => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(word.length);
  return Buffer.concat([length, Buffer.from(word, 'latin1')]);
};

const dictionary = Buffer.concat([
  ...EXPECTED_WORDS.split(' ').map((word) => withLength(word.replace('_', ' '))),
  Buffer.from(EXPECTED_TEXT, 'latin1'),
]);

const FRAME = { synStream: 1, synReply: 2, reset: 3, ping: 6 };
const CONTROL = 0x80000000;
const VERSION = 3;
const FIN = 1;
const HEADER_BYTES = 8;
/** In front of the headers of a new stream: its number, its parent's, its priority. */
const STREAM_BYTES = 10;
const NO_HEADERS = Buffer.alloc(4);

const parseHeaders = (block: Buffer): Map<string, string> => {
  const found = new Map<string, string>();
  let at = 4;
  const next = (): string => {
    const from = at + 4;
    at = from + block.readUInt32BE(at);
    return block.toString('latin1', from, at);
  };
  for (let left = block.readUInt32BE(0); left > 0; left--) found.set(next(), next());
  return found;
};

const frame = (first: number, flags: number, payload: Uint8Array): Buffer => {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32BE(first >>> 0);
  header.writeUInt32BE(((flags << 24) | payload.length) >>> 0, 4);
  return Buffer.concat([header, payload]);
};

interface SpdyHandlers {
  onStream(id: number, headers: ReadonlyMap<string, string>): void;
  onData(id: number, data: Buffer): void;
  /** The peer sends nothing more on a stream, or wants it gone. */
  onEnd(id: number): void;
}

/**
 * The server's side of SPDY/3.1 as far as `kubectl port-forward` speaks it: streams opened by the client, data both ways,
 * pings; no flow control, since that client knows none.
 */
export class SpdySession {
  #received = Buffer.alloc(0);
  /** All header blocks are one compressed text, of which the beginning was read before. */
  #headerBlocks = Buffer.alloc(0);
  #headersRead = 0;
  #hasReplied = false;

  constructor(
    private readonly socket: Duplex,
    private readonly handlers: SpdyHandlers,
  ) {}

  start(head: Buffer): void {
    this.socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    if (head.length > 0) this.#receive(head);
  }

  /** False when the socket has enough for now. */
  send(id: number, data: Uint8Array): boolean {
    return this.socket.write(frame(id, 0, data));
  }

  end(id: number): void {
    if (this.socket.writable) this.socket.write(frame(id, FIN, Buffer.alloc(0)));
  }

  #receive(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    while (this.#received.length >= HEADER_BYTES) {
      const whole = HEADER_BYTES + (this.#received.readUInt32BE(4) & 0xffffff);
      if (this.#received.length < whole) return;
      const one = this.#received.subarray(0, whole);
      this.#received = this.#received.subarray(whole);
      this.#handle(one.readUInt32BE(0), one[4] ?? 0, one.subarray(HEADER_BYTES));
    }
  }

  #handle(first: number, flags: number, payload: Buffer): void {
    if (first < CONTROL) {
      if (payload.length > 0) this.handlers.onData(first, payload);
      if (flags & FIN) this.handlers.onEnd(first);
      return;
    }
    const type = first & 0xffff;
    if (type === FRAME.synStream) this.#open(payload, flags);
    else if (type === FRAME.ping) this.socket.write(frame(first, 0, payload));
    else if (type === FRAME.reset) this.handlers.onEnd(payload.readUInt32BE(0));
  }

  #open(payload: Buffer, flags: number): void {
    const id = payload.readUInt32BE(0);
    this.#headerBlocks = Buffer.concat([this.#headerBlocks, payload.subarray(STREAM_BYTES)]);
    const text = inflateSync(this.#headerBlocks, { dictionary, finishFlush: constants.Z_SYNC_FLUSH });
    const headers = parseHeaders(text.subarray(this.#headersRead));
    this.#headersRead = text.length;
    this.#reply(payload.subarray(0, 4));
    this.handlers.onStream(id, headers);
    if (flags & FIN) this.handlers.onEnd(id);
  }

  /** Accepts without headers. After the first reply the compressed text goes on without the beginning that names it zlib. */
  #reply(id: Buffer): void {
    const flushed = { finishFlush: constants.Z_SYNC_FLUSH };
    const block = this.#hasReplied
      ? deflateRawSync(NO_HEADERS, flushed)
      : deflateSync(NO_HEADERS, { dictionary, ...flushed });
    this.#hasReplied = true;
    const first = CONTROL + VERSION * 0x10000 + FRAME.synReply;
    this.socket.write(frame(first, 0, Buffer.concat([id, block])));
  }
}
