import { showAnswer, followSubmission } from './api/app-answers.js';
import type { InputValue, InputValues } from './block-kit/element-state.js';
import { controlsOf, elementState, formFaults, stateValues } from './block-kit/element-state.js';
import { sendEvent } from './api/events.js';
import type { JsonObject } from './workspace/json.js';
import { isObject, objectsAt, textAt } from './workspace/json.js';
import type { Office } from './api/web-method.js';
import { common, messageSource, shortcutPayload, slashPayload, viewSource } from './api/payloads.js';
import { SlackError } from './workspace/slack-error.js';
import type { Delivery } from './api/socket-mode.js';
import type { Channel, Message, Person, View } from './workspace/workspace-model.js';

export const SLACKBOT = 'USLACKBOT';
/** Slack's message to someone whose click or form the app did not answer. */
const TROUBLE = 'This app did not respond in time. Try again?';

/** The message or view that holds a control. */
export type Place = { readonly message: Message } | { readonly view: View };

/** What people do in the workspace, and how the app learns of it. */
export class UserActions {
  readonly #office: Office;
  readonly #closing = new AbortController();
  readonly #complaint: (what: string) => void;

  constructor(office: Office, complaint: (what: string) => void) {
    this.#office = office;
    this.#complaint = complaint;
  }

  close(): void {
    this.#closing.abort();
  }

  /** Types `/command text`; what Slack itself answers appears as a message that only this person sees. */
  async slash(person: Person, channel: Channel, line: string): Promise<Delivery> {
    const [, command = '', text = ''] = /^(\/\S+)\s*([\s\S]*)$/.exec(line.trim()) ?? [];
    const say = (words: string): void => {
      this.#office.workspace.post(channel.id, SLACKBOT, { text: words, onlyFor: person.id });
    };
    if (!this.#office.manifest.commands.some((each) => each.command === command)) {
      say(`\`${command}\` is not a valid command. In Slack, all messages that start with “/” are commands.`);
      return { outcome: 'no_socket' };
    }
    const payload = slashPayload(this.#office, person, channel, command, text);
    const delivery = await this.#office.sockets.deliver('slash_commands', payload);
    if (delivery.outcome === 'no_socket') say(`${command} failed with the error "dispatch_failed"`);
    if (delivery.outcome === 'timeout')
      say(`${command} failed with the error "operation_timeout": the app did not respond in time`);
    const target = { userId: person.id, channelId: channel.id, threadTs: null, messageTs: null };
    if (delivery.outcome === 'acked' && Object.keys(delivery.response).length > 0)
      this.#orComplain(`the answer to ${command}`, () => showAnswer(this.#office, target, delivery.response));
    return delivery;
  }

  /** Presses a button or chooses an option. */
  async operate(
    person: Person,
    place: Place,
    actionId: string,
    value: InputValue | undefined,
    inputs: InputValues,
    blockId?: string,
  ): Promise<Delivery> {
    const blocks = blocksAt(place);
    const control = controlsOf(blocks).find(
      ({ block, element }) =>
        element['action_id'] === actionId && (blockId === undefined || block['block_id'] === blockId),
    );
    if (control === undefined) throw new RangeError(`There is no control "${actionId}".`);
    const { element, block } = control;
    const withThis: InputValues =
      value === undefined
        ? inputs
        : {
            ...inputs,
            [textAt(block, 'block_id')]: { ...inputs[textAt(block, 'block_id')], [actionId]: value },
          };
    const values = stateValues(blocks, withThis);
    const action = {
      ...elementState(element, value),
      action_id: actionId,
      block_id: textAt(block, 'block_id'),
      ...(element['type'] === 'button'
        ? { text: element['text'], value: element['value'], style: element['style'] }
        : {}),
      action_ts: this.#office.workspace.nextTs(),
    };
    const payload: JsonObject = {
      type: 'block_actions',
      ...common(this.#office, person),
      ...this.#source(person, place, values),
      state: { values },
      actions: [action],
    };
    return this.#interactive(person, payload);
  }

  #source(person: Person, place: Place, values: JsonObject): JsonObject {
    if ('view' in place) return viewSource(this.#office, place.view, values);
    const channel = this.#office.workspace.channel(place.message.channelId);
    if (channel === undefined) throw new RangeError('The channel no longer exists.');
    return messageSource(this.#office, person, channel, place.message);
  }

  async #interactive(person: Person, payload: JsonObject): Promise<Delivery> {
    const delivery = await this.#office.sockets.deliver('interactive', payload);
    if (delivery.outcome !== 'acked')
      this.#office.workspace.announce({ kind: 'notice', userId: person.id, text: TROUBLE });
    return delivery;
  }

  /** Sends a form; resolves to the complaints by `block_id`, Slack's own or the app's. */
  async submit(person: Person, view: View, inputs: InputValues): Promise<Record<string, string>> {
    const blocks = objectsAt(view.content, 'blocks');
    const values = stateValues(blocks, inputs);
    const faults = formFaults(blocks, values);
    if (Object.keys(faults).length > 0) return faults;
    const delivery = await this.#interactive(person, {
      type: 'view_submission',
      ...common(this.#office, person),
      view: viewSource(this.#office, view, values)['view'],
      response_urls: [],
    });
    if (delivery.outcome !== 'acked') return {};
    let complaints: Record<string, string> = {};
    this.#orComplain('the answer to view_submission', () => {
      complaints = followSubmission(this.#office, view, delivery.response);
    });
    return complaints;
  }

  closeModal(person: Person): void {
    this.#office.workspace.setModals(person.id, []);
  }

  /** Uses a shortcut of the manifest on a message. */
  async messageShortcut(
    person: Person,
    channel: Channel,
    message: Message,
    callbackId: string,
  ): Promise<Delivery> {
    if (!this.#office.manifest.shortcuts.some((each) => each.callbackId === callbackId))
      throw new RangeError(`The manifest has no shortcut "${callbackId}".`);
    return this.#interactive(person, shortcutPayload(this.#office, person, channel, message, callbackId));
  }

  /** Opens the app's Home tab. */
  async openHome(person: Person): Promise<Delivery | null> {
    const { workspace, identity } = this.#office;
    const view = workspace.home(person.id);
    const event = {
      type: 'app_home_opened',
      user: person.id,
      channel: workspace.directChannel(person.id, identity.botUserId).id,
      tab: 'home',
      ...(view === undefined ? {} : { view: viewSource(this.#office, view, {})['view'] }),
    };
    return sendEvent(this.#office, 'app_home_opened', event, this.#closing.signal);
  }

  /** Writes a message, as people do among themselves. */
  say(person: Person, channel: Channel, text: string, threadTs: string | null): Message {
    return this.#office.workspace.post(channel.id, person.id, { text, threadTs });
  }

  #orComplain(what: string, show: () => void): void {
    try {
      show();
    } catch (fault) {
      if (!(fault instanceof SlackError)) throw fault;
      this.#complaint(`${what}: ${fault.code} ${JSON.stringify(fault.details)}`);
    }
  }
}

const blocksAt = (place: Place): readonly JsonObject[] =>
  'message' in place ? place.message.blocks : objectsAt(place.view.content, 'blocks');

/** The confirmation dialog of a control; null when it has none. */
export const confirmOf = (place: Place, actionId: string): JsonObject | null => {
  const control = controlsOf(blocksAt(place)).find(({ element }) => element['action_id'] === actionId);
  const dialog = control?.element['confirm'];
  return isObject(dialog) ? dialog : null;
};
