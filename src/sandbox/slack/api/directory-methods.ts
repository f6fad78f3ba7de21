import type { JsonObject } from '../workspace/json.js';
import { SlackError } from '../workspace/slack-error.js';
import { channelOnWire, personOnWire } from './wire-format.js';
import type { Call, Methods } from './web-method.js';
import { channelById, optionalText, page, required } from './web-method.js';

const READ = ['channels:read', 'groups:read', 'mpim:read', 'im:read'];

const listChannels = (call: Call): JsonObject => {
  const { workspace, identity } = call.office;
  const types = (optionalText(call.args, 'types') || 'public_channel').split(',').map((type) => type.trim());
  const skipArchived = optionalText(call.args, 'exclude_archived') === 'true';
  const visible = workspace.channels().filter((channel) => {
    const type = channel.personId !== null ? 'im' : channel.isPrivate ? 'private_channel' : 'public_channel';
    const isKnown = !channel.isPrivate || channel.members.has(identity.botUserId);
    return types.includes(type) && isKnown && !(skipArchived && channel.isArchived);
  });
  const { items, next } = page(visible, call.args);
  return {
    channels: items.map((channel) => channelOnWire(channel, identity.botUserId)),
    response_metadata: { next_cursor: next },
  };
};

const channelInfo = (call: Call): JsonObject => ({
  channel: channelOnWire(channelById(call), call.office.identity.botUserId),
});

const join = (call: Call): JsonObject => {
  const channel = channelById(call);
  const { botUserId } = call.office.identity;
  if (channel.isArchived) throw new SlackError('is_archived');
  if (channel.isPrivate) throw new SlackError('method_not_supported_for_channel_type');
  const joined = call.office.workspace.keepChannel({
    ...channel,
    members: new Set([...channel.members, botUserId]),
  });
  return { channel: channelOnWire(joined, botUserId) };
};

const members = (call: Call): JsonObject => {
  const { items, next } = page([...channelById(call).members], call.args);
  return { members: items, response_metadata: { next_cursor: next } };
};

/** Opens the app's conversation with one person. */
const open = (call: Call): JsonObject => {
  const { workspace, identity } = call.office;
  const userId = required(call.args, 'users');
  if (!workspace.people.has(userId)) throw new SlackError('user_not_found');
  const channel = workspace.directChannel(userId, identity.botUserId);
  return { channel: channelOnWire(channel, identity.botUserId) };
};

const userInfo = (call: Call): JsonObject => {
  const person = call.office.workspace.people.get(required(call.args, 'user'));
  if (person === undefined) throw new SlackError('user_not_found');
  return { user: personOnWire(person, call.office.workspace.teamId) };
};

const listUsers = (call: Call): JsonObject => {
  const { workspace } = call.office;
  const { items, next } = page([...workspace.people.values()], call.args);
  return {
    members: items.map((person) => personOnWire(person, workspace.teamId)),
    response_metadata: { next_cursor: next },
  };
};

const groupUsers = (call: Call): JsonObject => {
  const id = required(call.args, 'usergroup');
  const group = call.office.workspace.userGroups.find((each) => each.id === id);
  if (group === undefined) throw new SlackError('no_such_subteam');
  return { users: group.users };
};

const listGroups = (call: Call): JsonObject => {
  const { userGroups, teamId } = call.office.workspace;
  return {
    usergroups: userGroups.map((group) => ({
      id: group.id,
      team_id: teamId,
      handle: group.handle,
      name: group.handle,
      is_usergroup: true,
      user_count: group.users.length,
    })),
  };
};

export const DIRECTORY_METHODS: Methods = {
  'conversations.list': { token: 'bot', scopes: READ, tier: 'tier2', run: listChannels },
  'conversations.info': { token: 'bot', scopes: READ, tier: 'tier3', run: channelInfo },
  'conversations.join': { token: 'bot', scopes: ['channels:join'], tier: 'tier3', run: join },
  'conversations.members': { token: 'bot', scopes: READ, tier: 'tier4', run: members },
  'conversations.open': { token: 'bot', scopes: ['im:write'], tier: 'tier3', run: open },
  'users.info': { token: 'bot', scopes: ['users:read'], tier: 'tier4', run: userInfo },
  'users.list': { token: 'bot', scopes: ['users:read'], tier: 'tier2', run: listUsers },
  'usergroups.list': { token: 'bot', scopes: ['usergroups:read'], tier: 'tier2', run: listGroups },
  'usergroups.users.list': { token: 'bot', scopes: ['usergroups:read'], tier: 'tier2', run: groupUsers },
};
