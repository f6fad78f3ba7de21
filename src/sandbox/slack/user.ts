import type { InputValue, InputValues } from './block-kit/element-state.js';
import type { JsonObject } from './workspace/json.js';
import type { Office } from './api/web-method.js';
import type { Delivery } from './api/socket-mode.js';
import type { Place, UserActions } from './user-actions.js';
import { confirmOf } from './user-actions.js';
import type { Channel, Message, Person, View } from './workspace/workspace-model.js';

/** The outcome of a click, or the confirmation that must be answered first. */
type Click = Delivery | { readonly outcome: 'asked'; readonly dialog: JsonObject };

/** What one person does and sees in the workspace. */
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
   * Presses a button or chooses `value` in a select of a message or view. A control with a confirmation only opens that
   * dialog; {@link confirm} or {@link deny} answers it. RangeError when there is no such control.
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

  /** Answers the open confirmation with yes. */
  confirm(): Promise<Delivery> {
    const act = this.#asked;
    if (act === null) throw new RangeError('No confirmation is open.');
    this.#asked = null;
    return act();
  }

  /** Answers the open confirmation with no. */
  deny(): void {
    this.#asked = null;
  }

  /** Sends the open modal; resolves to the complaints by `block_id`, none when the app accepted it. */
  submitView(inputs: InputValues = {}): Promise<Record<string, string>> {
    return this.#actions.submit(this.#person, this.#top(), inputs);
  }

  shortcut(message: Message, callbackId: string): Promise<Delivery> {
    const channel = this.#office.workspace.channel(message.channelId);
    if (channel === undefined) throw new RangeError('The channel no longer exists.');
    return this.#actions.messageShortcut(this.#person, channel, message, callbackId);
  }

  openHome(): Promise<Delivery | null> {
    return this.#actions.openHome(this.#person);
  }

  /** The open modal, or none. */
  get modals(): readonly View[] {
    return this.#office.workspace.modals(this.id);
  }

  get home(): View | undefined {
    return this.#office.workspace.home(this.id);
  }

  /** Messages that only this person sees, in all channels, oldest first. */
  get ephemerals(): readonly Message[] {
    const { workspace } = this.#office;
    return workspace
      .channels()
      .flatMap((channel) => workspace.messages(channel.id))
      .filter((message) => message.onlyFor === this.id)
      .sort((a, b) => Number(a.ts) - Number(b.ts));
  }

  #top(): View {
    const view = this.modals.at(-1);
    if (view === undefined) throw new RangeError('No modal is open.');
    return view;
  }

  #channel(name: string | undefined): Channel {
    const { workspace } = this.#office;
    const channel = name === undefined ? workspace.channels()[0] : workspace.channelNamed(name);
    if (channel === undefined) throw new RangeError(`There is no channel ${name ?? ''}.`);
    return channel;
  }

  /** The current state of what is clicked, since a test may hold an old copy. */
  #place(where: Message | View): Place {
    const { workspace } = this.#office;
    if ('ts' in where) {
      const message = workspace.message(where.channelId, where.ts, this.id);
      if (message === undefined) throw new RangeError('The message no longer exists.');
      return { message };
    }
    const view = workspace.view((each) => each.id === where.id);
    if (view === undefined) throw new RangeError('The view no longer exists.');
    return { view };
  }
}
