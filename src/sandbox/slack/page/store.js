/** The workspace as the page knows it, kept up to date by the live feed. */
export const store = {
  me: '',
  team: '',
  app: null,
  people: new Map(),
  channels: new Map(),
  /** By channel, oldest first. */
  messages: new Map(),
  modals: [],
  home: null,
  isOnline: false,
  /** The values of controls, by message or view, then block, then action. */
  inputs: new Map(),
  unread: new Set(),
};

const listeners = new Set();
export const watch = (listener) => listeners.add(listener);
const changed = (what) => listeners.forEach((listener) => listener(what));

export const personName = (id) => store.people.get(id)?.realName ?? id;
export const isApp = (id) => store.people.get(id)?.isBot ?? false;
export const direct = () => [...store.channels.values()].find((channel) => channel.personId === store.me);
export const messagesIn = (channelId) => store.messages.get(channelId) ?? [];

export const inputsOf = (key) => {
  if (!store.inputs.has(key)) store.inputs.set(key, {});
  return store.inputs.get(key);
};

function keepMessage(message) {
  const all = messagesIn(message.channelId);
  const index = all.findIndex((other) => other.ts === message.ts);
  if (index >= 0) all[index] = message;
  else all.push(message);
  all.sort((a, b) => (a.ts < b.ts ? -1 : 1));
  store.messages.set(message.channelId, all);
  return index < 0;
}

const onChange = {
  snapshot(data) {
    Object.assign(store, {
      me: data.me,
      team: data.team,
      app: data.app,
      modals: data.modals,
      home: data.home,
    });
    store.people = new Map(data.people.map((person) => [person.id, person]));
    store.channels = new Map(data.channels.map((channel) => [channel.id, channel]));
    store.messages = new Map();
    for (const message of data.messages) keepMessage(message);
  },
  message({ message }) {
    if (keepMessage(message) && message.authorId !== store.me) store.unread.add(message.channelId);
  },
  message_gone({ channelId, ts }) {
    store.messages.set(
      channelId,
      messagesIn(channelId).filter((message) => message.ts !== ts),
    );
  },
  channel({ channel }) {
    store.channels.set(channel.id, channel);
  },
  modals({ modals }) {
    store.modals = modals;
  },
  home({ home }) {
    store.home = home;
  },
  presence({ isConnected }) {
    store.app.isConnected = isConnected;
  },
  notice() {},
};

let feed = null;

/** Follows the workspace as one person; an interrupted feed resumes with a whole snapshot. */
export function follow(userId) {
  feed?.close();
  feed = new EventSource(`feed?user=${encodeURIComponent(userId)}`);
  feed.onmessage = (event) => {
    const data = JSON.parse(event.data);
    store.isOnline = true;
    onChange[data.kind](data);
    changed(data);
  };
  feed.onerror = () => {
    store.isOnline = false;
    changed({ kind: 'offline' });
  };
}

/** Acts as the person; resolves to the outcome, with `error` when the action failed. */
export async function act(name, details = {}) {
  try {
    const response = await fetch('act', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ act: name, user: store.me, ...details }),
    });
    return await response.json();
  } catch (fault) {
    return { ok: false, error: fault.message };
  }
}
