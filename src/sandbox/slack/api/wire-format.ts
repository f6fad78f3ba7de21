import type { JsonObject } from '../workspace/json.js';
import { textAt } from '../workspace/json.js';
import type { Message, View } from '../workspace/workspace-model.js';
import type { Workspace } from '../workspace/workspace.js';

/** Who the app is in this workspace. */
export interface AppIdentity {
  readonly appId: string;
  readonly botId: string;
  readonly botUserId: string;
}

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

/** A message in answers of the Web API and in payloads. */
export const messageOnWire = (message: Message, workspace: Workspace, identity: AppIdentity): JsonObject => {
  const byApp = message.authorId === identity.botUserId;
  return {
    type: 'message',
    ts: message.ts,
    user: message.authorId,
    team: workspace.teamId,
    text: message.text,
    ...(byApp ? { bot_id: identity.botId, app_id: identity.appId } : {}),
    ...(message.blocks.length > 0 ? { blocks: message.blocks } : {}),
    ...(message.editedTs === null ? {} : { edited: { user: message.authorId, ts: message.editedTs } }),
    ...(message.metadata === null ? {} : { metadata: message.metadata }),
    ...threadOnWire(message, workspace),
  };
};

/** A view with its state, in answers to views.* and in payloads. */
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
  root_view_id: view.id,
  previous_view_id: null,
  close: null,
  submit: null,
  clear_on_close: false,
  notify_on_close: false,
  ...view.content,
  private_metadata: textAt(view.content, 'private_metadata'),
  callback_id: textAt(view.content, 'callback_id'),
  external_id: '',
  state: { values },
});
