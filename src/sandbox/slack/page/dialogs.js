import { renderBlocks } from './blocks.js';
import { h, iconButton } from './dom.js';
import { plain, textNodes } from './mrkdwn.js';
import { act, inputsOf, store } from './store.js';

/** Those who do not see a dialog are told its heading. */
function named(dialog) {
  dialog.setAttribute('aria-label', dialog.querySelector('h2')?.textContent ?? '');
}

function show(dialog) {
  document.body.append(dialog);
  named(dialog);
  dialog.showModal();
  return dialog;
}

/** Asks what a control wants to have confirmed; true for yes. */
export const askFirst = (confirm) =>
  new Promise((resolve) => {
    const end = (answer) => {
      dialog.remove();
      resolve(answer);
    };
    const yes = h(
      `button.button.large.${confirm.style === 'danger' ? 'danger-filled' : 'filled'}`,
      { type: 'button', onclick: () => end(true) },
      plain(confirm.confirm),
    );
    const dialog = h(
      'dialog.confirm',
      { oncancel: () => end(false) },
      h(
        'header',
        h('h2', plain(confirm.title)),
        iconButton('close', 'Close', () => end(false)),
      ),
      h('div.dialog-body.text', textNodes(confirm.text)),
      h(
        'footer',
        h('button.button.large', { type: 'button', onclick: () => end(false) }, plain(confirm.deny)),
        yes,
      ),
    );
    show(dialog);
    yes.focus();
  });

export function openPicture(address, alt, title) {
  const dialog = h(
    'dialog.lightbox',
    { onclose: () => dialog.remove(), onclick: () => dialog.close() },
    h(
      'header',
      h('h2', title || alt),
      iconButton('close', 'Close', () => dialog.close()),
    ),
    h('img', { src: address, alt }),
  );
  show(dialog);
}

let shown = { id: '', hash: '', dialog: null };
let faults = {};

const closeView = (view) => act('close', { viewId: view.id });

async function submit(view, button) {
  button.classList.add('busy');
  const answer = await act('submit', { viewId: view.id, inputs: inputsOf(view.id) });
  button.classList.remove('busy');
  if (Object.keys(answer.faults ?? {}).length === 0 && Object.keys(faults).length === 0) return;
  faults = answer.faults ?? {};
  shown = { ...shown, hash: '' };
  drawModals();
  shown.dialog?.querySelector('.fault')?.scrollIntoView({ block: 'center' });
}

function modalContent(view) {
  const { content } = view;
  const where = { key: view.id, place: { viewId: view.id }, faults };
  const send = content.submit
    ? h('button.button.large.filled', { type: 'submit' }, plain(content.submit))
    : null;
  const leave = content.close ? plain(content.close) : send ? 'Cancel' : 'Close';
  const isTop = view.previousId === null || !store.modals.some((each) => each.id === view.previousId);
  const form = h(
    'form',
    { noValidate: true },
    h(
      'header',
      isTop ? null : iconButton('back', 'Back', () => void closeView(view)),
      h('h2', plain(content.title)),
      iconButton('close', 'Close', () => void closeView(view)),
    ),
    h('div.dialog-body', renderBlocks(content.blocks, where)),
    h(
      'footer',
      h('button.button.large', { type: 'button', onclick: () => void closeView(view) }, leave),
      send,
    ),
  );
  form.onsubmit = (event) => {
    event.preventDefault();
    if (send !== null) void submit(view, send);
  };
  return form;
}

/** Shows the topmost modal; one that was only updated keeps its place and what was typed. */
export function drawModals() {
  const view = store.modals.at(-1);
  if (view?.id === shown.id && view?.hash === shown.hash) return;
  if (view?.id !== shown.id) faults = {};
  if (view === undefined) {
    shown.dialog?.remove();
    shown = { id: '', hash: '', dialog: null };
    return;
  }
  const dialog = shown.dialog ?? show(h('dialog.modal'));
  const scroll = dialog.querySelector('.dialog-body')?.scrollTop ?? 0;
  const focused = document.activeElement?.id ?? '';
  dialog.oncancel = (event) => {
    event.preventDefault();
    void closeView(view);
  };
  dialog.replaceChildren(modalContent(view));
  named(dialog);
  dialog.querySelector('.dialog-body').scrollTop = view.id === shown.id ? scroll : 0;
  const again = focused === '' ? null : dialog.querySelector(`#${CSS.escape(focused)}`);
  (again ?? dialog.querySelector('input, textarea, .select, .filled'))?.focus();
  shown = { id: view.id, hash: view.hash, dialog };
}

/** A short word at the edge of the page. */
export function toast(text) {
  const node = h('div.toast', { role: 'status' }, text);
  document.body.append(node);
  setTimeout(() => node.remove(), 6000);
}
