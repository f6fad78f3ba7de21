import { pino, type DestinationStream } from 'pino';
import { errorCodeOf } from '../../ports/app-error.js';
import { redact, redactedMessage } from './redact.js';

/** One entry, as the product makes them. */
interface Entry {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly event: string;
  readonly message: string;
  readonly cause?: unknown;
}

const causeOf = (cause: unknown): object =>
  cause === undefined ? {} : { cause: { code: errorCodeOf(cause), message: redactedMessage(cause) } };

/** A JSON object for each entry, one a line, written before the call returns; without credentials. */
export const createPinoLog = (out: DestinationStream): ((entry: Entry) => void) => {
  const logger = pino(
    {
      level: 'debug',
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      messageKey: 'message',
    },
    out,
  );
  return ({ level, message, cause, ...rest }) =>
    logger[level]({ ...rest, ...causeOf(cause) }, redact(message));
};
