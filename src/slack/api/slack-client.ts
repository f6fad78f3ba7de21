import { createHash } from 'node:crypto';
import type { types, webApi } from '@slack/bolt';
import type { MessageId } from '../../monitor/record/incident.js';
import { AppError } from '../../ports/app-error.js';

export type Block = types.KnownBlock;
export type View = types.View;

/** A message as the app writes it; `text` is what notifications and screen readers get. */
export interface Outgoing {
  readonly text: string;
  readonly blocks: Block[];
  readonly threadTs?: string;
}

/** A message that a program may have posted without noting it. */
interface SoughtMessage {
  readonly key: string;
  readonly sinceMs: number;
  readonly threadTs?: string;
}

/** A picture to upload. */
export interface Picture {
  readonly body: Buffer;
  readonly filename: string;
  readonly title: string;
}

/** The calls that the app makes. Every error of Slack is an AppError; too many calls are a `RateLimited`. */
export interface SlackClient {
  /** `key` identifies the message: if Slack already has it, this returns its id. */
  post(channel: string, message: Outgoing, key: string): Promise<MessageId>;
  /**
   * The message of that key posted since a time; null when there is none, or when the app may not read the channel, for
   * which only some workspaces grant the scope.
   */
  find(channel: string, sought: SoughtMessage): Promise<MessageId | null>;
  /** AppError `slack_message_gone` when the message was deleted. */
  edit(id: MessageId, message: Outgoing): Promise<void>;
  /** An ephemeral message, which only one person sees. */
  whisper(channel: string, user: string, message: Outgoing): Promise<void>;
  openView(triggerId: string, view: View): Promise<void>;
  publishHome(user: string, view: types.HomeView): Promise<void>;
  /** Returns the id of the uploaded file; messages can show it a moment later. */
  upload(picture: Picture): Promise<string>;
  groupMembers(group: string): Promise<string[]>;
  /** Scopes of the installed app. */
  scopes(): Promise<readonly string[]>;
}

/** Slack's rate limit. */
export class RateLimited extends AppError {
  constructor(readonly retryAfterMs: number) {
    super(
      'slack_limited',
      `Slack's rate limit is reached for ${Math.ceil(retryAfterMs / 1000)} s.`,
      'Try again after that.',
    );
  }
}

/** Bolt's Web API client behind the interface above. */
export const slackClientOf = (
  client: webApi.WebClient,
  faultOf: (fault: unknown, channel?: string) => Error,
): SlackClient => {
  const calling = async <T>(call: () => Promise<T>, channel?: string): Promise<T> => {
    try {
      return await call();
    } catch (fault) {
      throw faultOf(fault, channel);
    }
  };
  return {
    post: async (channel, { text, blocks, threadTs }, key) => {
      const thread = threadTs === undefined ? {} : { thread_ts: threadTs };
      const send = (named: object): Promise<MessageId> =>
        calling(async () => {
          const posted = await client.chat.postMessage({
            ...{ channel, text, blocks, ...QUIET, ...thread, ...named },
            metadata: { event_type: EVENT_TYPE, event_payload: { key } },
          });
          return { channel: posted.channel ?? channel, ts: posted.ts ?? '' };
        }, channel);
      return send({ client_msg_id: uuidOf(key) }).catch((fault: unknown) => {
        // It was posted and has been deleted since.
        if (fault instanceof AppError && fault.code === 'slack_duplicate_gone') return send({});
        throw fault;
      });
    },
    find: async (channel, { key, sinceMs, threadTs }) => {
      const among = { channel, oldest: String(sinceMs / 1000 - CLOCKS_S), limit: 200 };
      const { conversations } = client;
      const options = { ...among, include_all_metadata: true };
      const call = async (): Promise<MessageId | null> => {
        const { messages = [] } =
          threadTs === undefined
            ? await conversations.history(options)
            : await conversations.replies({ ...options, ts: threadTs });
        const ts = messages.find(({ metadata }) => isOf(metadata, key))?.ts;
        return ts === undefined ? null : { channel, ts };
      };
      return calling(call, channel).catch((fault: unknown) => {
        if (fault instanceof AppError && NOT_READABLE.has(fault.code)) return null;
        throw fault;
      });
    },
    edit: ({ channel, ts }, { text, blocks }) =>
      calling(async () => void (await client.chat.update({ channel, ts, text, blocks })), channel),
    whisper: (channel, user, { text, blocks }) =>
      calling(async () => void (await client.chat.postEphemeral({ channel, user, text, blocks })), channel),
    openView: (triggerId, view) =>
      calling(async () => void (await client.views.open({ trigger_id: triggerId, view }))),
    publishHome: (user, view) =>
      calling(async () => void (await client.views.publish({ user_id: user, view }))),
    upload: ({ body, filename, title }) =>
      calling(async () => {
        const uploaded = await client.filesUploadV2({ file: body, filename, title });
        const id = uploaded.files[0]?.files?.[0]?.id;
        if (id === undefined) throw new TypeError('filesUploadV2 answered no file id');
        return id;
      }),
    scopes: () => calling(async () => (await client.auth.test()).response_metadata?.scopes ?? []),
    groupMembers: (group) =>
      calling(async () => (await client.usergroups.users.list({ usergroup: group })).users ?? []),
  };
};

const EVENT_TYPE = 'calibration_message';
/** The largest difference between our clock and Slack's. */
const CLOCKS_S = 300;
const NOT_READABLE: ReadonlySet<string> = new Set(['slack_scope', 'slack_channel', 'slack_not_in_channel']);

const isOf = (metadata: unknown, key: string): boolean => {
  const { event_payload: payload } = (metadata ?? {}) as { event_payload?: { key?: unknown } };
  return payload?.key === key;
};

/** Slack recognizes a duplicate by its `client_msg_id`, which must be a UUID. */
const uuidOf = (key: string): string => {
  const hex = createHash('sha256').update(key).digest('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
};

const QUIET = { unfurl_links: false, unfurl_media: false } as const;
