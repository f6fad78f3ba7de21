import { LogLevel, type Logger } from '@slack/bolt';
import type { LogEntry } from '../monitor/product.js';

/** Tokens of bots and apps, and the tickets in a socket's address. */
const SECRETS = /\bx(?:ox[a-z]|app)-[\w-]+|(?<=ticket=)[\w-]+/g;

const told = (parts: readonly unknown[]): string =>
  parts
    .map((part) => (part instanceof Error ? part.message : String(part)))
    .join(' ')
    .replace(SECRETS, '…');

/** What Bolt and its clients have to say, in the product's log and without secrets; their chatter is left out. */
export const boltLogger = (log: (entry: LogEntry) => void): Logger => {
  const write =
    (level: LogEntry['level']) =>
    (...parts: unknown[]): void =>
      log({ level, event: 'slack_client', message: `Slack: ${told(parts)}` });
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
