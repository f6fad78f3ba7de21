import { randomInt } from 'node:crypto';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

/** An id like Slack's: a letter for its kind and ten more characters. */
export const newId = (kind: string, length = 10): string =>
  kind + Array.from({ length }, () => LETTERS[randomInt(LETTERS.length)]).join('');

/** Message timestamps: seconds and six digits, unique and increasing. */
export class Timestamps {
  #lastMs = 0;
  #count = 0;

  next(nowMs: number): string {
    const ms = Math.max(nowMs, this.#lastMs);
    this.#count = ms === this.#lastMs ? this.#count + 1 : 0;
    // A thousand messages within one millisecond move on to the next one.
    this.#lastMs = this.#count > 999 ? ms + 1 : ms;
    if (this.#count > 999) this.#count = 0;
    const seconds = Math.floor(this.#lastMs / 1000);
    const micros = (this.#lastMs % 1000) * 1000 + this.#count;
    return `${seconds}.${String(micros).padStart(6, '0')}`;
  }
}
