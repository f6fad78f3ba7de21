import { LIMITS } from '../block-kit/block-limits.js';
import { checkMessageBlocks } from '../block-kit/validate-blocks.js';
import type { JsonObject } from '../workspace/json.js';
import { isObject } from '../workspace/json.js';
import { SlackError } from '../workspace/slack-error.js';
import { messageOnWire } from './wire-format.js';
import type { Channel, Message } from '../workspace/workspace-model.js';
import type { Call, Methods, Office } from './web-method.js';
import { channelById, optionalText, required, structured } from './web-method.js';

const SCOPES = ['chat:write'];
const READ_SCOPES = ['channels:history', 'groups:history', 'mpim:history', 'im:history'];

interface Content {
  readonly text: string;
  readonly blocks: readonly JsonObject[];
}

/** The content of a message; SlackErrors `no_text`, `msg_too_long`, `invalid_blocks`, `invalid_blocks_format`. */
export const contentOf = (office: Office, args: JsonObject): Content => {
  const text = optionalText(args, 'text');
  const given = structured(args, 'blocks', 'invalid_blocks_format');
  const blocks =
    given === undefined || given === null
      ? []
      : checkMessageBlocks(given, (file) => office.uploads.fault(file));
  if (text.length > LIMITS.messageText) throw new SlackError('msg_too_long');
  if (text === '' && blocks.length === 0) throw new SlackError('no_text');
  return { text, blocks };
};

/** The channel to post to, by its id or name. */
const destination = (call: Call): Channel => {
  const name = required(call.args, 'channel');
  const named = call.office.workspace.channelNamed(name);
  return channelById({ ...call, args: { channel: named?.id ?? name } });
};

const mayPost = ({ office, scopes }: Call, channel: Channel): void => {
  if (channel.isArchived) throw new SlackError('is_archived');
  const isMember = channel.members.has(office.identity.botUserId);
  if (!isMember && !(scopes.includes('chat:write.public') && !channel.isPrivate))
    throw new SlackError('not_in_channel');
};

const threadOf = (call: Call, channel: Channel): string | null => {
  const ts = optionalText(call.args, 'thread_ts');
  if (ts === '') return null;
  const parent = call.office.workspace.message(channel.id, ts);
  if (parent === undefined) throw new SlackError('thread_not_found');
  return parent.threadTs ?? parent.ts;
};

const onWire = ({ office }: Call, message: Message): JsonObject =>
  messageOnWire(message, office.workspace, office.identity);

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The message posted earlier under the same `client_msg_id`; SlackError `duplicate_message_not_found` when it was deleted. */
const earlierOf = ({ office }: Call, channel: Channel, clientId: string): Message | null => {
  if (!office.knowsClientIds || !UUID.test(clientId)) return null;
  const ts = office.workspace.postedAs(channel.id, clientId);
  if (ts === undefined) return null;
  const message = office.workspace.message(channel.id, ts);
  if (message === undefined) throw new SlackError('duplicate_message_not_found');
  return message;
};

const postMessage = (call: Call): JsonObject => {
  const channel = destination(call);
  mayPost(call, channel);
  const content = contentOf(call.office, call.args);
  const clientId = optionalText(call.args, 'client_msg_id');
  const earlier = earlierOf(call, channel, clientId);
  if (earlier !== null) return { channel: channel.id, ts: earlier.ts, message: onWire(call, earlier) };
  const metadata = structured(call.args, 'metadata', 'invalid_metadata_format');
  const message = call.office.workspace.post(channel.id, call.office.identity.botUserId, {
    ...content,
    threadTs: threadOf(call, channel),
    metadata: isObject(metadata) ? metadata : null,
  });
  call.office.workspace.keepClientId(channel.id, clientId, message.ts);
  return { channel: channel.id, ts: message.ts, message: onWire(call, message) };
};

const postEphemeral = (call: Call): JsonObject => {
  const channel = destination(call);
  mayPost(call, channel);
  const userId = required(call.args, 'user');
  if (!channel.members.has(userId)) throw new SlackError('user_not_in_channel');
  const content = contentOf(call.office, call.args);
  const message = call.office.workspace.post(channel.id, call.office.identity.botUserId, {
    ...content,
    threadTs: threadOf(call, channel),
    onlyFor: userId,
  });
  return { message_ts: message.ts };
};

/** The app's own message that it wants to change; ephemeral messages cannot be found. */
const ownMessage = (call: Call): Message => {
  const channel = channelById(call);
  const message = call.office.workspace.message(channel.id, required(call.args, 'ts'));
  if (message === undefined) throw new SlackError('message_not_found');
  if (message.authorId !== call.office.identity.botUserId) throw new SlackError('cant_update_message');
  if (channel.isArchived) throw new SlackError('is_archived');
  return message;
};

const update = (call: Call): JsonObject => {
  const old = ownMessage(call);
  const content = contentOf(call.office, {
    ...call.args,
    // Slack drops the blocks of a message that is updated with text alone.
    ...(call.args['blocks'] === undefined && call.args['text'] === undefined ? { blocks: old.blocks } : {}),
  });
  const metadata = structured(call.args, 'metadata', 'invalid_metadata_format');
  const message = call.office.workspace.replace({
    ...old,
    ...content,
    metadata: isObject(metadata) ? metadata : old.metadata,
    editedTs: call.office.workspace.nextTs(),
  });
  return {
    channel: message.channelId,
    ts: message.ts,
    text: message.text,
    message: onWire(call, message),
  };
};

const history = (call: Call, among: (message: Message) => boolean, oldestFirst: boolean): JsonObject => {
  const channel = channelById(call);
  if (!channel.members.has(call.office.identity.botUserId)) throw new SlackError('not_in_channel');
  const oldest = Number(optionalText(call.args, 'oldest') || '0');
  const found = call.office.workspace
    .messages(channel.id)
    .filter((message) => Number(message.ts) > oldest && message.onlyFor === null && among(message));
  const limit = Math.min(999, Number(optionalText(call.args, 'limit')) || 100);
  const chosen = oldestFirst ? found.slice(0, limit) : found.slice(-limit).reverse();
  return {
    messages: chosen.map((message) => onWire(call, message)),
    has_more: found.length > chosen.length,
    response_metadata: { next_cursor: '' },
  };
};

const replies = (call: Call): JsonObject => {
  const ts = required(call.args, 'ts');
  const channel = channelById(call);
  if (call.office.workspace.message(channel.id, ts) === undefined) throw new SlackError('thread_not_found');
  return history(call, (message) => message.ts === ts || message.threadTs === ts, true);
};

export const CHAT_METHODS: Methods = {
  'chat.postMessage': { token: 'bot', scopes: SCOPES, tier: 'post', run: postMessage },
  'chat.postEphemeral': { token: 'bot', scopes: SCOPES, tier: 'tier4', run: postEphemeral },
  'chat.update': { token: 'bot', scopes: SCOPES, tier: 'tier3', run: update },
  'conversations.history': {
    token: 'bot',
    scopes: READ_SCOPES,
    tier: 'tier3',
    run: (call) => history(call, (message) => message.threadTs === null, false),
  },
  'conversations.replies': {
    token: 'bot',
    scopes: READ_SCOPES,
    tier: 'tier3',
    run: replies,
  },
};
