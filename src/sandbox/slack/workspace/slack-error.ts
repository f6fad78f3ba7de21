import type { JsonObject } from './json.js';

/** An error of the Web API, sent as `{ ok: false, error: code, … }`. */
export class SlackError extends Error {
  override readonly name = 'SlackError';
  constructor(
    /** Slack's error code, as `channel_not_found`. */
    readonly code: string,
    /** Further members of the answer, as `needed` and `provided`. */
    readonly details: JsonObject = {},
  ) {
    super(code);
  }
}

/** The error for invalid blocks or arguments, with a message for each fault. */
export const faultsError = (code: string, faults: readonly string[]): SlackError =>
  new SlackError(code, {
    ...(code === 'invalid_blocks' ? { errors: faults } : {}),
    response_metadata: { messages: faults.map((fault) => `[ERROR] ${fault}`) },
  });
