import type { types } from '@slack/bolt';
import type { Block, Outgoing } from '../api/slack-client.js';

/** Slack's limits, in characters. */
export const LIMIT = { section: 3_000, header: 150, button: 75 } as const;

/** `&`, `<` and `>` begin markup in Slack's texts. */
export const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** At most `max` characters; an ellipsis marks the cut. */
export const clipped = (text: string, max: number): string =>
  text.length <= max ? text : `${text.slice(0, max - 1)}…`;

/** `accessory`: a button beside the text. */
export const section = (text: string, accessory?: types.Button): Block => ({
  type: 'section',
  text: { type: 'mrkdwn', text: clipped(text, LIMIT.section) },
  ...(accessory && { accessory }),
});

export const context = (text: string): Block => ({
  type: 'context',
  elements: [{ type: 'mrkdwn', text: clipped(text, LIMIT.section) }],
});

export const header = (text: string): Block => ({
  type: 'header',
  text: { type: 'plain_text', text: clipped(text, LIMIT.header), emoji: true },
});

export const plain = (text: string, max: number = LIMIT.button) =>
  ({ type: 'plain_text', text: clipped(text, max), emoji: true }) as const;

/** A message of one paragraph in Slack's markup. */
export const paragraph = (text: string): Outgoing => ({ text, blocks: [section(text)] });

const MENTION = /&lt;(@[UW][A-Z0-9]+|!subteam\^S[A-Z0-9]+)&gt;/g;

/** An error in plain text from anywhere: of Slack's markup it keeps only mentions of people and groups. */
export const errorMessage = (text: string): Outgoing => paragraph(escaped(text).replace(MENTION, '<$1>'));

/** Of a menu or of radio buttons. */
export const option = (value: string, text: string) => ({ text: plain(text), value });

/** An uploaded picture; no block while there is none. */
export const image = (fileId: string | null, altText: string): Block[] =>
  fileId === null ? [] : [{ type: 'image', slack_file: { id: fileId }, alt_text: clipped(altText, 2_000) }];

/** A time in the reader's own time zone; readers of the plain text get UTC. */
export const when = (timeMs: number): string => {
  const utc = new Date(timeMs).toISOString().slice(0, 16).replace('T', ' ');
  return `<!date^${Math.floor(timeMs / 1000)}^{date_short_pretty} {time}|${utc} UTC>`;
};

export const user = (id: string): string => `<@${id}>`;

/** Lines packed into as few texts of at most `max` characters as keep their order. */
export const packed = (lines: readonly string[], max: number): string[] => {
  const texts: string[] = [];
  for (const line of lines.map((text) => clipped(text, max))) {
    const last = texts.at(-1);
    if (last === undefined || last.length + 1 + line.length > max) texts.push(line);
    else texts[texts.length - 1] = `${last}\n${line}`;
  }
  return texts;
};

/** 12,000 characters of lines in one message. */
const MAX_SECTIONS = 4;

/** Lines packed into sections; `more` tells how many lines were left out. */
export const lineSections = (lines: readonly string[], more: (count: number) => string): Block[] => {
  const texts = packed(lines, LIMIT.section);
  const left = texts.slice(MAX_SECTIONS).flatMap((text) => text.split('\n')).length;
  const shown = texts.slice(0, MAX_SECTIONS).map((text) => section(text));
  return left === 0 ? shown : [...shown, context(more(left))];
};
