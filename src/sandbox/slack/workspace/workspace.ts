import type { Clock } from '../../../ports/clock.js';
import { newId, Timestamps } from './ids.js';
import type { JsonObject } from './json.js';
import type { Change, Channel, Message, Person, SharedFile, UserGroup, View } from './workspace-model.js';

type Draft = Partial<Omit<Message, 'ts' | 'channelId' | 'authorId'>>;

/** All that people in the workspace see: channels, messages, files, modals, Home tabs. Enforces no access rules. */
export class Workspace {
  readonly teamId = 'T0SANDBOX01';
  readonly teamName = 'Calibration sandbox';
  readonly domain = 'calibration-sandbox';
  readonly people = new Map<string, Person>();
  readonly userGroups: readonly UserGroup[];
  readonly files = new Map<string, SharedFile>();
  readonly clock: Clock;
  readonly #channels = new Map<string, Channel>();
  readonly #messages = new Map<string, Message[]>();
  readonly #clientIds = new Map<string, string>();
  readonly #modals = new Map<string, readonly View[]>();
  readonly #homes = new Map<string, View>();
  readonly #timestamps = new Timestamps();
  readonly #listeners = new Set<(change: Change) => void>();

  constructor(clock: Clock, people: readonly Person[], userGroups: readonly UserGroup[]) {
    this.clock = clock;
    this.userGroups = userGroups;
    for (const person of people) this.people.set(person.id, person);
  }

  /** Reports every change until the returned function is called. */
  watch(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  announce(change: Change): void {
    for (const listener of [...this.#listeners]) listener(change);
  }

  nextTs(): string {
    return this.#timestamps.next(this.clock.nowMs());
  }

  channels(): readonly Channel[] {
    return [...this.#channels.values()];
  }

  channel(id: string): Channel | undefined {
    return this.#channels.get(id);
  }

  channelNamed(name: string): Channel | undefined {
    const bare = name.replace(/^#/, '');
    return this.channels().find((channel) => channel.name === bare && channel.personId === null);
  }

  keepChannel(channel: Channel): Channel {
    this.#channels.set(channel.id, channel);
    if (!this.#messages.has(channel.id)) this.#messages.set(channel.id, []);
    this.announce({ kind: 'channel', channel });
    return channel;
  }

  /** The direct conversation between the app and a person, opened on first use. */
  directChannel(personId: string, botId: string): Channel {
    const known = this.channels().find((channel) => channel.personId === personId);
    if (known !== undefined) return known;
    const members = new Set([personId, botId]);
    return this.keepChannel({
      id: newId('D'),
      name: personId,
      topic: '',
      isPrivate: true,
      personId,
      isArchived: false,
      members,
    });
  }

  /** Oldest first, including replies and all ephemeral messages. */
  messages(channelId: string): readonly Message[] {
    return this.#messages.get(channelId) ?? [];
  }

  /** A message that everyone sees, or that `personId` alone sees. */
  message(channelId: string, ts: string, personId: string | null = null): Message | undefined {
    return this.messages(channelId).find(
      (message) => message.ts === ts && (message.onlyFor === null || message.onlyFor === personId),
    );
  }

  post(channelId: string, authorId: string, draft: Draft): Message {
    const message: Message = {
      text: '',
      blocks: [],
      threadTs: null,
      editedTs: null,
      metadata: null,
      onlyFor: null,
      ...draft,
      ts: this.nextTs(),
      channelId,
      authorId,
    };
    this.#messages.set(channelId, [...this.messages(channelId), message]);
    this.announce({ kind: 'message', message });
    return message;
  }

  replace(message: Message): Message {
    const others = this.messages(message.channelId);
    this.#messages.set(
      message.channelId,
      others.map((other) => (other.ts === message.ts ? message : other)),
    );
    this.announce({ kind: 'message', message });
    return message;
  }

  remove(message: Message): void {
    const { channelId, ts, onlyFor } = message;
    this.#messages.set(
      channelId,
      this.messages(channelId).filter((other) => other.ts !== ts),
    );
    this.announce({ kind: 'message_gone', channelId, ts, onlyFor });
  }

  /** The `ts` of the message posted under a `client_msg_id`, even if it has been deleted since. */
  postedAs(channelId: string, clientId: string): string | undefined {
    return this.#clientIds.get(`${channelId}/${clientId}`);
  }

  keepClientId(channelId: string, clientId: string, ts: string): void {
    if (clientId !== '') this.#clientIds.set(`${channelId}/${clientId}`, ts);
  }

  /** The person's open modal, or none. */
  modals(userId: string): readonly View[] {
    return this.#modals.get(userId) ?? [];
  }

  setModals(userId: string, views: readonly View[]): void {
    this.#modals.set(userId, views);
    this.announce({ kind: 'modals', userId, views });
  }

  home(userId: string): View | undefined {
    return this.#homes.get(userId);
  }

  setHome(view: View): void {
    this.#homes.set(view.userId, view);
    this.announce({ kind: 'home', userId: view.userId, view });
  }

  /** Any modal or Home tab that someone sees now. */
  view(match: (view: View) => boolean): View | undefined {
    return [...this.#modals.values()]
      .flat()
      .concat([...this.#homes.values()])
      .find(match);
  }

  newView(userId: string, content: JsonObject): View {
    return { id: newId('V'), userId, hash: this.#newHash(), content };
  }

  /** The same view with other content and so another hash. */
  renewView(view: View, content: JsonObject): View {
    return { ...view, content, hash: this.#newHash() };
  }

  #newHash(): string {
    return `${Math.floor(this.clock.nowMs() / 1000)}.${newId('', 8)}`;
  }
}
