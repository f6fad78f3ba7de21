import type { types, webApi } from '@slack/bolt';
import type { MessageId } from '../monitor/incident.js';
import { AppError } from '../ports/app-error.js';

export type Block = types.KnownBlock;
export type View = types.View;

/** A message as the app writes it; `text` is what notifications and screen readers get. */
export interface Outgoing {
  readonly text: string;
  readonly blocks: Block[];
  readonly threadTs?: string;
}

/** A picture to upload. */
export interface Picture {
  readonly body: Buffer;
  readonly filename: string;
  readonly title: string;
}

/** What the app calls of Slack. Every refusal is an AppError; too many calls are a `RateLimited`. */
export interface SlackWeb {
  post(channel: string, message: Outgoing): Promise<MessageId>;
  /** AppError `slack_message_gone` when there is no such message any more. */
  edit(id: MessageId, message: Outgoing): Promise<void>;
  /** Seen by one person only. */
  whisper(channel: string, user: string, message: Outgoing): Promise<void>;
  openView(triggerId: string, view: View): Promise<void>;
  publishHome(user: string, view: types.HomeView): Promise<void>;
  /** Answers the id of the uploaded file; it may take a moment until messages can show it. */
  upload(picture: Picture): Promise<string>;
  groupMembers(group: string): Promise<string[]>;
  /** What the installed app may do. */
  scopes(): Promise<readonly string[]>;
}

/** Slack wants to be left alone for a while. */
export class RateLimited extends AppError {
  constructor(readonly retryAfterMs: number) {
    super(
      'slack_limited',
      `Slack allows no more calls for ${Math.ceil(retryAfterMs / 1000)} s.`,
      'Try again after that.',
    );
  }
}

/** The Web API client that Bolt made, behind the port above. */
export const slackWebOf = (
  client: webApi.WebClient,
  faultOf: (fault: unknown, channel?: string) => Error,
): SlackWeb => {
  const calling = async <T>(call: () => Promise<T>, channel?: string): Promise<T> => {
    try {
      return await call();
    } catch (fault) {
      throw faultOf(fault, channel);
    }
  };
  return {
    post: (channel, { text, blocks, threadTs }) =>
      calling(async () => {
        const thread = threadTs === undefined ? {} : { thread_ts: threadTs };
        const posted = await client.chat.postMessage({ channel, text, blocks, ...QUIET, ...thread });
        return { channel: posted.channel ?? channel, ts: posted.ts ?? '' };
      }, channel),
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

const QUIET = { unfurl_links: false, unfurl_media: false } as const;
