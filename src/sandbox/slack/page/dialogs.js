import { h, iconButton } from './dom.js';
import { plain, textNodes } from './mrkdwn.js';

/** Names a dialog by its heading for screen readers. */
export function nameDialog(dialog) {
  dialog.setAttribute('aria-label', dialog.querySelector('h2')?.textContent ?? '');
}

export function showDialog(dialog) {
  document.body.append(dialog);
  nameDialog(dialog);
  dialog.showModal();
  return dialog;
}

/** Shows a control's confirmation; resolves to true for yes. */
export const confirmFirst = (confirm) =>
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
    showDialog(dialog);
    yes.focus();
  });

export function openPicture(address, alt) {
  const dialog = h(
    'dialog.lightbox',
    { onclose: () => dialog.remove(), onclick: () => dialog.close() },
    h(
      'header',
      h('h2', alt),
      iconButton('close', 'Close', () => dialog.close()),
    ),
    h('img', { src: address, alt }),
  );
  showDialog(dialog);
}

/** A short message at the edge of the page. */
export function toast(text) {
  const node = h('div.toast', { role: 'status' }, text);
  document.body.append(node);
  setTimeout(() => node.remove(), 6000);
}
