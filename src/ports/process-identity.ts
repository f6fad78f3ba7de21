/** Tells whether the run of the program that claimed something still lives. */
export interface ProcessIdentity {
  /** Names this run on this host; another one after every start. */
  readonly self: string;
  /** False when that run has ended; null when it was on another host, so that nobody here can tell. */
  isAlive(identity: string): Promise<boolean | null>;
}
