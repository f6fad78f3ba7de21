import { renderBlocks } from './blocks.js';
import { composer } from './composer.js';
import { toast } from './dialogs.js';
import { h, icon, iconButton } from './dom.js';
import { closeMenu } from './menu.js';
import { avatar, MessageList } from './messages.js';
import { drawModal } from './modal-view.js';
import { memory, sidebar, useTheme } from './sidebar.js';
import { act, direct, follow, messagesIn, store, watch } from './store.js';

const app = document.getElementById('app');
const view = {
  route: null,
  threadTs: null,
  main: null,
  thread: null,
  list: null,
  threadList: null,
  home: null,
};

const narrow = matchMedia('(max-width: 700px)');
const firstChannel = () => [...store.channels.keys()][0] ?? '';

function readRoute() {
  const [, room = '', threadTs = null] = location.hash.split('/');
  const known = room === 'home' || store.channels.has(room);
  return { route: known ? room : narrow.matches ? '' : firstChannel(), threadTs };
}

const switchTo = (userId) => {
  memory.set('user', userId);
  view.route = null;
  store.unread.clear();
  follow(userId);
};

const backButton = () => h('a.icon-button.back', { href: '#/', 'aria-label': 'All channels' }, icon('back'));

function channelHeader(channel) {
  return h(
    'header.channel-head',
    backButton(),
    h('h2', icon(channel.isPrivate ? 'lock' : 'hash'), channel.name),
    h('span.topic', channel.topic),
    h(
      'span.members',
      { title: `${channel.memberCount} members` },
      icon('people'),
      String(channel.memberCount),
    ),
  );
}

function appHeader(tab) {
  const mine = direct();
  const tabLink = (href, label, isHere) =>
    h(`a.tab${isHere ? '.here' : ''}`, { href, 'aria-current': isHere ? 'page' : null }, label);
  return h(
    'header.channel-head.app-head',
    h(
      'div.app-title',
      backButton(),
      avatar(store.app.userId, '.small'),
      h('h2', store.app.name),
      h('span.badge', 'APP'),
    ),
    h(
      'nav.tabs',
      { 'aria-label': store.app.name },
      store.app.homeTab ? tabLink('#/home', 'Home', tab === 'home') : null,
      tabLink(`#/${mine?.id ?? ''}`, 'Messages', tab === 'messages'),
    ),
  );
}

const beginning = (channel) =>
  h(
    'div.beginning',
    channel.personId === null
      ? [
          h('h3', icon('hash'), channel.name),
          h('p', `This is the very beginning of the #${channel.name} channel. ${channel.topic}`),
        ]
      : [avatar(store.app.userId), h('p', `This is your conversation with ${store.app.name}.`)],
  );

function openChannel(channel) {
  const scroller = h('div.scroller', { tabIndex: -1 });
  view.list = new MessageList(scroller, false);
  view.lead = beginning(channel);
  const isDirect = channel.personId !== null;
  const field = composer({
    channelId: channel.id,
    isReadOnly: channel.isArchived || (isDirect && !store.app.messagesTab),
    placeholder: channel.isArchived
      ? 'You are viewing an archived channel'
      : isDirect
        ? store.app.messagesTab
          ? `Message ${store.app.name}`
          : 'Sending messages to this app has been turned off.'
        : `Message #${channel.name}`,
  });
  view.main.replaceChildren(isDirect ? appHeader('messages') : channelHeader(channel), scroller, field);
  drawChannel();
  scroller.scrollTop = scroller.scrollHeight;
  if (!narrow.matches) field.querySelector('textarea')?.focus();
}

function drawChannel() {
  const shown = messagesIn(view.route).filter((message) => message.threadTs === null);
  view.list.draw(shown, [view.lead]);
  store.unread.delete(view.route);
}

function openHome() {
  const scroller = h('div.scroller.home');
  view.home = { scroller, hash: null };
  view.main.replaceChildren(appHeader('home'), scroller);
  drawHome();
  void act('home');
}

function drawHome() {
  const { home } = store;
  if (view.home.hash !== null && view.home.hash === home?.hash) return;
  view.home.hash = home?.hash ?? '';
  const { scrollTop } = view.home.scroller;
  view.home.scroller.replaceChildren(
    home === null
      ? h(
          'div.empty',
          h('h3', 'This is a work in progress'),
          h('p', `${store.app.name} has not published its Home tab yet.`),
        )
      : h('div.home-body', renderBlocks(home.content.blocks, { key: home.id, place: { viewId: home.id } })),
  );
  view.home.scroller.scrollTop = scrollTop;
}

function openThread(channel, ts) {
  const scroller = h('div.scroller');
  view.threadList = new MessageList(scroller, true);
  view.thread = h(
    'aside.thread',
    { 'aria-label': 'Thread' },
    h(
      'header.channel-head',
      h('h2', 'Thread'),
      h('span.topic', channel.personId === null ? `#${channel.name}` : store.app.name),
      iconButton('close', 'Close thread', () => (location.hash = `#/${channel.id}`)),
    ),
    scroller,
    composer({ channelId: channel.id, threadTs: ts, placeholder: 'Reply…', isReadOnly: channel.isArchived }),
  );
  app.append(view.thread);
  drawThread();
}

function drawThread() {
  const shown = messagesIn(view.route).filter(
    (message) => message.ts === view.threadTs || message.threadTs === view.threadTs,
  );
  view.threadList.draw(shown);
}

function drawRail() {
  const fresh = sidebar(view.route, switchTo);
  const rail = app.querySelector('nav.rail');
  if (rail === null) app.prepend(fresh);
  else rail.replaceWith(fresh);
}

/** Shows what the address names; what is shown already stays as it is. */
function navigate() {
  const { route, threadTs } = readRoute();
  closeMenu();
  if (route !== view.route) {
    view.route = route;
    view.threadTs = null;
    view.thread?.remove();
    view.thread = null;
    view.main?.remove();
    view.main = h('main');
    app.append(view.main);
    if (route === 'home') openHome();
    else if (store.channels.has(route)) openChannel(store.channels.get(route));
  }
  if (threadTs !== view.threadTs) {
    view.thread?.remove();
    view.thread = null;
    view.threadTs = threadTs;
    if (threadTs !== null) openThread(store.channels.get(route), threadTs);
  }
  app.classList.toggle('at-rail', route === '');
  app.classList.toggle('with-thread', view.thread !== null);
  drawRail();
}

let isDue = false;
const pending = new Set();

/** Combines the changes of one moment into one redraw. */
function later(kind) {
  pending.add(kind);
  if (isDue) return;
  isDue = true;
  setTimeout(() => {
    isDue = false;
    const kinds = new Set(pending);
    pending.clear();
    redraw(kinds);
  }, 16);
}

function redraw(kinds) {
  if (kinds.has('snapshot') || kinds.has('here')) {
    view.route = null;
    navigate();
  }
  document.body.classList.toggle('offline', !store.isOnline);
  if (view.route === 'home') drawHome();
  else if (store.channels.has(view.route)) drawChannel();
  if (view.thread !== null) drawThread();
  drawModal();
  drawRail();
}

watch((change) => {
  if (change.kind === 'notice') toast(change.text);
  // Only a change of the open channel rebuilds it: text being typed elsewhere stays.
  later(change.kind === 'channel' && change.channel.id === view.route ? 'here' : change.kind);
});
addEventListener('hashchange', () => store.app !== null && navigate());
narrow.addEventListener('change', () => store.app !== null && navigate());
useTheme(memory.get('theme'));
follow(new URLSearchParams(location.search).get('user') ?? memory.get('user'));
