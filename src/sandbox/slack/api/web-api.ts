import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Tokens } from './access.js';
import { checkAccess } from './access.js';
import { showAnswer } from './app-answers.js';
import { readArguments, readUpload, sendJson } from './http-body.js';
import type { JsonObject } from '../workspace/json.js';
import { textAt } from '../workspace/json.js';
import type { Methods, Office } from './web-method.js';
import { SlackError } from '../workspace/slack-error.js';

/** One call of the app and its outcome. */
interface LoggedCall {
  readonly method: string;
  readonly channel: string;
  /** Slack's error code; null on success. */
  readonly error: string | null;
  /** Slack's messages about it. */
  readonly details: JsonObject;
  readonly atMs: number;
}

/** The Web API, uploads and response URLs, as the app sees them. */
export class WebApi {
  readonly calls: LoggedCall[] = [];
  readonly #office: Office;
  readonly #tokens: Tokens;
  readonly #methods: Methods;
  readonly #forced: { method: string; retryAfterS: number; left: number }[] = [];

  constructor(office: Office, tokens: Tokens, methods: Methods) {
    this.#office = office;
    this.#tokens = tokens;
    this.#methods = methods;
  }

  /** Answers the next `times` calls of a method (`*` for any) with 429. */
  rateLimit(method: string, retryAfterS: number, times: number): void {
    this.#forced.push({ method, retryAfterS, left: times });
  }

  async call(name: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    let args: JsonObject = {};
    try {
      args = await readArguments(request);
      const answer = this.#answer(name, request.headers.authorization, args, response);
      this.#log(name, args, null, {});
      sendJson(response, 200, { ok: true, ...answer });
    } catch (fault) {
      if (!(fault instanceof SlackError)) throw fault;
      this.#log(name, args, fault.code, fault.details);
      const refusal = { ok: false, error: fault.code, ...fault.details };
      if (fault.code !== 'ratelimited') sendJson(response, 200, refusal);
      else
        sendJson(
          response,
          429,
          { ok: false, error: fault.code },
          { 'retry-after': textAt(fault.details, 'retry_after') },
        );
    }
  }

  #answer(
    name: string,
    authorization: string | undefined,
    args: JsonObject,
    response: ServerResponse,
  ): JsonObject {
    const method = this.#methods[name];
    if (method === undefined) throw new SlackError('unknown_method', { req_method: name });
    const scopes = checkAccess(this.#tokens, authorization, args, method.token, method.scopes);
    response.setHeader('x-oauth-scopes', scopes.join(','));
    response.setHeader('x-accepted-oauth-scopes', method.scopes.join(','));
    const nowMs = this.#office.workspace.clock.nowMs();
    const wait =
      this.#forcedWait(name) ||
      this.#office.limits.retryAfterS(name, method.tier, this.#channelId(args), nowMs);
    if (wait > 0) throw new SlackError('ratelimited', { retry_after: String(wait) });
    return method.run({ office: this.#office, args, scopes });
  }

  /** Messages to a channel count together, whether addressed by its name or its id. */
  #channelId(args: JsonObject): string {
    const called = textAt(args, 'channel');
    return this.#office.workspace.channelNamed(called)?.id ?? called;
  }

  #forcedWait(name: string): number {
    const rule = this.#forced.find((each) => each.left > 0 && (each.method === '*' || each.method === name));
    if (rule === undefined) return 0;
    rule.left -= 1;
    return rule.retryAfterS;
  }

  #log(method: string, args: JsonObject, error: string | null, details: JsonObject): void {
    const atMs = this.#office.workspace.clock.nowMs();
    this.calls.push({ method, channel: textAt(args, 'channel'), error, details, atMs });
  }

  async upload(id: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const bytes = await readUpload(request);
    const taken = this.#office.uploads.receive(id, bytes);
    response.writeHead(taken ? 200 : 400, { 'content-type': 'text/plain' });
    response.end(taken ? `OK - ${bytes.length}` : 'upload failed');
  }

  async respond(id: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const answer = await readArguments(request);
      showAnswer(this.#office, this.#office.triggers.useResponseUrl(id), answer);
      this.#log('response_url', {}, null, {});
      response.writeHead(200, { 'content-type': 'text/plain' }).end('ok');
    } catch (fault) {
      if (!(fault instanceof SlackError)) throw fault;
      this.#log('response_url', {}, fault.code, fault.details);
      const gone = fault.code.endsWith('_url');
      sendJson(response, gone ? 404 : 200, { ok: false, error: fault.code, ...fault.details });
    }
  }
}
