import { LogLevel, type Logger } from '@slack/bolt';
import type { LogEntry } from '../../monitor/product.js';

/** Tokens of bots and apps, and the tickets in a socket's address. */
const SECRETS = /\bx(?:ox[a-z]|app)-[\w-]+|(?<=ticket=)[\w-]+/g;

const told = (parts: readonly unknown[]): string =>
  parts
    .map((part) => (part instanceof Error ? part.message : String(part)))
    .join(' ')
    .replace(SECRETS, '…');

/** A message that shows a picture which Slack has not got ready yet is sent again: no fault yet. */
const AWAITED = /\binvalid slack file\b/;

/** What Bolt and its clients have to say, in the product's log and without secrets; their chatter is left out. */
export const boltLogger = (log: (entry: LogEntry) => void): Logger => {
  const write =
    (level: LogEntry['level']) =>
    (...parts: unknown[]): void => {
      const message = told(parts);
      if (!AWAITED.test(message)) log({ level, event: 'slack_client', message: `Slack: ${message}` });
    };
  return {
    debug: () => undefined,
    info: () => undefined,
    warn: write('warn'),
    error: write('error'),
    setLevel: () => undefined,
    getLevel: () => LogLevel.WARN,
    setName: () => undefined,
  };
};
