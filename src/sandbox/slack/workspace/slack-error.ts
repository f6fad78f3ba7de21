import type { JsonObject } from './json.js';

/** A refusal in Slack's own words: what goes out as `{ ok: false, error: code, … }`. */
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

/** The refusal of blocks or arguments, with one message a fault. */
export const faultsError = (code: string, faults: readonly string[]): SlackError =>
  new SlackError(code, {
    ...(code === 'invalid_blocks' ? { errors: faults } : {}),
    response_metadata: { messages: faults.map((fault) => `[ERROR] ${fault}`) },
  });
