import { h, icon } from './dom.js';

let open = null;

export function closeMenu() {
  const menu = open;
  open = null;
  menu?.remove();
}

/**
 * A list beside `anchor` to choose from. Items: `{ label, hint?, value, isChosen?, group? }`. With `search` typing narrows it;
 * with `many` it stays open and shows what is chosen.
 */
export function openMenu(anchor, { items, onPick, search = false, many = false, label = 'Options' }) {
  closeMenu();
  const list = h('div.menu-list', { role: 'listbox', 'aria-label': label });
  const box = search
    ? h('input.menu-search', { type: 'text', placeholder: 'Search', 'aria-label': 'Search' })
    : null;
  const menu = h('div.menu', box, list);
  const state = { at: 0 };
  const shown = () =>
    box === null
      ? items
      : items.filter((item) => item.label.toLowerCase().includes(box.value.trim().toLowerCase()));
  const pick = (item) => {
    if (many) item.isChosen = !item.isChosen;
    else closeMenu();
    onPick(item);
    if (many) draw();
  };
  const draw = () => {
    const visible = shown();
    state.at = Math.min(state.at, Math.max(0, visible.length - 1));
    let group = null;
    list.replaceChildren(
      ...visible.flatMap((item, index) => {
        const head = item.group && item.group !== group ? [h('div.menu-group', item.group)] : [];
        group = item.group ?? group;
        return [...head, row(item, index === state.at, () => pick(item))];
      }),
      ...(visible.length === 0 ? [h('div.menu-empty', 'No matching results')] : []),
    );
    list.querySelector('.at')?.scrollIntoView({ block: 'nearest' });
  };
  const keys = (event) => {
    const visible = shown();
    if (event.key === 'ArrowDown') state.at = (state.at + 1) % Math.max(1, visible.length);
    else if (event.key === 'ArrowUp')
      state.at = (state.at + visible.length - 1) % Math.max(1, visible.length);
    else if (event.key === 'Enter' && visible[state.at]) pick(visible[state.at]);
    else if (event.key === 'Escape' || event.key === 'Tab') closeMenu();
    else return;
    event.preventDefault();
    event.stopPropagation();
    if (open === menu) draw();
    else anchor.focus();
  };
  menu.addEventListener('keydown', keys);
  box?.addEventListener('input', () => {
    state.at = 0;
    draw();
  });
  draw();
  // While a modal is open only what lies inside the dialog can be reached.
  (anchor.closest('dialog') ?? document.body).append(menu);
  open = menu;
  place(menu, anchor);
  (box ?? list).tabIndex = 0;
  (box ?? list).focus();
}

function row(item, isAt, onclick) {
  return h(
    `div.menu-item${isAt ? '.at' : ''}`,
    { role: 'option', 'aria-selected': String(item.isChosen ?? false), onclick },
    h('span.menu-label', item.label, item.hint ? h('small', item.hint) : null),
    item.isChosen ? icon('check') : null,
  );
}

function place(menu, anchor) {
  const at = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = menu;
  const below = at.bottom + 4 + height <= innerHeight || at.top < height;
  menu.style.minWidth = `${Math.max(200, Math.min(at.width, 420))}px`;
  menu.style.top = `${Math.max(8, below ? Math.min(at.bottom + 4, innerHeight - height - 8) : at.top - height - 4)}px`;
  menu.style.left = `${Math.max(8, Math.min(at.left, innerWidth - Math.max(width, 200) - 8))}px`;
}

document.addEventListener('pointerdown', (event) => {
  if (open !== null && !open.contains(event.target)) closeMenu();
});
addEventListener('resize', closeMenu);
