import { h, icon, iconButton } from './dom.js';
import { avatar } from './messages.js';
import { openMenu } from './menu.js';
import { direct, personName, store } from './store.js';

const THEMES = [
  { label: 'Match system', value: '' },
  { label: 'Light', value: 'light' },
  { label: 'Dark', value: 'dark' },
];

/** What the page keeps between visits, if the browser lets it. */
export const memory = {
  get(key) {
    try {
      return localStorage.getItem(key) ?? '';
    } catch {
      return '';
    }
  },
  set(key, value) {
    try {
      localStorage.setItem(key, value);
    } catch (fault) {
      console.warn(fault);
    }
  },
};

export const useTheme = (theme) => {
  document.documentElement.dataset.theme = theme;
  memory.set('theme', theme);
};

function link(href, sign, label, route, extra = '') {
  const isHere = route === href.slice(2);
  return h(
    `a.rail-link${isHere ? '.here' : ''}${extra}`,
    { href, 'aria-current': isHere ? 'page' : null },
    sign,
    h('span.rail-label', label),
  );
}

const unreadOf = (channel, route) => (store.unread.has(channel.id) && route !== channel.id ? '.unread' : '');

/** The sidebar: channels, the app, and the current person. `route` is the channel's id or `home`. */
export function sidebar(route, switchTo) {
  const channels = [...store.channels.values()].filter((channel) => channel.personId === null);
  const mine = direct();
  const atApp = route === 'home' || route === mine?.id;
  const appLink = h(
    `a.rail-link${atApp ? '.here' : ''}${mine && !atApp ? unreadOf(mine, route) : ''}`,
    { href: '#/home' },
    h(
      'span.with-presence',
      avatar(store.app.userId, '.tiny'),
      h(`i.presence${store.app.isConnected ? '.on' : ''}`),
    ),
    h('span.rail-label', store.app.name),
    store.app.isConnected ? null : h('small.away', 'not connected'),
  );
  return h(
    'nav.rail',
    { 'aria-label': 'Workspace' },
    h('header', h('h1', store.team), themeButton()),
    h(
      'div.rail-body',
      h('h2', 'Channels'),
      channels.map((channel) =>
        link(
          `#/${channel.id}`,
          icon(channel.isPrivate ? 'lock' : 'hash'),
          channel.name + (channel.isArchived ? ' (archived)' : ''),
          route,
          unreadOf(channel, route),
        ),
      ),
      h('h2', 'Apps'),
      appLink,
    ),
    whoButton(switchTo),
  );
}

function themeButton() {
  const button = iconButton('theme', 'Appearance', () =>
    openMenu(button, {
      label: 'Appearance',
      items: THEMES.map((theme) => ({ ...theme, isChosen: theme.value === memory.get('theme') })),
      onPick: (item) => useTheme(item.value),
    }),
  );
  return button;
}

function whoButton(switchTo) {
  const people = [...store.people.values()].filter((person) => !person.isBot);
  const button = h(
    'button.who',
    { type: 'button', title: 'Switch person', 'aria-haspopup': 'listbox' },
    h('span.with-presence', avatar(store.me), h('i.presence.on')),
    h('span.who-name', h('b', personName(store.me)), h('small', 'Switch person')),
    icon('chevron'),
  );
  button.onclick = () =>
    openMenu(button, {
      label: 'People',
      items: people.map((person) => ({
        label: person.realName,
        hint: `@${person.name}`,
        value: person.id,
        isChosen: person.id === store.me,
      })),
      onPick: (item) => switchTo(item.value),
    });
  return button;
}
