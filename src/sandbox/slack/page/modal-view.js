import { renderBlocks } from './blocks.js';
import { nameDialog, showDialog } from './dialogs.js';
import { h, iconButton } from './dom.js';
import { plain } from './mrkdwn.js';
import { act, inputsOf, store } from './store.js';

let shown = { id: '', hash: '', dialog: null };
/** Complaints about the open form, by `block_id`. */
let faults = {};

const closeModal = () => void act('close');

async function submit(view, button) {
  button.classList.add('busy');
  const answer = await act('submit', { viewId: view.id, inputs: inputsOf(view.id) });
  button.classList.remove('busy');
  if (Object.keys(answer.faults ?? {}).length === 0 && Object.keys(faults).length === 0) return;
  faults = answer.faults ?? {};
  shown = { ...shown, hash: '' };
  drawModal();
  shown.dialog?.querySelector('.fault')?.scrollIntoView({ block: 'center' });
}

function modalContent(view) {
  const { content } = view;
  const where = { key: view.id, place: { viewId: view.id }, faults };
  const send = content.submit
    ? h('button.button.large.filled', { type: 'submit' }, plain(content.submit))
    : null;
  const leave = content.close ? plain(content.close) : send ? 'Cancel' : 'Close';
  const form = h(
    'form',
    { noValidate: true },
    h('header', h('h2', plain(content.title)), iconButton('close', 'Close', closeModal)),
    h('div.dialog-body', renderBlocks(content.blocks, where)),
    h('footer', h('button.button.large', { type: 'button', onclick: closeModal }, leave), send),
  );
  form.onsubmit = (event) => {
    event.preventDefault();
    if (send !== null) void submit(view, send);
  };
  return form;
}

/** Shows the open modal; one that was redrawn keeps its scroll position and what was typed. */
export function drawModal() {
  const view = store.modals.at(-1);
  if (view?.id === shown.id && view?.hash === shown.hash) return;
  if (view?.id !== shown.id) faults = {};
  if (view === undefined) {
    shown.dialog?.remove();
    shown = { id: '', hash: '', dialog: null };
    return;
  }
  const dialog = shown.dialog ?? showDialog(h('dialog.modal'));
  const scroll = dialog.querySelector('.dialog-body')?.scrollTop ?? 0;
  const focused = document.activeElement?.id ?? '';
  dialog.oncancel = (event) => {
    event.preventDefault();
    closeModal();
  };
  dialog.replaceChildren(modalContent(view));
  nameDialog(dialog);
  dialog.querySelector('.dialog-body').scrollTop = view.id === shown.id ? scroll : 0;
  const again = focused === '' ? null : dialog.querySelector(`#${CSS.escape(focused)}`);
  (again ?? dialog.querySelector('input, textarea, .select, .filled'))?.focus();
  shown = { id: view.id, hash: view.hash, dialog };
}
