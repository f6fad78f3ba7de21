import type { Block } from '../api/slack-client.js';

/** Slack's limits that builders meet. */
export const LIMIT = { section: 3_000, header: 150, button: 75 } as const;

/** `&`, `<` and `>` begin markup in Slack's texts. */
export const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** At most `max` characters, the cut shown. */
export const clipped = (text: string, max: number): string =>
  text.length <= max ? text : `${text.slice(0, max - 1)}…`;

export const section = (text: string): Block => ({
  type: 'section',
  text: { type: 'mrkdwn', text: clipped(text, LIMIT.section) },
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

/** A picture that was uploaded. */
export const image = (fileId: string, altText: string): Block => ({
  type: 'image',
  slack_file: { id: fileId },
  alt_text: clipped(altText, 2_000),
});

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
