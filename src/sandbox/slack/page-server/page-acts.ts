import type { InputValue, InputValues } from '../block-kit/element-state.js';
import type { JsonObject } from '../workspace/json.js';
import { isObject, objectAt, textAt } from '../workspace/json.js';
import type { Office } from '../api/web-method.js';
import { SlackError } from '../workspace/slack-error.js';
import type { Place, UserActions } from '../user-actions.js';
import type { Channel, Message, Person, View } from '../workspace/workspace-model.js';

interface Doing {
  readonly office: Office;
  readonly actions: UserActions;
  readonly person: Person;
  readonly request: JsonObject;
}
type Act = (doing: Doing) => Promise<JsonObject>;

const isInput = (value: unknown): value is InputValue =>
  value === null ||
  typeof value === 'string' ||
  (Array.isArray(value) && value.every((each) => typeof each === 'string'));

const inputsOf = (request: JsonObject): InputValues =>
  Object.fromEntries(
    Object.entries(objectAt(request, 'inputs'))
      .filter((entry): entry is [string, JsonObject] => isObject(entry[1]))
      .map(([blockId, actions]) => [
        blockId,
        Object.fromEntries(
          Object.entries(actions).filter((entry): entry is [string, InputValue] => isInput(entry[1])),
        ),
      ]),
  );

const channelOf = ({ office, request }: Doing): Channel => {
  const channel = office.workspace.channel(textAt(request, 'channelId'));
  if (channel === undefined) throw new SlackError('channel_not_found');
  return channel;
};

const messageOf = ({ office, person, request }: Doing): Message => {
  const { channelId, ts } = { channelId: textAt(request, 'channelId'), ts: textAt(request, 'ts') };
  const message = office.workspace.message(channelId, ts, person.id);
  if (message === undefined) throw new SlackError('message_not_found');
  return message;
};

const viewOf = ({ office, person, request }: Doing): View => {
  const id = textAt(request, 'viewId');
  const view = office.workspace.view((each) => each.id === id && each.userId === person.id);
  if (view === undefined) throw new SlackError('view_not_found');
  return view;
};

const placeOf = (doing: Doing): Place =>
  textAt(doing.request, 'viewId') === '' ? { message: messageOf(doing) } : { view: viewOf(doing) };

const slash: Act = async (doing) => {
  const line = textAt(doing.request, 'line');
  const delivery = await doing.actions.slash(doing.person, channelOf(doing), line);
  return { outcome: delivery.outcome };
};

const say: Act = async (doing) => {
  const threadTs = textAt(doing.request, 'threadTs') || null;
  const channel = channelOf(doing);
  if (channel.isArchived) throw new SlackError('is_archived');
  doing.actions.say(doing.person, channel, textAt(doing.request, 'text'), threadTs);
  return {};
};

const operate: Act = async (doing) => {
  const { actions, person, request } = doing;
  const { actionId, blockId } = {
    actionId: textAt(request, 'actionId'),
    blockId: textAt(request, 'blockId'),
  };
  const value = isInput(request['value']) ? request['value'] : undefined;
  const place = placeOf(doing);
  const delivery = await actions.operate(person, place, actionId, value, inputsOf(request), blockId);
  return { outcome: delivery.outcome };
};

const submit: Act = async (doing) => ({
  faults: await doing.actions.submit(doing.person, viewOf(doing), inputsOf(doing.request)),
});

const close: Act = async ({ actions, person }) => {
  actions.closeModal(person);
  return {};
};

const shortcut: Act = async (doing) => {
  const callbackId = textAt(doing.request, 'callbackId');
  const delivery = await doing.actions.messageShortcut(
    doing.person,
    channelOf(doing),
    messageOf(doing),
    callbackId,
  );
  return { outcome: delivery.outcome };
};

const home: Act = async ({ actions, person }) => {
  // The event is retried for minutes until it is acknowledged: the page does not wait for that.
  void actions.openHome(person);
  return {};
};

/** Removes a message that only this person sees. */
const forget: Act = async (doing) => {
  const message = messageOf(doing);
  if (message.onlyFor !== doing.person.id) throw new SlackError('cant_delete_message');
  doing.office.workspace.remove(message);
  return {};
};

const ACTS: Readonly<Record<string, Act>> = {
  slash,
  say,
  operate,
  submit,
  close,
  shortcut,
  home,
  forget,
};

/** Carries out what someone did on the page; SlackError when its target does not exist. */
export const doAct = async (
  office: Office,
  actions: UserActions,
  request: JsonObject,
): Promise<JsonObject> => {
  const act = ACTS[textAt(request, 'act')];
  const person = office.workspace.people.get(textAt(request, 'user'));
  if (act === undefined || person === undefined || person.isBot) throw new SlackError('invalid_arguments');
  return act({ office, actions, person, request });
};
