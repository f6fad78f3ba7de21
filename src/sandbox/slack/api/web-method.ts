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
  /** Whether what is posted again under the same `client_msg_id` is answered with the message that is there. */
  readonly knowsClientIds: boolean;
  /** `http://127.0.0.1:port`. */
  readonly baseUrl: () => string;
}

export interface Call {
  readonly office: Office;
  readonly args: JsonObject;
  readonly scopes: readonly string[];
}

/** One method of the Web API: who may call it how often, and its answer without `ok`. */
export interface Method {
  readonly token: TokenKind;
  /** One of these is needed; none when empty. */
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

export const isTrue = (args: JsonObject, key: string): boolean =>
  args[key] === true || args[key] === 'true' || args[key] === '1';

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

/** The channel as the app may know it; SlackError `channel_not_found`. */
export const channelById = ({ office, args }: Call, key = 'channel'): Channel => {
  const channel = office.workspace.channel(required(args, key));
  const hidden = channel?.isPrivate === true && !channel.members.has(office.identity.botUserId);
  if (channel === undefined || hidden) throw new SlackError('channel_not_found');
  return channel;
};

/** One page of a list and the cursor of the next. */
export const page = <T>(
  all: readonly T[],
  args: JsonObject,
  most = 1000,
): { items: readonly T[]; next: string } => {
  const limit = Math.min(most, Number(optionalText(args, 'limit')) || 100);
  const cursor = optionalText(args, 'cursor');
  const start = cursor === '' ? 0 : Number(Buffer.from(cursor, 'base64').toString('utf8'));
  if (!Number.isInteger(start) || start < 0) throw new SlackError('invalid_cursor');
  const end = start + limit;
  return {
    items: all.slice(start, end),
    next: end < all.length ? Buffer.from(String(end)).toString('base64') : '',
  };
};
