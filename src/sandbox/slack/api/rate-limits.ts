/** Calls per minute that Slack grants one app for one method; `post` counts messages per channel instead. */
const TIERS = { post: 60, special: 300, tier2: 20, tier3: 50, tier4: 100 } as const;
export type Tier = keyof typeof TIERS;

/** Size of a burst of messages to a channel that was quiet before; then one message per second. */
const POST_BURST = 5;
const MINUTE_MS = 60_000;

/** Counts calls per method and messages per channel. */
export class RateLimits {
  /** False lets every call pass: for tests of something else. */
  enabled = true;
  readonly #calls = new Map<string, number[]>();
  readonly #posts = new Map<string, { left: number; atMs: number }>();

  /** Zero when the call may pass, else the seconds to wait before a retry. */
  retryAfterS(method: string, tier: Tier, channelId: string, nowMs: number): number {
    if (!this.enabled) return 0;
    const waitMs = tier === 'post' ? this.#post(channelId, nowMs) : this.#call(method, TIERS[tier], nowMs);
    return Math.ceil(waitMs / 1000);
  }

  #call(method: string, perMinute: number, nowMs: number): number {
    const recent = (this.#calls.get(method) ?? []).filter((atMs) => atMs > nowMs - MINUTE_MS);
    const first = recent[recent.length - perMinute];
    if (first === undefined) recent.push(nowMs);
    this.#calls.set(method, recent);
    return first === undefined ? 0 : first + MINUTE_MS - nowMs;
  }

  #post(channelId: string, nowMs: number): number {
    const bucket = this.#posts.get(channelId) ?? { left: POST_BURST, atMs: nowMs };
    const left = Math.min(POST_BURST, bucket.left + (nowMs - bucket.atMs) / 1000);
    const passes = left >= 1;
    this.#posts.set(channelId, { left: passes ? left - 1 : left, atMs: nowMs });
    return passes ? 0 : (1 - left) * 1000;
  }
}
