import { checkMessageBlocks } from '../block-kit/validate-blocks.js';
import type { JsonObject } from '../workspace/json.js';
import { isObject, textAt } from '../workspace/json.js';
import { faultsError, SlackError } from '../workspace/slack-error.js';
import { fileOnWire } from './wire-format.js';
import type { Channel, SharedFile } from '../workspace/workspace-model.js';
import type { Call, Methods } from './web-method.js';
import { channelById, optionalText, required, structured } from './web-method.js';

const getUploadUrl = ({ office, args }: Call): JsonObject => {
  const name = required(args, 'filename');
  const length = Number(required(args, 'length'));
  if (!Number.isInteger(length) || length <= 0)
    throw faultsError('invalid_arguments', ['must be more than 0 [json-pointer:/length]']);
  const id = office.uploads.announce(
    name,
    length,
    optionalText(args, 'alt_text') || optionalText(args, 'alt_txt'),
  );
  return { upload_url: `${office.baseUrl()}/upload/v1/${id}`, file_id: id };
};

const destination = (call: Call): Channel | null => {
  const key = call.args['channel_id'] === undefined ? 'channels' : 'channel_id';
  if (optionalText(call.args, key) === '') return null;
  const channel = channelById(call, key);
  if (channel.isArchived) throw new SlackError('is_archived');
  if (!channel.members.has(call.office.identity.botUserId)) throw new SlackError('not_in_channel');
  return channel;
};

/** Slack shows shared files as one message of the app. */
const share = (call: Call, channel: Channel, files: readonly SharedFile[]): void => {
  const { workspace, identity, uploads } = call.office;
  const blocks = structured(call.args, 'blocks', 'invalid_blocks_format');
  const threadTs = optionalText(call.args, 'thread_ts');
  workspace.post(channel.id, identity.botUserId, {
    text: optionalText(call.args, 'initial_comment'),
    blocks: blocks === undefined ? [] : checkMessageBlocks(blocks, (file) => uploads.fault(file)),
    fileIds: files.map((file) => file.id),
    threadTs: threadTs === '' ? null : threadTs,
  });
};

const complete = (call: Call): JsonObject => {
  const { uploads, workspace, baseUrl } = call.office;
  const given = structured(call.args, 'files', 'invalid_arguments');
  const wanted = Array.isArray(given) ? given.filter(isObject) : [];
  if (wanted.length === 0) throw faultsError('invalid_arguments', ['missing required field: files']);
  const channel = destination(call);
  const files = wanted.map((file) =>
    uploads.complete(textAt(file, 'id'), textAt(file, 'title'), channel?.id ?? null),
  );
  if (channel !== null) share(call, channel, files);
  return { files: files.map((file) => fileOnWire(file, baseUrl(), workspace.clock.nowMs())) };
};

const info = ({ office, args }: Call): JsonObject => {
  const file = office.workspace.files.get(required(args, 'file'));
  if (file === undefined) throw new SlackError('file_not_found');
  return { file: fileOnWire(file, office.baseUrl(), office.workspace.clock.nowMs()) };
};

const remove = ({ office, args }: Call): JsonObject => {
  if (!office.workspace.files.delete(required(args, 'file'))) throw new SlackError('file_not_found');
  return {};
};

export const FILE_METHODS: Methods = {
  'files.getUploadURLExternal': { token: 'bot', scopes: ['files:write'], tier: 'tier4', run: getUploadUrl },
  'files.completeUploadExternal': { token: 'bot', scopes: ['files:write'], tier: 'tier4', run: complete },
  'files.info': { token: 'bot', scopes: ['files:read'], tier: 'tier4', run: info },
  'files.delete': { token: 'bot', scopes: ['files:write'], tier: 'tier3', run: remove },
};
