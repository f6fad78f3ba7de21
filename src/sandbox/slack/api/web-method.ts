import type { TokenKind } from './access.js';
import type { JsonObject } from '../workspace/json.js';
import { parseJson } from '../workspace/json.js';
import type { AppManifest } from '../workspace/manifest.js';
import type { RateLimits, Tier } from './rate-limits.js';
import { faultsError, SlackError } from '../workspace/slack-error.js';
import type { SocketMode } from './socket-mode.js';
import type { Triggers } from '../workspace/triggers.js';
import type { Uploads } from '../workspace/uploads.js';
import type { AppIdentity } from './wire-format.js';
import type { Channel } from '../workspace/workspace-model.js';
import type { Workspace } from '../workspace/workspace.js';

/** The parts of the workspace that methods and interactions work with. */
export interface Office {
  readonly workspace: Workspace;
  readonly identity: AppIdentity;
  readonly manifest: AppManifest;
  readonly triggers: Triggers;
  readonly sockets: SocketMode;
  readonly uploads: Uploads;
  readonly limits: RateLimits;
  /** Whether a post repeated under the same `client_msg_id` is answered with the message that exists. */
  readonly knowsClientIds: boolean;
  /** `http://127.0.0.1:port`. */
  readonly baseUrl: () => string;
}

export interface Call {
  readonly office: Office;
  readonly args: JsonObject;
  readonly scopes: readonly string[];
}

/** One method of the Web API: who may call it, how often, and its answer without `ok`. */
export interface Method {
  readonly token: TokenKind;
  /** The caller needs one of these, if there are any. */
  readonly scopes: readonly string[];
  readonly tier: Tier;
  readonly run: (call: Call) => JsonObject;
}

export type Methods = Readonly<Record<string, Method>>;

/** An argument that must be there. */
export const required = (args: JsonObject, key: string): string => {
  const value = optionalText(args, key);
  if (value === '') throw faultsError('invalid_arguments', [`missing required field: ${key}`]);
  return value;
};

export const optionalText = (args: JsonObject, key: string): string => {
  const value = args[key];
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
};

/** An argument that is JSON, or JSON within a form; SlackError `code` when it is neither. */
export const structured = (args: JsonObject, key: string, code: string): unknown => {
  const value = args[key];
  if (typeof value !== 'string' || value === '') return value === '' ? undefined : value;
  try {
    return parseJson(value);
  } catch (cause) {
    if (cause instanceof SyntaxError) throw new SlackError(code);
    throw cause;
  }
};

/** The channel, if the app may know of it; else SlackError `channel_not_found`. */
export const channelById = ({ office, args }: Call): Channel => {
  const channel = office.workspace.channel(required(args, 'channel'));
  const hidden = channel?.isPrivate === true && !channel.members.has(office.identity.botUserId);
  if (channel === undefined || hidden) throw new SlackError('channel_not_found');
  return channel;
};
