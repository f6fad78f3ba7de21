/** What operators count and measure; every call is cheap and never fails. */
export interface Metrics {
  /** One check of a camera came to its end. */
  checked(check: { readonly verdict: string; readonly mode: string; readonly tookMs: number }): void;
  /** A camera was taken from the queue so long after its sweep was due. */
  taken(ageMs: number): void;
  /** A sweep ended, UTC milliseconds. */
  swept(sweep: { readonly endedAtMs: number; readonly tookMs: number; readonly cameras: number }): void;
  /** How much work waits, is under way, and was given up. */
  queued(depth: { readonly waiting: number; readonly taken: number; readonly dead: number }): void;
  /** In the text format of Prometheus. */
  text(): Promise<string>;
}
