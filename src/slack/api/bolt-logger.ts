import { LogLevel, type Logger } from '@slack/bolt';
import type { LogEntry } from '../../monitor/product.js';

/** Bot and app tokens, and the tickets in socket addresses. */
const SECRETS = /\bx(?:ox[a-z]|app)-[\w-]+|(?<=ticket=)[\w-]+/g;

const textOf = (parts: readonly unknown[]): string =>
  parts
    .map((part) => (part instanceof Error ? part.message : String(part)))
    .join(' ')
    .replace(SECRETS, '…');

/** Slack still processes the picture of a message, which is then retried: no error yet. */
const AWAITED = /\binvalid slack file\b/;

/** Warnings and errors of Bolt and its clients, in the product's log and without secrets. */
export const boltLogger = (log: (entry: LogEntry) => void): Logger => {
  const write =
    (level: LogEntry['level']) =>
    (...parts: unknown[]): void => {
      const message = textOf(parts);
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
