/** What can go wrong with a virtual cluster, one thing at a time. */
export type KubeFault =
  /**
   * `refuse` lets nobody connect and cuts who is; `hang` accepts and never answers; `tokenExpired` accepts no token;
   * `notReady` has every pod run without being ready; `gone` has neither services nor pods; `portClosed` has nothing listen
   * inside the pods; `halfOpen` opens forwards that carry nothing and answer nothing, not even a ping.
   */
  | {
      readonly kind: 'refuse' | 'hang' | 'tokenExpired' | 'notReady' | 'gone' | 'portClosed' | 'halfOpen';
    }
  /** One permission is missing, as `create` on `pods/portforward`. */
  | { readonly kind: 'forbidden'; readonly verb: string; readonly resource: string }
  /** Forwards over which nothing has gone for so long are cut without a word. */
  | { readonly kind: 'idleCutOff'; readonly afterMs: number };
