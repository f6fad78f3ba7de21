import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Clock } from '../../ports/clock.js';
import { LoopbackServer } from '../site/loopback-server.js';
import { sendJson } from './api/http-body.js';
import { newId } from './workspace/ids.js';
import { readManifest } from './workspace/manifest.js';
import { appMethods } from './api/app-methods.js';
import { CHAT_METHODS } from './api/chat-methods.js';
import { FILE_METHODS } from './api/file-methods.js';
import type { Office } from './api/web-method.js';
import { VIEW_METHODS } from './api/view-methods.js';
import { PageServer } from './page-server/page-server.js';
import { RateLimits } from './api/rate-limits.js';
import { SocketMode } from './api/socket-mode.js';
import { Triggers } from './workspace/triggers.js';
import { Uploads } from './workspace/uploads.js';
import { SLACKBOT, UserActions } from './user-actions.js';
import { SlackUser } from './user.js';
import { waitUntil } from './wait-until.js';
import { WebApi } from './api/web-api.js';
import type { Channel, Message, UserGroup } from './workspace/workspace-model.js';
import { Workspace } from './workspace/workspace.js';

const APP = { appId: 'A0SANDBOX01', botId: 'B0SANDBOX01', botUserId: 'U0SANDBOXBOT' };

interface SandboxChannel {
  readonly name: string;
  readonly topic?: string;
  readonly isPrivate?: boolean;
  /** Whether the app is a member (default true). */
  readonly hasApp?: boolean;
}

export interface SlackSandboxOptions {
  /** The app's manifest.json, parsed: scopes, commands, shortcuts and events come from it. */
  readonly manifest: unknown;
  readonly clock: Clock;
  /** Default: a free one. */
  readonly port?: number;
  readonly botToken?: string;
  readonly appToken?: string;
  readonly people?: readonly { readonly id: string; readonly name: string; readonly realName: string }[];
  readonly channels?: readonly SandboxChannel[];
  readonly userGroups?: readonly UserGroup[];
  /** How long Slack processes an uploaded file before blocks can show it. */
  readonly fileReadyAfterMs?: number;
  /** False ignores `client_msg_id`: Slack's errors mention it, its list of arguments does not. */
  readonly knowsClientIds?: boolean;
}

const PEOPLE = [
  { id: 'U0ANNA00001', name: 'anna', realName: 'Anna Keller' },
  { id: 'U0BEN000001', name: 'ben', realName: 'Ben Ortiz' },
];
const CHANNELS: readonly SandboxChannel[] = [
  { name: 'calibration_monitoring', topic: 'By how many degrees each camera has been knocked' },
  { name: 'general', topic: 'Company-wide announcements', hasApp: false },
];

/** A Slack workspace on loopback: Web API, Socket Mode, a web page, and people whom a test can act for. */
export class SlackSandbox {
  readonly botToken: string;
  readonly appToken: string;
  readonly #port: number;
  readonly #office: Office;
  readonly #api: WebApi;
  readonly #actions: UserActions;
  readonly #page: PageServer;
  readonly #server: LoopbackServer;
  readonly #http: Server;
  /** Errors in the app's answers that kept Slack from showing them. */
  readonly complaints: string[] = [];
  #address = 0;

  constructor(options: SlackSandboxOptions) {
    this.botToken = options.botToken ?? 'xoxb-sandbox-bot';
    this.appToken = options.appToken ?? 'xapp-1-sandbox-app';
    this.#port = options.port ?? 0;
    this.#office = this.#newOffice(options);
    const methods = {
      ...appMethods(() => this.#address),
      ...CHAT_METHODS,
      ...VIEW_METHODS,
      ...FILE_METHODS,
    };
    const tokens = {
      botToken: this.botToken,
      botScopes: this.#office.manifest.botScopes,
      appToken: this.appToken,
      appScopes: ['connections:write'],
    };
    this.#api = new WebApi(this.#office, tokens, methods);
    this.#actions = new UserActions(this.#office, (what) => this.complaints.push(what));
    this.#page = new PageServer(this.#office, this.#actions);
    this.#http = createServer((request, response) => void this.#handle(request, response));
    this.#http.on('upgrade', (request, socket, head) => this.#office.sockets.upgrade(request, socket, head));
    this.#server = new LoopbackServer(this.#http);
  }

  #newOffice(options: SlackSandboxOptions): Office {
    const manifest = readManifest(options.manifest);
    const people = (options.people ?? PEOPLE).map((person) => ({ ...person, isBot: false }));
    const bots = [
      { id: APP.botUserId, name: manifest.botName, realName: manifest.botName, isBot: true },
      { id: SLACKBOT, name: 'slackbot', realName: 'Slackbot', isBot: true },
    ];
    const workspace = new Workspace(options.clock, [...people, ...bots], options.userGroups ?? []);
    for (const channel of options.channels ?? CHANNELS)
      workspace.keepChannel({
        id: newId('C'),
        name: channel.name,
        topic: channel.topic ?? '',
        isPrivate: channel.isPrivate ?? false,
        personId: null,
        isArchived: false,
        members: new Set([
          ...people.map((person) => person.id),
          ...((channel.hasApp ?? true) ? [APP.botUserId] : []),
        ]),
      });
    return {
      workspace,
      identity: APP,
      manifest,
      triggers: new Triggers(options.clock),
      sockets: new SocketMode(options.clock, APP.appId, (connections) =>
        workspace.announce({ kind: 'presence', connections }),
      ),
      uploads: new Uploads(workspace, options.fileReadyAfterMs ?? 1_500),
      limits: new RateLimits(),
      knowsClientIds: options.knowsClientIds ?? true,
      baseUrl: () => this.url,
    };
  }

