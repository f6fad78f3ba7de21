import { renderBlocks } from './blocks.js';
import { h, icon, iconButton } from './dom.js';
import { openMenu } from './menu.js';
import { ago, mrkdwn } from './mrkdwn.js';
import { act, isApp, messagesIn, personName, store } from './store.js';

const atOf = (ts) => new Date(Number(ts) * 1000);
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' });
const day = new Intl.DateTimeFormat(undefined, { weekday: 'long', month: 'long', day: 'numeric' });
const GROUP_MS = 5 * 60_000;

export function avatar(id, size = '') {
  const person = store.people.get(id);
  if (id === store.app.userId) return h(`img.avatar${size}`, { src: 'icon.svg', alt: '' });
  const hue = [...id].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 360, 7);
  const initials = (person?.realName ?? '?')
    .split(' ')
    .map((word) => word[0])
    .slice(0, 2)
    .join('');
  return h(`span.avatar${size}`, { style: `--hue:${hue}`, 'aria-hidden': 'true' }, initials);
}

const whenNode = (ts) =>
  h('time.when', { dateTime: atOf(ts).toISOString(), title: full.format(atOf(ts)) }, clock.format(atOf(ts)));

function bodyOf(message) {
  const where = { key: message.ts, place: { channelId: message.channelId, ts: message.ts } };
  const edited = message.isEdited ? h('span.edited', ' (edited)') : null;
  const hasBlocks = message.blocks.length > 0;
  return [
    hasBlocks || message.text === '' ? null : h('div.text', mrkdwn(message.text), edited),
    hasBlocks ? renderBlocks(message.blocks, where) : null,
    hasBlocks ? edited : null,
  ];
}

function threadLine(message, replies) {
  if (replies.length === 0) return null;
  const authors = [...new Set(replies.map((reply) => reply.authorId))].slice(0, 4);
  const last = replies[replies.length - 1];
  return h(
    'a.thread-line',
    { href: `#/${message.channelId}/${message.ts}` },
    authors.map((id) => avatar(id, '.tiny')),
    h('b', `${replies.length} ${replies.length === 1 ? 'reply' : 'replies'}`),
    h('span.last-reply', `Last reply ${ago(atOf(last.ts))}`),
    h('span.view-thread', 'View thread'),
  );
}

function hoverActions(message, inThread) {
  if (message.isEphemeral) return null;
  const shortcuts = store.app.shortcuts.map((each) => ({
    label: each.name,
    hint: store.app.name,
    value: each.callbackId,
  }));
  const more = iconButton('more', 'More actions', () =>
    openMenu(more, {
      items: shortcuts,
      onPick: (item) =>
        void act('shortcut', { channelId: message.channelId, ts: message.ts, callbackId: item.value }),
    }),
  );
  const reply = h(
    'a.icon-button',
    {
      href: `#/${message.channelId}/${message.ts}`,
      title: 'Reply in thread',
      'aria-label': 'Reply in thread',
    },
    icon('reply'),
  );
  return h(
    'div.hover-rail',
    h('div.hover-actions', inThread ? null : reply, shortcuts.length > 0 ? more : null),
  );
}

const ephemeralLine = (message) =>
  message.isEphemeral
    ? h(
        'div.only-you',
        icon('eye'),
        'Only visible to you',
        h(
          'button.link',
          {
            type: 'button',
            onclick: () => void act('forget', { channelId: message.channelId, ts: message.ts }),
          },
          'Dismiss',
        ),
      )
    : null;

function messageNode(message, { isFollowing, replies, inThread }) {
  const head = h(
    'div.message-head',
    h('b.author', personName(message.authorId)),
    isApp(message.authorId) ? h('span.badge', 'APP') : null,
    whenNode(message.ts),
  );
  return h(
    `article.message${isFollowing ? '.following' : ''}${message.isEphemeral ? '.ephemeral' : ''}`,
    { id: `${inThread ? 't' : 'm'}${message.ts}` },
    h('div.gutter', isFollowing ? whenNode(message.ts) : avatar(message.authorId)),
    h(
      'div.message-main',
      ephemeralLine(message),
      isFollowing ? null : head,
      bodyOf(message),
      inThread ? null : threadLine(message, replies),
    ),
    hoverActions(message, inThread),
  );
}

/** Whether a message continues its author's last one; one with blocks stands alone. */
const follows = (message, before) =>
  before !== undefined &&
  message.blocks.length === 0 &&
  before.authorId === message.authorId &&
  before.isEphemeral === message.isEphemeral &&
  Number(message.ts) - Number(before.ts) < GROUP_MS / 1000;

/** Draws a list of messages; unchanged ones keep their nodes, so that nothing flickers or loses its place. */
export class MessageList {
  #known = new Map();
  #root;
  #inThread;

  /** Whether the reader is at the newest message and stays there when the list grows. */
  #isAtEnd = true;

  constructor(root, inThread) {
    this.#root = root;
    this.#inThread = inThread;
    root.addEventListener('scroll', () => (this.#isAtEnd = this.#below() < 80), { passive: true });
  }

  #below() {
    return this.#root.scrollHeight - this.#root.scrollTop - this.#root.clientHeight;
  }

  draw(messages, lead = []) {
    const wasAtEnd = this.#below() < 80;
    const known = new Map();
    const nodes = [...lead];
    let lastDay = '';
    messages.forEach((message, index) => {
      const today = day.format(atOf(message.ts));
      if (today !== lastDay && !this.#inThread) nodes.push(this.#divider(today));
      const isFirstReply = this.#inThread && index === 1;
      const isFollowing = today === lastDay && !isFirstReply && follows(message, messages[index - 1]);
      lastDay = today;
      const node = this.#node(message, isFollowing);
      known.set(message.ts, node);
      nodes.push(node.element);
      if (this.#inThread && index === 0 && messages.length > 1) nodes.push(replyDivider(messages.length - 1));
    });
    this.#known = known;
    const { scrollTop } = this.#root;
    syncChildren(this.#root, nodes);
    this.#root.scrollTop = wasAtEnd ? this.#root.scrollHeight : scrollTop;
  }

  #divider(text) {
    return h('div.day', h('span', text === day.format(new Date()) ? 'Today' : text));
  }

  #node(message, isFollowing) {
    const replies = this.#inThread
      ? []
      : messagesIn(message.channelId).filter((other) => other.threadTs === message.ts);
    const signature = `${isFollowing}|${replies.map((reply) => reply.ts).join()}`;
    const before = this.#known.get(message.ts);
    if (before !== undefined && before.message === message && before.signature === signature) return before;
    const element = messageNode(message, { isFollowing, replies, inThread: this.#inThread });
    element.addEventListener('load', () => this.#settle(), true);
    return { message, signature, element };
  }

  /** A loading picture must not push the newest message out of sight, nor move a reader further up. */
  #settle() {
    if (this.#isAtEnd) this.#root.scrollTop = this.#root.scrollHeight;
  }
}

const replyDivider = (count) =>
  h('div.reply-divider', h('span', `${count} ${count === 1 ? 'reply' : 'replies'}`));

function syncChildren(root, nodes) {
  const wanted = new Set(nodes);
  for (const child of [...root.childNodes]) if (!wanted.has(child)) child.remove();
  nodes.forEach((node, index) => {
    if (root.childNodes[index] !== node) root.insertBefore(node, root.childNodes[index] ?? null);
  });
}
