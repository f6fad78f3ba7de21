import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { errorCodeOf } from '../../ports/error-code.js';
import { readArguments, sendJson } from './http-body.js';
import type { Office } from './methods/method.js';
import { doAct } from './page-acts.js';
import { streamTo } from './page-feed.js';
import { SlackError } from './slack-error.js';
import type { UserActions } from './user-actions.js';

/** The page is plain JavaScript that nothing compiles: it is served from the sources. */
const ASSETS = fileURLToPath(new URL('../../../../src/sandbox/slack/page/', import.meta.url));
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};
const POLICY = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'";

/** The web page: its files, its live feed, and what people do on it. */
export class PageServer {
  readonly #office: Office;
  readonly #actions: UserActions;

  constructor(office: Office, actions: UserActions) {
    this.#office = office;
    this.#actions = actions;
  }

  /** `rest` is the path below `/page/`. */
  async handle(rest: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (rest === 'feed') return this.#feed(request, response);
    if (rest === 'act') return this.#act(request, response);
    const file = /^files\/(F[A-Z0-9]+)$/.exec(rest);
    if (file !== null) return this.sendFile(file[1] ?? '', response);
    await this.#asset(rest === '' ? 'index.html' : rest, response);
  }

  #feed(request: IncomingMessage, response: ServerResponse): void {
    const id = new URL(request.url ?? '/', this.#office.baseUrl()).searchParams.get('user') ?? '';
    const people = [...this.#office.workspace.people.values()].filter((person) => !person.isBot);
    const person = people.find((each) => each.id === id) ?? people[0];
    if (person === undefined) return sendJson(response, 404, { error: 'user_not_found' });
    streamTo(this.#office, person, response);
  }

  async #act(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const { origin } = request.headers;
      if (request.method !== 'POST' || origin !== `http://${request.headers.host ?? ''}`)
        throw new SlackError('not_allowed');
      sendJson(response, 200, {
        ok: true,
        ...(await doAct(this.#office, this.#actions, await readArguments(request))),
      });
    } catch (fault) {
      if (!(fault instanceof SlackError || fault instanceof RangeError)) throw fault;
      const error = fault instanceof SlackError ? fault.code : fault.message;
      sendJson(response, 400, { ok: false, error });
    }
  }

  /** The bytes of an uploaded file. */
  sendFile(id: string, response: ServerResponse): void {
    const file = this.#office.workspace.files.get(id);
    if (file === undefined) return sendJson(response, 404, { error: 'file_not_found' });
    response.writeHead(200, {
      'content-type': file.mimeType,
      'content-length': file.bytes.length,
      'cache-control': 'private, max-age=3600',
      'x-content-type-options': 'nosniff',
    });
    response.end(file.bytes);
  }

  async #asset(name: string, response: ServerResponse): Promise<void> {
    const type = TYPES[path.extname(name)];
    if (type === undefined || !/^[a-z-]+\.[a-z]+$/.test(name))
      return sendJson(response, 404, { error: 'not_found' });
    try {
      const body = await readFile(path.join(ASSETS, name));
      response.writeHead(200, {
        'content-type': type,
        'cache-control': 'no-cache',
        'content-security-policy': POLICY,
      });
      response.end(body);
    } catch (fault) {
      if (errorCodeOf(fault) !== 'ENOENT') throw fault;
      sendJson(response, 404, { error: 'not_found' });
    }
  }
}
