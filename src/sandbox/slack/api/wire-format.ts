import type { JsonObject } from '../workspace/json.js';
import { textAt } from '../workspace/json.js';
import type { Channel, Message, Person, SharedFile, View } from '../workspace/workspace-model.js';
import type { Workspace } from '../workspace/workspace.js';

/** Who the app is in this workspace. */
export interface AppIdentity {
  readonly appId: string;
  readonly botId: string;
  readonly botUserId: string;
}

/** The shapes in which Slack hands its things to the app. */
export const personOnWire = (person: Person, teamId: string): JsonObject => ({
  id: person.id,
  team_id: teamId,
  name: person.name,
  real_name: person.realName,
  deleted: false,
  is_bot: person.isBot,
  is_app_user: false,
  tz: 'Europe/Amsterdam',
  tz_offset: 3600,
  profile: { real_name: person.realName, display_name: person.name },
});

export const channelOnWire = (channel: Channel, botUserId: string): JsonObject =>
  channel.personId !== null
    ? { id: channel.id, is_im: true, user: channel.personId, is_archived: false, is_user_deleted: false }
    : {
        id: channel.id,
        name: channel.name,
        name_normalized: channel.name,
        is_channel: !channel.isPrivate,
        is_group: channel.isPrivate,
        is_im: false,
        is_mpim: false,
        is_private: channel.isPrivate,
        is_archived: channel.isArchived,
        is_general: channel.name === 'general',
        is_member: channel.members.has(botUserId),
        num_members: channel.members.size,
        topic: { value: channel.topic, creator: '', last_set: 0 },
        purpose: { value: '', creator: '', last_set: 0 },
      };

export const fileOnWire = (file: SharedFile, baseUrl: string, nowMs: number): JsonObject => {
  const ready = nowMs >= file.readyAtMs;
  const address = `${baseUrl}/files-pri/${file.id}/${encodeURIComponent(file.name)}`;
  return {
    id: file.id,
    created: Math.floor(file.createdMs / 1000),
    name: file.name,
    title: file.title,
    alt_txt: file.altText,
    // Slack fills these in once it has looked at the file.
    mimetype: ready ? file.mimeType : '',
    filetype: ready ? (file.mimeType.split('/')[1] ?? 'binary') : '',
    mode: 'hosted',
    size: file.bytes.length,
    is_external: false,
    is_public: file.channelIds.length > 0,
    url_private: address,
    url_private_download: `${address}?download=1`,
    permalink: `${baseUrl}/files/${file.id}/${encodeURIComponent(file.name)}`,
    channels: file.channelIds,
  };
};

const reactionsOnWire = (message: Message): JsonObject =>
  Object.keys(message.reactions).length === 0
    ? {}
    : {
        reactions: Object.entries(message.reactions).map(([name, users]) => ({
          name,
          users,
          count: users.length,
        })),
      };

const threadOnWire = (message: Message, workspace: Workspace): JsonObject => {
  if (message.threadTs !== null) return { thread_ts: message.threadTs };
  const replies = workspace
    .messages(message.channelId)
    .filter((other) => other.threadTs === message.ts && other.onlyFor === null);
  const last = replies.at(-1);
  return last === undefined
    ? {}
    : {
        thread_ts: message.ts,
        reply_count: replies.length,
        reply_users: [...new Set(replies.map((reply) => reply.authorId))],
        latest_reply: last.ts,
      };
};

export const messageOnWire = (
  message: Message,
  workspace: Workspace,
  identity: AppIdentity,
  baseUrl: string,
): JsonObject => {
  const files = message.fileIds.flatMap((id) => workspace.files.get(id) ?? []);
  const byApp = message.authorId === identity.botUserId;
  return {
    type: 'message',
    ts: message.ts,
    user: message.authorId,
    team: workspace.teamId,
    text: message.text,
    ...(byApp ? { bot_id: identity.botId, app_id: identity.appId } : {}),
    ...(message.blocks.length > 0 ? { blocks: message.blocks } : {}),
    ...(message.attachments.length > 0 ? { attachments: message.attachments } : {}),
    ...(files.length > 0
      ? { files: files.map((file) => fileOnWire(file, baseUrl, workspace.clock.nowMs())) }
      : {}),
    ...(message.editedTs === null ? {} : { edited: { user: message.authorId, ts: message.editedTs } }),
    ...(message.metadata === null ? {} : { metadata: message.metadata }),
    ...reactionsOnWire(message),
    ...threadOnWire(message, workspace),
  };
};

/** A view with its state, as the answer to views.* and in payloads. */
export const viewOnWire = (
  view: View,
  workspace: Workspace,
  identity: AppIdentity,
  values: JsonObject = {},
): JsonObject => ({
  id: view.id,
  team_id: workspace.teamId,
  app_id: identity.appId,
  bot_id: identity.botId,
  app_installed_team_id: workspace.teamId,
  hash: view.hash,
  root_view_id: view.rootId,
  previous_view_id: view.previousId,
  close: null,
  submit: null,
  clear_on_close: false,
  notify_on_close: false,
  ...view.content,
  private_metadata: textAt(view.content, 'private_metadata'),
  callback_id: textAt(view.content, 'callback_id'),
  external_id: textAt(view.content, 'external_id'),
  state: { values },
});
