import { h } from './dom.js';
import { personName, store } from './store.js';

const decode = (text) => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

/** Code, <links and mentions>, *bold*, _italic_, ~strike~: whichever comes first. */
const INLINE =
  /`([^`\n]+)`|<([^>\n]+)>|(?<![\w*])\*(?=\S)([^*\n]*[^*\s])\*(?![\w*])|(?<![\w_])_(?=\S)([^_\n]*[^_\s])_(?![\w_])|(?<![\w~])~(?=\S)([^~\n]*[^~\s])~(?![\w~])/;

function inline(text) {
  const nodes = [];
  let rest = text;
  for (let match = INLINE.exec(rest); match !== null; match = INLINE.exec(rest)) {
    if (match.index > 0) nodes.push(decode(rest.slice(0, match.index)));
    nodes.push(spanFor(match));
    rest = rest.slice(match.index + match[0].length);
  }
  if (rest !== '') nodes.push(decode(rest));
  return nodes;
}

function spanFor([, code, angle, bold, italic, strike]) {
  if (code !== undefined) return h('code', decode(code));
  if (angle !== undefined) return angleFor(angle);
  if (bold !== undefined) return h('b', inline(bold));
  if (italic !== undefined) return h('i', inline(italic));
  return h('s', inline(strike));
}

function angleFor(inner) {
  const [target, label] = inner.split(/\|(.*)/s);
  if (target.startsWith('@')) return mention(target.slice(1));
  if (target.startsWith('!date^')) return dateNode(target, label);
  if (target.startsWith('!subteam^')) return h('span.mention', label ?? '@team');
  if (/^(https?|mailto):/.test(target))
    return h(
      'a',
      { href: decode(target), target: '_blank', rel: 'noreferrer' },
      decode(label ?? target.replace(/^mailto:/, '')),
    );
  return `<${inner}>`;
}

const mention = (id) => h(`span.mention${id === store.me ? '.me' : ''}`, `@${personName(id)}`);

const DATE_PARTS = {
  date_short_pretty: { dateStyle: 'medium' },
  time: { timeStyle: 'short' },
};

/** `Today` and its neighbours; empty for other days. */
function dayWord(at) {
  const days = Math.round(
    (new Date(at).setHours(12, 0, 0, 0) - new Date().setHours(12, 0, 0, 0)) / 86_400_000,
  );
  return { 0: 'Today', 1: 'Tomorrow', '-1': 'Yesterday' }[days] ?? '';
}

function dateNode(target, fallback) {
  const [, seconds, format] = target.split('^');
  const at = new Date(Number(seconds) * 1000);
  const text = format.replace(/\{(\w+)\}/g, (whole, part) => {
    const style = DATE_PARTS[part];
    if (style === undefined) return whole;
    return (part.endsWith('_pretty') && dayWord(at)) || new Intl.DateTimeFormat(undefined, style).format(at);
  });
  return h('time', { dateTime: at.toISOString(), title: fallback ?? '' }, text);
}

export function ago(at) {
  const minutes = Math.round((Date.now() - at.getTime()) / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} minute${minutes === 1 ? '' : 's'} ago`;
  const hours = Math.round(minutes / 60);
  if (hours < 24) return `${hours} hour${hours === 1 ? '' : 's'} ago`;
  return new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' }).format(at);
}

/** Slack's mark-up as nodes: code blocks, quotes, and what stands within a line. */
export function mrkdwn(text) {
  const parts = text.split(/```\n?([\s\S]*?)\n?```/);
  return parts.flatMap((part, index) => (index % 2 === 1 ? h('pre', decode(part)) : lines(part)));
}

function lines(text) {
  const nodes = [];
  let quote = null;
  for (const [index, line] of text.split('\n').entries()) {
    const isQuote = /^(&gt;|>)\s?/.test(line);
    if (isQuote) {
      if (quote === null) nodes.push((quote = h('blockquote')));
      else quote.append(h('br'));
      quote.append(...inline(line.replace(/^(&gt;|>)\s?/, '')));
      continue;
    }
    if (index > 0 && quote === null) nodes.push(h('br'));
    quote = null;
    nodes.push(...inline(line));
  }
  return nodes;
}

/** A text object of Block Kit. */
export const textNodes = (object) =>
  object === undefined ? [] : object.type === 'mrkdwn' ? mrkdwn(object.text) : [plain(object)];

export const plain = (object) => object?.text ?? '';
