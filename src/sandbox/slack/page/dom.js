/** Builds elements without parsing markup, so nothing in a message can become an element. */

/** `h('button.primary', { onclick }, 'Go')`: an element with classes, properties and children; null children are left out. */
export function h(selector, ...rest) {
  const [tag, ...classes] = selector.split('.');
  const element = document.createElement(tag || 'div');
  if (classes.length > 0) element.className = classes.join(' ');
  const [first] = rest;
  const hasProps =
    first !== null && typeof first === 'object' && !Array.isArray(first) && !(first instanceof Node);
  if (hasProps) setProps(element, first);
  element.append(...(hasProps ? rest.slice(1) : rest).flat(Infinity).filter(isChild));
  return element;
}

const isChild = (child) => child !== null && child !== undefined && child !== false;

function setProps(element, props) {
  for (const [key, value] of Object.entries(props)) {
    if (value === undefined || value === null) continue;
    if (key.startsWith('aria-') || key.startsWith('data-') || key === 'role' || key === 'for')
      element.setAttribute(key, value);
    else element[key] = value;
  }
}

const PATHS = {
  hash: 'M7.2 3.5 5.8 16.5M14.2 3.5l-1.4 13M3.5 7.3h13.2M3.2 12.7h13.2',
  lock: 'M5 9h10v7H5zM7 9V6.5a3 3 0 0 1 6 0V9',
  reply: 'M4 4.5h12v8.5h-6l-3.5 3v-3H4z',
  more: 'M10 4.6v.01M10 10v.01M10 15.4v.01',
  close: 'M5 5l10 10M15 5 5 15',
  back: 'M12 4.5 6.5 10l5.5 5.5',
  chevron: 'M5.5 8l4.5 4.5L14.5 8',
  eye: 'M2.5 10S5.2 5 10 5s7.5 5 7.5 5-2.7 5-7.5 5-7.5-5-7.5-5zM10 12a2 2 0 1 0 0-4 2 2 0 0 0 0 4z',
  send: 'M3.5 4l13 6-13 6 1.8-6zM5.3 10h5',
  check: 'M4.5 10.5l3.5 3.5 7.5-8',
  slash: 'M12.5 4 7.5 16',
  alert: 'M10 3 2.5 16.5h15zM10 8v4M10 14.2v.01',
  home: 'M3.5 9 10 3.5 16.5 9v7.5h-4.5V12H8v4.5H3.5z',
  theme: 'M10 3a7 7 0 1 0 0 14zM10 3a7 7 0 0 1 0 14',
  people:
    'M7.5 9.5a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6zM2.5 16c.3-3 2.2-4.5 5-4.5s4.7 1.5 5 4.5M13 4.2a2.7 2.7 0 0 1 0 5M14.5 11.7c1.8.5 2.800 2 3 4.300',
};

export function icon(name) {
  const ns = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(ns, 'svg');
  svg.setAttribute('viewBox', '0 0 20 20');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(ns, 'path');
  path.setAttribute('d', PATHS[name]);
  svg.append(path);
  return svg;
}

/** A button that is only an icon, named for screen readers. */
export const iconButton = (name, label, onclick) =>
  h('button.icon-button', { type: 'button', title: label, 'aria-label': label, onclick }, icon(name));
