import type { JsonObject } from '../workspace/json.js';
import { newId } from '../workspace/ids.js';
import type { Office } from './web-method.js';
import { messageOnWire, viewOnWire } from './wire-format.js';
import type { Channel, Message, Person, View } from '../workspace/workspace-model.js';

/** The beginning of every payload about what a person did. */
export const common = ({ workspace, identity, triggers }: Office, person: Person): JsonObject => ({
  team: { id: workspace.teamId, domain: workspace.domain },
  user: { id: person.id, username: person.name, name: person.name, team_id: workspace.teamId },
  api_app_id: identity.appId,
  token: 'verification-is-not-used',
  enterprise: null,
  is_enterprise_install: false,
  trigger_id: triggers.newTrigger(person.id),
});

const channelPart = (channel: Channel): JsonObject => ({
  channel: { id: channel.id, name: channel.personId === null ? channel.name : 'directmessage' },
});

const wireMessage = (office: Office, message: Message): JsonObject =>
  messageOnWire(message, office.workspace, office.identity);

const responseUrl = (office: Office, person: Person, message: Message): string =>
  office.triggers.newResponseUrl(office.baseUrl(), {
    userId: person.id,
    channelId: message.channelId,
    threadTs: message.threadTs,
    messageTs: message.ts,
  });

/** The source of a click on a message. */
export const messageSource = (
  office: Office,
  person: Person,
  channel: Channel,
  message: Message,
): JsonObject => ({
  container: {
    type: 'message',
    message_ts: message.ts,
    channel_id: channel.id,
    is_ephemeral: message.onlyFor !== null,
    ...(message.threadTs === null ? {} : { thread_ts: message.threadTs }),
  },
  ...channelPart(channel),
  message: wireMessage(office, message),
  response_url: responseUrl(office, person, message),
});

export const viewSource = (office: Office, view: View, values: JsonObject): JsonObject => ({
  container: { type: 'view', view_id: view.id },
  view: viewOnWire(view, office.workspace, office.identity, values),
});

export const slashPayload = (
  office: Office,
  person: Person,
  channel: Channel,
  command: string,
  text: string,
): JsonObject => ({
  token: 'verification-is-not-used',
  team_id: office.workspace.teamId,
  team_domain: office.workspace.domain,
  channel_id: channel.id,
  channel_name: channel.personId === null ? channel.name : 'directmessage',
  user_id: person.id,
  user_name: person.name,
  command,
  text,
  api_app_id: office.identity.appId,
  is_enterprise_install: 'false',
  response_url: office.triggers.newResponseUrl(office.baseUrl(), {
    userId: person.id,
    channelId: channel.id,
    threadTs: null,
    messageTs: null,
  }),
  trigger_id: office.triggers.newTrigger(person.id),
});

export const shortcutPayload = (
  office: Office,
  person: Person,
  channel: Channel,
  message: Message,
  callbackId: string,
): JsonObject => ({
  type: 'message_action',
  callback_id: callbackId,
  ...common(office, person),
  ...channelPart(channel),
  action_ts: office.workspace.nextTs(),
  message_ts: message.ts,
  message: wireMessage(office, message),
  response_url: responseUrl(office, person, message),
});

export const eventPayload = (office: Office, event: JsonObject): JsonObject => ({
  token: 'verification-is-not-used',
  team_id: office.workspace.teamId,
  api_app_id: office.identity.appId,
  event: { ...event, event_ts: office.workspace.nextTs() },
  type: 'event_callback',
  event_id: newId('Ev'),
  event_time: Math.floor(office.workspace.clock.nowMs() / 1000),
  authorizations: [
    {
      enterprise_id: null,
      team_id: office.workspace.teamId,
      user_id: office.identity.botUserId,
      is_bot: true,
      is_enterprise_install: false,
    },
  ],
  is_ext_shared_channel: false,
});
