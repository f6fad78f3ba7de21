import { LIMITS } from './block-limits.js';
import { isObject } from '../workspace/json.js';
import type { Rule } from './schema.js';
import {
  anything,
  both,
  byType,
  fault,
  flag,
  list,
  matching,
  object,
  oneOf,
  optional,
  string,
  whole,
} from './schema.js';

/** A text object without mark-up. */
export const plainText = (max: number): Rule =>
  byType({ plain_text: object({ text: string(max), emoji: optional(flag) }) });

/** A text object of either kind. */
export const anyText = (max: number): Rule =>
  byType({
    plain_text: object({ text: string(max), emoji: optional(flag) }),
    mrkdwn: object({ text: string(max), verbatim: optional(flag) }),
  });

const style = optional(oneOf('primary', 'danger'));
const actionId = optional(string(LIMITS.actionId));
export const url = (max: number): Rule => both(string(max), matching(/^https?:\/\//, 'must be a valid url'));
const date = matching(/^\d{4}-\d\d-\d\d$/, 'must be a valid date');
const time = matching(/^\d\d:\d\d$/, 'must be a valid time');

const confirm = optional(
  object({
    title: plainText(LIMITS.confirmTitle),
    text: anyText(LIMITS.confirmText),
    confirm: plainText(LIMITS.confirmButton),
    deny: plainText(LIMITS.confirmButton),
    style,
  }),
);

const option = object({
  text: anyText(LIMITS.optionText),
  value: string(LIMITS.optionValue),
  description: optional(anyText(LIMITS.optionDescription)),
  url: optional(url(LIMITS.buttonUrl)),
});
const optionGroup = object({
  label: plainText(LIMITS.optionText),
  options: list(LIMITS.options, option),
});

const common = { action_id: actionId, confirm, focus_on_load: optional(flag) };
const withPlaceholder = { ...common, placeholder: optional(plainText(LIMITS.placeholder)) };
const many = { ...withPlaceholder, max_selected_items: optional(whole) };

/** A static select has options or groups of them, not both. */
const optionsOrGroups: Rule = (value, at, walk) => {
  if (!isObject(value)) return;
  if ((value['options'] === undefined) === (value['option_groups'] === undefined))
    fault(walk, at, 'must have either options or option_groups');
};
const choices = {
  options: optional(list(LIMITS.options, option)),
  option_groups: optional(list(LIMITS.optionGroups, optionGroup)),
};

const button = object({
  ...common,
  text: plainText(LIMITS.buttonText),
  url: optional(url(LIMITS.buttonUrl)),
  value: optional(string(LIMITS.buttonValue)),
  style,
  accessibility_label: optional(string(LIMITS.accessibilityLabel)),
});
const staticSelect = both(
  object({ ...withPlaceholder, ...choices, initial_option: optional(option) }),
  optionsOrGroups,
);
const multiStaticSelect = both(
  object({ ...many, ...choices, initial_options: optional(list(LIMITS.options, option)) }),
  optionsOrGroups,
);
const overflow = object({ action_id: actionId, confirm, options: list(LIMITS.overflowOptions, option) });
const radio = object({
  ...common,
  options: list(LIMITS.choices, option),
  initial_option: optional(option),
});
const checkboxes = object({
  ...common,
  options: list(LIMITS.choices, option),
  initial_options: optional(list(LIMITS.choices, option)),
});
export const plainTextInput = object({
  action_id: actionId,
  initial_value: optional(string(LIMITS.inputLength, 0)),
  multiline: optional(flag),
  min_length: optional(whole),
  max_length: optional(whole),
  placeholder: optional(plainText(LIMITS.placeholder)),
  focus_on_load: optional(flag),
  dispatch_action_config: optional(anything),
});
export const numberInput = object({
  action_id: actionId,
  is_decimal_allowed: flag,
  initial_value: optional(string(LIMITS.inputLength, 0)),
  min_value: optional(anything),
  max_value: optional(anything),
  placeholder: optional(plainText(LIMITS.placeholder)),
  focus_on_load: optional(flag),
  dispatch_action_config: optional(anything),
});

/** What sits in an input, beside or below text and can be operated. */
const CONTROLS: Readonly<Record<string, Rule>> = {
  button,
  static_select: staticSelect,
  multi_static_select: multiStaticSelect,
  external_select: object({
    ...withPlaceholder,
    initial_option: optional(option),
    min_query_length: optional(whole),
  }),
  users_select: object({ ...withPlaceholder, initial_user: optional(string(50)) }),
  multi_users_select: object({ ...many, initial_users: optional(list(100, string(50), 0)) }),
  channels_select: object({ ...withPlaceholder, initial_channel: optional(string(50)) }),
  conversations_select: object({
    ...withPlaceholder,
    initial_conversation: optional(string(50)),
    default_to_current_conversation: optional(flag),
    filter: optional(anything),
  }),
  overflow,
  radio_buttons: radio,
  checkboxes,
  datepicker: object({ ...withPlaceholder, initial_date: optional(date) }),
  timepicker: object({ ...withPlaceholder, initial_time: optional(time), timezone: optional(string(100)) }),
};
/** The rules of all controls but some. */
export const pick = (...without: readonly string[]): Record<string, Rule> =>
  Object.fromEntries(Object.entries(CONTROLS).filter(([type]) => !without.includes(type)));
