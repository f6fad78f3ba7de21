import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Json, JsonObject } from '../workspace/json.js';
import { isObject, parseJson } from '../workspace/json.js';
import { SlackError } from '../workspace/slack-error.js';

const MAX_BYTES = 50 * 1024 * 1024;

export const readBody = async (request: IncomingMessage): Promise<Buffer> => {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > MAX_BYTES) throw new SlackError('request_too_large');
    parts.push(part);
  }
  return Buffer.concat(parts);
};

const fromJson = (body: Buffer): JsonObject => {
  try {
    const value = parseJson(body.toString('utf8'));
    if (isObject(value)) return value;
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new SlackError('invalid_json');
  }
  throw new SlackError('json_not_object');
};

/** The arguments of a call: query, form or JSON. SlackErrors `invalid_json`, `json_not_object`, `invalid_post_type`. */
export const readArguments = async (request: IncomingMessage): Promise<JsonObject> => {
  const query = Object.fromEntries(new URL(request.url ?? '/', 'http://127.0.0.1').searchParams);
  const body = await readBody(request);
  if (body.length === 0) return query;
  const type = (request.headers['content-type'] ?? '').split(';')[0];
  if (type === 'application/json') return { ...query, ...fromJson(body) };
  if (type === 'application/x-www-form-urlencoded')
    return { ...query, ...Object.fromEntries(new URLSearchParams(body.toString('utf8'))) };
  throw new SlackError('invalid_post_type');
};

/** The file within an upload, sent as a form or bare. */
export const readUpload = async (request: IncomingMessage): Promise<Buffer> => {
  const body = await readBody(request);
  const type = request.headers['content-type'] ?? '';
  if (!type.startsWith('multipart/form-data')) return body;
  const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData();
  for (const value of form.values())
    if (typeof value !== 'string') return Buffer.from(await value.arrayBuffer());
  return Buffer.alloc(0);
};

export const sendJson = (
  response: ServerResponse,
  status: number,
  body: Json,
  headers: Readonly<Record<string, string>> = {},
): void => {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
  response.end(JSON.stringify(body));
};