  /** Listens; resolves when the app can connect. */
  async start(): Promise<void> {
    this.#address = await this.#server.listen(this.#port);
  }

  async close(): Promise<void> {
    this.#actions.close();
    await this.#office.sockets.close();
    await this.#server.close();
  }

  /** `http://127.0.0.1:port`, where the page is. */
  get url(): string {
    return `http://127.0.0.1:${this.#address}`;
  }

  /** What Bolt and the WebClient take as `slackApiUrl`. */
  get apiUrl(): string {
    return `${this.url}/api/`;
  }

  /** All calls of the app, in order. */
  get calls(): WebApi['calls'] {
    return this.#api.calls;
  }

  get sockets(): SocketMode {
    return this.#office.sockets;
  }

  get workspace(): Workspace {
    return this.#office.workspace;
  }

  /** Acts as one of the people; RangeError for an unknown id. */
  user(id: string): SlackUser {
    const person = this.workspace.people.get(id);
    if (person === undefined) throw new RangeError(`The workspace has no person ${id}.`);
    return new SlackUser(person, this.#office, this.#actions);
  }

  /** A channel by its name; RangeError for an unknown one. */
  channel(name: string): Channel {
    const channel = this.workspace.channelNamed(name);
    if (channel === undefined) throw new RangeError(`There is no channel ${name}.`);
    return channel;
  }

  /** The messages everyone sees in a channel, oldest first, without replies. */
  messages(channelName: string): readonly Message[] {
    return this.workspace
      .messages(this.channel(channelName).id)
      .filter((message) => message.threadTs === null && message.onlyFor === null);
  }

  /** The replies to a message, oldest first. */
  thread(message: Message): readonly Message[] {
    return this.workspace
      .messages(message.channelId)
      .filter((other) => other.threadTs === message.ts && other.onlyFor === null);
  }

  /** Checks after every change until `find` finds something; rejects after `timeoutMs` of real time. */
  waitFor<T>(find: () => T | undefined | null | false, timeoutMs = 5_000): Promise<T> {
    return waitUntil(this.workspace, find, timeoutMs);
  }

  /** Answers the next calls of a method (`*` for any) with 429. */
  rateLimit(method: string, retryAfterS: number, times = 1): void {
    this.#api.rateLimit(method, retryAfterS, times);
  }

  /** Turns rate limits off or on. */
  countCalls(enabled: boolean): void {
    this.#office.limits.enabled = enabled;
  }

  deleteMessage(message: Message): void {
    this.workspace.remove(message);
  }

  archiveChannel(name: string, isArchived = true): void {
    this.workspace.keepChannel({ ...this.channel(name), isArchived });
  }

  /** Adds the app to a channel, or removes it. */
  setAppMembership(name: string, isMember: boolean): void {
    const channel = this.channel(name);
    const members = new Set(channel.members);
    if (isMember) members.add(APP.botUserId);
    else members.delete(APP.botUserId);
    this.workspace.keepChannel({ ...channel, members });
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await this.#route(request, response);
    } catch (fault) {
      process.emitWarning(fault instanceof Error ? fault : String(fault));
      if (!response.headersSent) sendJson(response, 500, { ok: false, error: 'internal_error' });
      else response.destroy();
    }
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', this.url).pathname;
    const [, room = '', rest = ''] = /^\/([^/]*)\/?(.*)$/.exec(path) ?? [];
    if (room === 'api') return this.#api.call(rest, request, response);
    if (room === 'upload') return this.#api.upload(rest.replace('v1/', ''), request, response);
    if (room === 'actions') return this.#api.respond(rest, request, response);
    if (room === 'page') return this.#page.handle(rest, request, response);
    if (room === '') {
      response.writeHead(302, { location: '/page/' }).end();
      return;
    }
    sendJson(response, 404, { ok: false, error: 'not_found' });
  }
}
