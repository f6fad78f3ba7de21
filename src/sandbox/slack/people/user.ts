import type { InputValue, InputValues } from '../block-kit/element-state.js';
import type { JsonObject } from '../workspace/json.js';
import type { Office } from '../api/web-method.js';
import type { Delivery } from '../api/socket-mode.js';
import type { Place, UserActions } from './user-actions.js';
import { confirmOf } from './user-actions.js';
import type { Channel, Message, Person, View } from '../workspace/workspace-model.js';

/** The result of a click: what became of it, or the question that must be answered first. */
type Click = Delivery | { readonly outcome: 'asked'; readonly dialog: JsonObject };

/** One person's hands and eyes in the workspace. */
export class SlackUser {
  readonly #person: Person;
  readonly #office: Office;
  readonly #actions: UserActions;
  #asked: (() => Promise<Delivery>) | null = null;

  constructor(person: Person, office: Office, actions: UserActions) {
    this.#person = person;
    this.#office = office;
    this.#actions = actions;
  }

  get id(): string {
    return this.#person.id;
  }

  /** Types a slash command, by default in the first channel. */
  slash(line: string, channelName?: string): Promise<Delivery> {
    return this.#actions.slash(this.#person, this.#channel(channelName), line);
  }

  say(text: string, channelName?: string, threadTs: string | null = null): Message {
    return this.#actions.say(this.#person, this.#channel(channelName), text, threadTs);
  }

  /**
   * Presses a button or chooses `value` in a select of a message or view. A control that asks first only opens its
   * question; {@link confirm} or {@link deny} answers it. RangeError for a control that is not there.
   */
  async click(
    where: Message | View,
    actionId: string,
    options: { value?: InputValue; inputs?: InputValues; blockId?: string } = {},
  ): Promise<Click> {
    const place = this.#place(where);
    const act = (): Promise<Delivery> =>
      this.#actions.operate(
        this.#person,
        place,
        actionId,
        options.value,
        options.inputs ?? {},
        options.blockId,
      );
    const dialog = confirmOf(place, actionId);
    if (dialog === null) return act();
    this.#asked = act;
    return { outcome: 'asked', dialog };
  }

  /** Answers the open question with yes. */
  confirm(): Promise<Delivery> {
    const act = this.#asked;
    if (act === null) throw new RangeError('no question is open');
    this.#asked = null;
    return act();
  }

  /** Answers the open question with no. */
  deny(): void {
    this.#asked = null;
  }

  /** Sends the topmost modal; the complaints come back by `block_id`, none when it was taken. */
  submitView(inputs: InputValues = {}): Promise<Record<string, string>> {
    return this.#actions.submit(this.#person, this.#top(), inputs);
  }

  closeView(): Promise<void> {
    return this.#actions.dismiss(this.#person, this.#top());
  }

  suggest(where: Message | View, actionId: string, text: string): Promise<readonly JsonObject[]> {
    return this.#actions.suggest(this.#person, this.#place(where), actionId, text);
  }

  shortcut(message: Message, callbackId: string): Promise<Delivery> {
    const channel = this.#office.workspace.channel(message.channelId);
    if (channel === undefined) throw new RangeError('the channel is gone');
    return this.#actions.messageShortcut(this.#person, channel, message, callbackId);
  }

  openHome(): Promise<Delivery | null> {
    return this.#actions.openHome(this.#person);
  }

  /** The open modals, the topmost last. */
  get modals(): readonly View[] {
    return this.#office.workspace.modals(this.id);
  }

  get home(): View | undefined {
    return this.#office.workspace.home(this.id);
  }

  /** Messages only this person sees, in all channels, oldest first. */
  get ephemerals(): readonly Message[] {
    const { workspace } = this.#office;
    return workspace
      .channels()
      .flatMap((channel) => workspace.messages(channel.id))
      .filter((message) => message.onlyFor === this.id)
      .sort((a, b) => Number(a.ts) - Number(b.ts));
  }

  /** The conversation with the app. */
  get directMessages(): readonly Message[] {
    const { workspace, identity } = this.#office;
    return workspace.messages(workspace.directChannel(this.id, identity.botUserId).id);
  }

  #top(): View {
    const view = this.modals.at(-1);
    if (view === undefined) throw new RangeError('no modal is open');
    return view;
  }

  #channel(name: string | undefined): Channel {
    const { workspace } = this.#office;
    const channel = name === undefined ? workspace.channels()[0] : workspace.channelNamed(name);
    if (channel === undefined) throw new RangeError(`there is no channel ${name ?? ''}`);
    return channel;
  }

  /** The present state of what is clicked: an old copy in a test's hands must not be clicked. */
  #place(where: Message | View): Place {
    const { workspace } = this.#office;
    if ('ts' in where) {
      const message = workspace.message(where.channelId, where.ts, this.id);
      if (message === undefined) throw new RangeError('the message is gone');
      return { message };
    }
    const view = workspace.view((each) => each.id === where.id);
    if (view === undefined) throw new RangeError('the view is gone');
    return { view };
  }
}
