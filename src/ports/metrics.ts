/** Metrics for operators; every call is cheap and never fails. */
export interface Metrics {
  /** A check of a camera ended. */
  checked(check: { readonly verdict: string; readonly mode: string; readonly tookMs: number }): void;
  /** A camera was taken from the queue this long after its sweep was due. */
  taken(ageMs: number): void;
  /** A sweep ended, UTC milliseconds. */
  swept(sweep: { readonly endedAtMs: number; readonly tookMs: number; readonly cameras: number }): void;
  /** The depth of the queue: waiting, in progress, dead. */
  queued(depth: { readonly waiting: number; readonly taken: number; readonly dead: number }): void;
  /** In the text format of Prometheus. */
  text(): Promise<string>;
}
