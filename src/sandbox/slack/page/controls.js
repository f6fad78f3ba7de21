import { askFirst } from './dialogs.js';
import { h, icon } from './dom.js';
import { openMenu } from './menu.js';
import { plain } from './mrkdwn.js';
import { act, inputsOf, store } from './store.js';

/** What stands in a control: what was put in, else what the app gave it to start with. */
function current(block, element, where) {
  const put = inputsOf(where.key)[block.block_id]?.[element.action_id];
  return put === undefined ? initial(element) : put;
}

const initial = (element) =>
  element.initial_value ??
  element.initial_option?.value ??
  element.initial_options?.map((option) => option.value) ??
  element.initial_user ??
  element.initial_users ??
  element.initial_channel ??
  element.initial_conversation ??
  element.initial_date ??
  element.initial_time ??
  null;

function put(block, element, where, value) {
  const inputs = inputsOf(where.key);
  inputs[block.block_id] = { ...inputs[block.block_id], [element.action_id]: value };
}

/** Tells the app at once, unless the control belongs to a form that is sent as a whole. */
async function operate(block, element, where, value, node) {
  if (block.type === 'input' && !block.dispatch_action) return;
  if (element.confirm && !(await askFirst(element.confirm))) return;
  node.classList.add('busy');
  const answer = await act('operate', {
    ...where.place,
    blockId: block.block_id,
    actionId: element.action_id,
    ...(value === undefined ? {} : { value }),
    inputs: inputsOf(where.key),
  });
  node.classList.remove('busy');
  const failed = answer.outcome !== 'acked';
  node.classList.toggle('unanswered', failed);
  if (failed) node.title = 'This app did not respond in time. Try again?';
}

const idOf = (element, where) => `${where.key}-${element.action_id}`;

function button(block, element, where) {
  const label = plain(element.text);
  const style = element.style ? `.${element.style}` : '';
  const node = h(
    `button.button${style}`,
    { type: 'button', 'aria-label': element.accessibility_label ?? label },
    h('span', label),
  );
  node.onclick = async () => {
    await operate(block, element, where, undefined, node);
    if (element.url) open(element.url, '_blank', 'noreferrer');
  };
  return node;
}

const optionItems = (element) =>
  element.option_groups
    ? element.option_groups.flatMap((group) =>
        group.options.map((option) => item(option, plain(group.label))),
      )
    : (element.options ?? []).map((option) => item(option));
const item = (option, group) => ({
  label: plain(option.text),
  hint: option.description ? plain(option.description) : undefined,
  value: option.value,
  url: option.url,
  group,
});

const peopleItems = () =>
  [...store.people.values()]
    .filter((person) => person.id !== 'USLACKBOT')
    .map((person) => ({ label: person.realName, hint: `@${person.name}`, value: person.id }));
const channelItems = () =>
  [...store.channels.values()]
    .filter((channel) => channel.personId === null)
    .map((channel) => ({ label: `# ${channel.name}`, value: channel.id }));

const SOURCES = {
  static_select: optionItems,
  multi_static_select: optionItems,
  external_select: () => [],
  users_select: peopleItems,
  multi_users_select: peopleItems,
  channels_select: channelItems,
  conversations_select: channelItems,
};

function select(block, element, where) {
  const isMany = element.type.startsWith('multi_');
  const items = SOURCES[element.type](element);
  const label = h('span.select-label');
  const node = h(
    'button.select',
    { type: 'button', id: idOf(element, where), 'aria-haspopup': 'listbox' },
    label,
    icon('chevron'),
  );
  const show = () => {
    const value = current(block, element, where);
    const chosen = isMany
      ? items.filter((each) => value?.includes(each.value))
      : items.filter((each) => each.value === value);
    const text = chosen.map((each) => each.label).join(', ') || (isMany ? '' : (value ?? ''));
    label.textContent = text || plain(element.placeholder) || 'Select an item';
    node.classList.toggle('is-empty', text === '');
  };
  const onPick = async (picked) => {
    const before = current(block, element, where);
    const value = isMany ? items.filter((each) => each.isChosen).map((each) => each.value) : picked.value;
    put(block, element, where, value);
    show();
    await operate(block, element, where, value, node);
    if (!isMany && before === value) show();
  };
  node.onclick = () => {
    const value = current(block, element, where);
    for (const each of items)
      each.isChosen = isMany ? (value?.includes(each.value) ?? false) : each.value === value;
    const load = element.type === 'external_select' ? suggestions(element, where) : null;
    openMenu(node, {
      items,
      onPick,
      many: isMany,
      load,
      search: isMany || load !== null || items.length > 6,
    });
  };
  show();
  return node;
}

const suggestions = (element, where) => async (text) => {
  const answer = await act('suggest', { ...where.place, actionId: element.action_id, text });
  return (answer.options ?? []).map((option) => item(option));
};

function overflow(block, element, where) {
  const node = h('button.button.overflow', { type: 'button', 'aria-label': 'More actions' }, icon('more'));
  const onPick = async (picked) => {
    await operate(block, element, where, picked.value, node);
    if (picked.url) open(picked.url, '_blank', 'noreferrer');
  };
  node.onclick = () => openMenu(node, { items: optionItems(element), onPick });
  return node;
}

function choices(block, element, where) {
  const isMany = element.type === 'checkboxes';
  const value = current(block, element, where);
  const node = h('div.choices', { role: isMany ? 'group' : 'radiogroup' });
  const name = `${idOf(element, where)}-${block.block_id}`;
  const boxes = element.options.map((option) =>
    h('input', {
      type: isMany ? 'checkbox' : 'radio',
      name,
      value: option.value,
      checked: isMany ? (value?.includes(option.value) ?? false) : value === option.value,
      onchange: () => {
        const chosen = boxes.filter((box) => box.checked).map((box) => box.value);
        const now = isMany ? chosen : (chosen[0] ?? null);
        put(block, element, where, now);
        void operate(block, element, where, now, node);
      },
    }),
  );
  node.append(
    ...element.options.map((option, index) =>
      h(
        'label.choice',
        boxes[index],
        h('span', plain(option.text), option.description ? h('small', plain(option.description)) : null),
      ),
    ),
  );
  return node;
}

function field(block, element, where, type) {
  const node = h(element.multiline ? 'textarea.field' : 'input.field', {
    id: idOf(element, where),
    ...(element.multiline ? { rows: 3 } : { type }),
    placeholder: plain(element.placeholder),
    value: current(block, element, where) ?? '',
    autofocus: element.focus_on_load ?? false,
    ...(element.max_length ? { maxLength: element.max_length } : {}),
  });
  node.oninput = () => put(block, element, where, node.value);
  node.onchange = () => void operate(block, element, where, node.value, node);
  return node;
}

const CONTROLS = {
  button,
  overflow,
  checkboxes: choices,
  radio_buttons: choices,
  plain_text_input: (block, element, where) => field(block, element, where, 'text'),
  number_input: (block, element, where) => field(block, element, where, 'number'),
  datepicker: (block, element, where) => field(block, element, where, 'date'),
  timepicker: (block, element, where) => field(block, element, where, 'time'),
};

/** A control of Block Kit; `where` is `{ key, place, faults? }`. */
export function control(block, element, where) {
  if (element.type in SOURCES) return select(block, element, where);
  return CONTROLS[element.type]?.(block, element, where) ?? h('span.context', `(${element.type})`);
}
