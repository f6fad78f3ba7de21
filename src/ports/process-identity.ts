/** Says whether the run that took a lease is still alive. */
export interface ProcessIdentity {
  /** Identifies this run on this host; changes with every start. */
  readonly self: string;
  /** False when that run has ended; null when it was on another host, where this one cannot tell. */
  isAlive(identity: string): Promise<boolean | null>;
}
