import type { ServerResponse } from 'node:http';
import type { JsonObject } from '../workspace/json.js';
import type { Office } from '../api/web-method.js';
import type { Change, Channel, Message, Person, View } from '../workspace/workspace-model.js';

/** The most messages of a channel that the page starts with. */
const MOST_MESSAGES = 300;

const messageForPage = (message: Message): JsonObject => ({
  ts: message.ts,
  channelId: message.channelId,
  authorId: message.authorId,
  text: message.text,
  blocks: message.blocks,
  threadTs: message.threadTs,
  isEdited: message.editedTs !== null,
  isEphemeral: message.onlyFor !== null,
});

const channelForPage = ({ identity }: Office, channel: Channel): JsonObject => ({
  id: channel.id,
  name: channel.name,
  topic: channel.topic,
  isPrivate: channel.isPrivate,
  personId: channel.personId,
  isArchived: channel.isArchived,
  memberCount: channel.members.size,
  hasApp: channel.members.has(identity.botUserId),
});

const viewForPage = (view: View): JsonObject => ({
  id: view.id,
  hash: view.hash,
  content: view.content,
});

const sees = (person: Person, channel: Channel | undefined): boolean =>
  channel !== undefined && (channel.personId === null || channel.personId === person.id);

/** Everything the page needs to show the workspace to one person. */
const snapshotFor = (office: Office, person: Person): JsonObject => {
  const { workspace, manifest, identity, sockets } = office;
  workspace.directChannel(person.id, identity.botUserId);
  const channels = workspace.channels().filter((channel) => sees(person, channel));
  const home = workspace.home(person.id);
  return {
    me: person.id,
    team: workspace.teamName,
    app: {
      name: manifest.botName,
      userId: identity.botUserId,
      isConnected: sockets.connections > 0,
      homeTab: manifest.homeTab,
      messagesTab: manifest.messagesTab,
      commands: manifest.commands.map((each) => ({ ...each })),
      shortcuts: manifest.shortcuts.filter((each) => each.kind === 'message').map((each) => ({ ...each })),
    },
    people: [...workspace.people.values()].map((each) => ({ ...each })),
    channels: channels.map((channel) => channelForPage(office, channel)),
    messages: channels.flatMap((channel) =>
      workspace
        .messages(channel.id)
        .filter((message) => message.onlyFor === null || message.onlyFor === person.id)
        .slice(-MOST_MESSAGES)
        .map(messageForPage),
    ),
    modals: workspace.modals(person.id).map(viewForPage),
    home: home === undefined ? null : viewForPage(home),
  };
};

/** A change as sent to a person's page; null when they cannot see it. */
const changeFor = (office: Office, person: Person, change: Change): JsonObject | null => {
  const { workspace } = office;
  switch (change.kind) {
    case 'message': {
      const { message } = change;
      const mine = message.onlyFor === null || message.onlyFor === person.id;
      return mine && sees(person, workspace.channel(message.channelId))
        ? { kind: 'message', message: messageForPage(message) }
        : null;
    }
    case 'message_gone':
      return { kind: 'message_gone', channelId: change.channelId, ts: change.ts };
    case 'channel':
      return sees(person, change.channel)
        ? { kind: 'channel', channel: channelForPage(office, change.channel) }
        : null;
    case 'modals':
      return change.userId === person.id ? { kind: 'modals', modals: change.views.map(viewForPage) } : null;
    case 'home':
      return change.userId === person.id ? { kind: 'home', home: viewForPage(change.view) } : null;
    case 'notice':
      return change.userId === person.id ? { kind: 'notice', text: change.text } : null;
    case 'presence':
      return { kind: 'presence', isConnected: change.connections > 0 };
  }
};

/** Streams a snapshot and then every change to one person's page, until it disconnects. */
export const streamTo = (office: Office, person: Person, response: ServerResponse): void => {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  const send = (data: JsonObject): void => {
    response.write(`data: ${JSON.stringify(data)}\n\n`);
  };
  send({ kind: 'snapshot', ...snapshotFor(office, person) });
  const unwatch = office.workspace.watch((change) => {
    const visible = changeFor(office, person, change);
    if (visible !== null) send(visible);
  });
  response.once('close', unwatch);
};
