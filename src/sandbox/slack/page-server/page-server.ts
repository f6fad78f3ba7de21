import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { readArguments, sendJson } from '../api/http-body.js';
import type { Office } from '../api/web-method.js';
import { doAct } from './page-acts.js';
import { bundlePage } from './page-bundle.js';
import { streamTo } from './page-feed.js';
import { SlackError } from '../workspace/slack-error.js';
import type { UserActions } from '../user-actions.js';

/** The page is plain JavaScript, served from the sources without a build. */
const ASSETS = fileURLToPath(new URL('../../../../../src/sandbox/slack/page/', import.meta.url));

/** The web page: its document, its live feed, and what people do on it. */
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
    if (file !== null) return this.#file(file[1] ?? '', response);
    if (rest === '') return this.#page(request, response);
    if (rest === 'icon.svg') return this.#icon(response);
    sendJson(response, 404, { error: 'not_found' });
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
  #file(id: string, response: ServerResponse): void {
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

  async #page(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { html, policy } = await bundlePage(ASSETS);
    const isZipped = (request.headers['accept-encoding'] ?? '').includes('gzip');
    response.writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'content-security-policy': policy,
      ...(isZipped ? { 'content-encoding': 'gzip' } : {}),
    });
    response.end(isZipped ? gzipSync(html) : html);
  }

  async #icon(response: ServerResponse): Promise<void> {
    const body = await readFile(path.join(ASSETS, 'icon.svg'));
    response.writeHead(200, { 'content-type': 'image/svg+xml', 'cache-control': 'max-age=3600' });
    response.end(body);
  }
}
