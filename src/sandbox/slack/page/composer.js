import { h, icon } from './dom.js';
import { toast } from './dialogs.js';
import { act, store } from './store.js';

/** The message field, which suggests the app's slash commands while one is typed. */
export function composer({ channelId, threadTs = null, placeholder, isReadOnly = false }) {
  if (isReadOnly) return h('div.read-only', placeholder);
  const input = h('textarea.compose', {
    rows: 1,
    placeholder,
    'aria-label': placeholder,
    enterKeyHint: 'send',
  });
  const hints = h('div.commands', { role: 'listbox', 'aria-label': 'Commands', hidden: true });
  const send = h(
    'button.send',
    { type: 'submit', title: 'Send', 'aria-label': 'Send', disabled: true },
    icon('send'),
  );
  const slash = h(
    'button.icon-button.boxed',
    { type: 'button', title: 'Commands', 'aria-label': 'Commands' },
    icon('slash'),
  );
  const form = h(
    'form.composer',
    hints,
    h(
      'div.compose-box',
      input,
      h('div.compose-bar', threadTs === null ? slash : null, h('span.keys', 'Enter to send'), send),
    ),
  );
  const state = { at: 0, shown: [] };

  const choose = (command) => {
    input.value = `${command.command} `;
    input.focus();
    refresh();
  };
  const refresh = () => {
    send.disabled = input.value.trim() === '';
    input.style.height = 'auto';
    input.style.height = `${Math.min(input.scrollHeight, 200)}px`;
    drawHints(hints, input.value, state, choose);
  };
  input.oninput = () => {
    state.at = 0;
    refresh();
  };
  input.onkeydown = (event) => {
    if (event.isComposing) return;
    const isChoosing = state.shown.length > 0 && !input.value.includes(' ');
    if (isChoosing && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      state.at = (state.at + (event.key === 'ArrowDown' ? 1 : state.shown.length - 1)) % state.shown.length;
      event.preventDefault();
      refresh();
    } else if (
      isChoosing &&
      (event.key === 'Tab' || (event.key === 'Enter' && input.value !== state.shown[state.at].command))
    ) {
      event.preventDefault();
      choose(state.shown[state.at]);
    } else if (event.key === 'Escape') hints.hidden = true;
    else if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      form.requestSubmit();
    }
  };
  slash.onclick = () => {
    input.value = '/';
    input.focus();
    refresh();
  };
  form.onsubmit = (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (text === '') return;
    input.value = '';
    refresh();
    void deliver(text, channelId, threadTs);
  };
  return form;
}

async function deliver(text, channelId, threadTs) {
  if (text.startsWith('/') && threadTs !== null)
    return toast('Slash commands don’t work in threads. Try it in the channel.');
  const answer = text.startsWith('/')
    ? await act('slash', { channelId, line: text })
    : await act('say', { channelId, text: written(text), threadTs });
  if (answer.ok === false) toast(`Message not sent: ${answer.error}`);
}

/** The typed text in Slack's format: special characters escaped, addresses and people turned into links. */
const written = (text) =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/https?:\/\/[^\s<>]+[^\s<>.,;:!?)]/g, '<$&>')
    .replace(/(?<![\w<])@([\w.-]+)/g, (whole, name) => {
      const person = [...store.people.values()].find((each) => each.name === name);
      return person === undefined ? whole : `<@${person.id}>`;
    });

function drawHints(hints, text, state, choose) {
  const typed = /^\/\S*/.exec(text)?.[0] ?? null;
  const isWhole = text.includes(' ');
  state.shown =
    typed === null
      ? []
      : store.app.commands.filter((each) =>
          isWhole ? each.command === typed : each.command.startsWith(typed),
        );
  hints.hidden = state.shown.length === 0;
  hints.replaceChildren(
    h('div.commands-head', isWhole ? 'Usage' : 'Commands matching ', isWhole ? null : h('b', typed ?? '')),
    ...state.shown.map((command, index) =>
      h(
        `div.command${index === state.at && !isWhole ? '.at' : ''}`,
        {
          role: 'option',
          'aria-selected': String(index === state.at),
          onpointerdown: (event) => {
            event.preventDefault();
            choose(command);
          },
        },
        h('img.avatar.small', { src: 'icon.svg', alt: '' }),
        h(
          'div.command-text',
          h('div', h('b', command.command), ' ', h('span.usage', command.usageHint)),
          h('div.description', command.description),
        ),
        h('span.from', store.app.name),
      ),
    ),
  );
}
