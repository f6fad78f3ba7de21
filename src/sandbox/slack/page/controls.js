import { confirmFirst } from './dialogs.js';
import { h, icon } from './dom.js';
import { openMenu } from './menu.js';
import { plain } from './mrkdwn.js';
import { act, inputsOf } from './store.js';

/** A control's value: what the person put in, else the app's initial value. */
function current(block, element, where) {
  const put = inputsOf(where.key)[block.block_id]?.[element.action_id];
  return put === undefined ? initial(element) : put;
}

const initial = (element) =>
  element.initial_value ??
  element.initial_option?.value ??
  element.initial_options?.map((option) => option.value) ??
  null;

function put(block, element, where, value) {
  const inputs = inputsOf(where.key);
  inputs[block.block_id] = { ...inputs[block.block_id], [element.action_id]: value };
}

/** Sends the action at once, unless the control belongs to a form that is submitted as a whole. */
async function operate(block, element, where, value, node) {
  if (block.type === 'input') return;
  if (element.confirm && !(await confirmFirst(element.confirm))) return;
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
  const style = element.style ? `.${element.style}` : '';
  const node = h(`button.button${style}`, { type: 'button' }, h('span', plain(element.text)));
  node.onclick = () => void operate(block, element, where, undefined, node);
  return node;
}

const item = (option, group) => ({ label: plain(option.text), value: option.value, group });
const itemsOf = (element) =>
  element.option_groups
    ? element.option_groups.flatMap((group) =>
        group.options.map((option) => item(option, plain(group.label))),
      )
    : element.options.map((option) => item(option));

function select(block, element, where) {
  const isMany = element.type === 'multi_static_select';
  const items = itemsOf(element);
  const label = h('span.select-label');
  const node = h(
    'button.select',
    { type: 'button', id: idOf(element, where), 'aria-haspopup': 'listbox' },
    label,
    icon('chevron'),
  );
  const isChosen = (each) => {
    const value = current(block, element, where);
    return isMany ? (value?.includes(each.value) ?? false) : each.value === value;
  };
  const show = () => {
    const text = items
      .filter(isChosen)
      .map((each) => each.label)
      .join(', ');
    label.textContent = text || plain(element.placeholder) || 'Select an item';
    node.classList.toggle('is-empty', text === '');
  };
  const onPick = async (picked) => {
    const value = isMany ? items.filter((each) => each.isChosen).map((each) => each.value) : picked.value;
    put(block, element, where, value);
    show();
    await operate(block, element, where, value, node);
  };
  node.onclick = () => {
    for (const each of items) each.isChosen = isChosen(each);
    openMenu(node, { items, onPick, many: isMany, search: isMany || items.length > 6 });
  };
  show();
  return node;
}

function radioButtons(block, element, where) {
  const value = current(block, element, where);
  const node = h('div.choices', { role: 'radiogroup' });
  const radio = (option) =>
    h('input', {
      type: 'radio',
      name: `${idOf(element, where)}-${block.block_id}`,
      value: option.value,
      checked: value === option.value,
      onchange: () => {
        put(block, element, where, option.value);
        void operate(block, element, where, option.value, node);
      },
    });
  node.append(
    ...element.options.map((option) => h('label.choice', radio(option), h('span', plain(option.text)))),
  );
  return node;
}

function textInput(block, element, where) {
  const node = h(element.multiline ? 'textarea.field' : 'input.field', {
    id: idOf(element, where),
    ...(element.multiline ? { rows: 3 } : { type: 'text' }),
    placeholder: plain(element.placeholder),
    value: current(block, element, where) ?? '',
    ...(element.max_length ? { maxLength: element.max_length } : {}),
  });
  node.oninput = () => put(block, element, where, node.value);
  return node;
}

const CONTROLS = {
  button,
  static_select: select,
  multi_static_select: select,
  radio_buttons: radioButtons,
  plain_text_input: textInput,
};

/** A control of Block Kit; `where` is `{ key, place, faults? }`. */
export const control = (block, element, where) => CONTROLS[element.type](block, element, where);
