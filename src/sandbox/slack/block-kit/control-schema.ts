import { LIMITS } from './block-limits.js';
import { isObject } from '../workspace/json.js';
import type { Rule } from './schema.js';
import { both, byType, fault, flag, list, object, oneOf, optional, string, whole } from './schema.js';

const plain = (max: number): Rule => object({ text: string(max), emoji: optional(flag) });
export const mrkdwn = (max: number): Rule => object({ text: string(max) });

/** A text object without mark-up. */
export const plainText = (max: number): Rule => byType({ plain_text: plain(max) });

/** A text object of either kind. */
export const anyText = (max: number): Rule => byType({ plain_text: plain(max), mrkdwn: mrkdwn(max) });

const style = optional(oneOf('primary', 'danger'));
const option = object({ text: anyText(LIMITS.optionText), value: string(LIMITS.optionValue) });
const optionGroup = object({ label: plainText(LIMITS.optionText), options: list(LIMITS.options, option) });

const common = {
  action_id: optional(string(LIMITS.actionId)),
  confirm: optional(
    object({
      title: plainText(LIMITS.confirmTitle),
      text: anyText(LIMITS.confirmText),
      confirm: plainText(LIMITS.confirmButton),
      deny: plainText(LIMITS.confirmButton),
      style,
    }),
  ),
};

/** A static select has options or groups of them, not both. */
const optionsOrGroups: Rule = (value, at, walk) => {
  if (!isObject(value)) return;
  if ((value['options'] === undefined) === (value['option_groups'] === undefined))
    fault(walk, at, 'must have either options or option_groups');
};
const choices = {
  ...common,
  placeholder: optional(plainText(LIMITS.placeholder)),
  options: optional(list(LIMITS.options, option)),
  option_groups: optional(list(LIMITS.optionGroups, optionGroup)),
};

/** The controls that the app sends, by their type; all but the button can stand in an input. */
const INPUTS: Readonly<Record<string, Rule>> = {
  static_select: both(object({ ...choices, initial_option: optional(option) }), optionsOrGroups),
  multi_static_select: both(
    object({ ...choices, initial_options: optional(list(LIMITS.options, option)) }),
    optionsOrGroups,
  ),
  radio_buttons: object({
    ...common,
    options: list(LIMITS.choices, option),
    initial_option: optional(option),
  }),
};
export const CONTROLS: Readonly<Record<string, Rule>> = {
  ...INPUTS,
  button: object({
    ...common,
    text: plainText(LIMITS.buttonText),
    value: optional(string(LIMITS.buttonValue)),
    style,
  }),
};
export const INPUT_ELEMENTS: Readonly<Record<string, Rule>> = {
  ...INPUTS,
  plain_text_input: object({
    action_id: common.action_id,
    initial_value: optional(string(LIMITS.inputLength, 0)),
    multiline: optional(flag),
    min_length: optional(whole),
    max_length: optional(whole),
    placeholder: optional(plainText(LIMITS.placeholder)),
  }),
};
