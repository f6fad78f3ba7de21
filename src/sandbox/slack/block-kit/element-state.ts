import type { Json, JsonObject } from '../workspace/json.js';
import { isObject, objectAt, objectsAt, textAt } from '../workspace/json.js';

/** What a person put into a control: the text, the value of an option, several of them, or nothing. */
export type InputValue = string | readonly string[] | null;
/** By `block_id`, then `action_id`. */
export type InputValues = Readonly<Record<string, Readonly<Record<string, InputValue>>>>;

/** Where each kind of control keeps what was chosen, and which member of the block gives its first value. */
const MEMBERS: Readonly<Record<string, readonly [string, string]>> = {
  plain_text_input: ['value', 'initial_value'],
  static_select: ['selected_option', 'initial_option'],
  radio_buttons: ['selected_option', 'initial_option'],
  multi_static_select: ['selected_options', 'initial_options'],
};

const optionByValue = (element: JsonObject, value: string): JsonObject => {
  const grouped = objectsAt(element, 'option_groups').flatMap((group) => objectsAt(group, 'options'));
  const option = [...objectsAt(element, 'options'), ...grouped].find((each) => each['value'] === value);
  if (option === undefined) throw new RangeError(`${textAt(element, 'action_id')} has no option "${value}"`);
  return option;
};

const chosen = (element: JsonObject, member: string, value: InputValue): Json => {
  if (member === 'selected_option') return typeof value === 'string' ? optionByValue(element, value) : null;
  if (member === 'selected_options')
    return (Array.isArray(value) ? value : []).map((each: string) => optionByValue(element, each));
  return value === '' ? null : value;
};

/** The control's state as Slack sends it; without `value` the one it starts with. */
export const elementState = (element: JsonObject, value: InputValue | undefined): JsonObject => {
  const type = textAt(element, 'type');
  const members = MEMBERS[type];
  if (members === undefined) return { type };
  const [member, initial] = members;
  const empty = member === 'selected_options' ? [] : null;
  return {
    type,
    [member]: value === undefined ? (element[initial] ?? empty) : chosen(element, member, value),
  };
};

interface Control {
  readonly block: JsonObject;
  readonly element: JsonObject;
}

/** Every control of a message or view, in order. */
export const controlsOf = (blocks: readonly JsonObject[]): Control[] =>
  blocks.flatMap((block) =>
    [block['accessory'], block['element'], ...objectsAt(block, 'elements')]
      .filter(isObject)
      .filter((element) => textAt(element, 'action_id') !== '')
      .map((element) => ({ block, element })),
  );

/** The `state.values` of a message or view after the person's inputs. */
export const stateValues = (blocks: readonly JsonObject[], inputs: InputValues): JsonObject => {
  const values: Record<string, Record<string, JsonObject>> = {};
  for (const { block, element } of controlsOf(blocks)) {
    if (MEMBERS[textAt(element, 'type')] === undefined) continue;
    const blockId = textAt(block, 'block_id');
    const actionId = textAt(element, 'action_id');
    (values[blockId] ??= {})[actionId] = elementState(element, inputs[blockId]?.[actionId]);
  }
  return values;
};

const isEmpty = (state: JsonObject): boolean =>
  Object.entries(state).every(
    ([key, value]) =>
      key === 'type' || value === null || value === '' || (Array.isArray(value) && value.length === 0),
  );

const lengthFault = (element: JsonObject, state: JsonObject): string | null => {
  const text = textAt(state, 'value');
  const least = Number(element['min_length'] ?? 0);
  const most = Number(element['max_length'] ?? Infinity);
  if (text.length < least) return `Must be at least ${least} characters.`;
  return text.length > most ? `Must be no more than ${most} characters.` : null;
};

/** What Slack itself complains about before it sends a form, by `block_id`. */
export const formFaults = (blocks: readonly JsonObject[], values: JsonObject): Record<string, string> => {
  const faults: Record<string, string> = {};
  for (const block of blocks.filter((each) => each['type'] === 'input')) {
    const element = objectAt(block, 'element');
    const id = textAt(block, 'block_id');
    const state = objectAt(objectAt(values, id), textAt(element, 'action_id'));
    const fault = isEmpty(state)
      ? block['optional'] === true
        ? null
        : 'Please complete this required field.'
      : lengthFault(element, state);
    if (fault !== null) faults[id] = fault;
  }
  return faults;
};
