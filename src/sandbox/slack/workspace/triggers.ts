import type { Clock } from '../../../ports/clock.js';
import { newId } from './ids.js';
import { SlackError } from './slack-error.js';

/** How long after a click or command the app can open a modal. */
const TRIGGER_MS = 3_000;
const RESPONSE_URL_MS = 30 * 60_000;
const RESPONSE_URL_USES = 5;

/** Where the answers to a command or click appear. */
export interface ResponseTarget {
  readonly userId: string;
  readonly channelId: string;
  readonly threadTs: string | null;
  /** The clicked message, which `replace_original` replaces. */
  readonly messageTs: string | null;
}

/** What each command or click permits for a time: one modal, five answers. */
export class Triggers {
  readonly #clock: Clock;
  readonly #triggers = new Map<string, { userId: string; untilMs: number; used: boolean }>();
  readonly #targets = new Map<string, { target: ResponseTarget; untilMs: number; uses: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  newTrigger(userId: string): string {
    const nowMs = this.#clock.nowMs();
    const id = `${nowMs}.${newId('', 12).toLowerCase()}`;
    this.#triggers.set(id, { userId, untilMs: nowMs + TRIGGER_MS, used: false });
    return id;
  }

  /** The person the trigger belongs to. SlackErrors: `invalid_trigger_id`, `expired_trigger_id`, `exchanged_trigger_id`. */
  redeem(id: string): string {
    const trigger = this.#triggers.get(id);
    if (trigger === undefined) throw new SlackError('invalid_trigger_id');
    if (this.#clock.nowMs() > trigger.untilMs) throw new SlackError('expired_trigger_id');
    if (trigger.used) throw new SlackError('exchanged_trigger_id');
    trigger.used = true;
    return trigger.userId;
  }

  newResponseUrl(baseUrl: string, target: ResponseTarget): string {
    const id = newId('', 24);
    this.#targets.set(id, { target, untilMs: this.#clock.nowMs() + RESPONSE_URL_MS, uses: 0 });
    return `${baseUrl}/actions/${id}`;
  }

  /** SlackErrors: `invalid_url`, `expired_url`, `used_url`. */
  useResponseUrl(id: string): ResponseTarget {
    const entry = this.#targets.get(id);
    if (entry === undefined) throw new SlackError('invalid_url');
    if (this.#clock.nowMs() > entry.untilMs) throw new SlackError('expired_url');
    if (entry.uses >= RESPONSE_URL_USES) throw new SlackError('used_url');
    entry.uses += 1;
    return entry.target;
  }
}
