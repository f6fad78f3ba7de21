/**
 * Runs something that heeds a signal, and gives up on it when one of the signals aborts (rejecting with its reason) or when
 * time is up (rejecting with what `late` makes). What is given up on is told through its signal.
 */
export const withinDeadline = async <T>(
  limits: {
    readonly timeoutMs: number;
    readonly signals: readonly AbortSignal[];
    readonly late: () => Error;
  },
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  for (const signal of limits.signals) signal.throwIfAborted();
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(limits.late()), limits.timeoutMs);
  const onAbort = (event: Event): void => controller.abort((event.target as AbortSignal).reason);
  for (const signal of limits.signals) signal.addEventListener('abort', onAbort, { once: true });
  const givenUp = new Promise<never>((_, reject) =>
    controller.signal.addEventListener('abort', () => reject(controller.signal.reason as Error)),
  );
  try {
    return await Promise.race([run(controller.signal), givenUp]);
  } catch (fault) {
    controller.signal.throwIfAborted();
    throw fault;
  } finally {
    clearTimeout(timer);
    for (const signal of limits.signals) signal.removeEventListener('abort', onAbort);
  }
};

/** Waits for what cannot be aborted itself no longer than until the signal aborts; rejects with its reason then. */
export const orAborted = <T>(work: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise<T>((resolve, reject) => {
    const abort = (): void => {
      const reason: unknown = signal.reason;
      reject(reason instanceof Error ? reason : new Error(String(reason)));
    };
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
