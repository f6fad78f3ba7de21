/**
 * Runs something that accepts a signal, and abandons it when one of the signals aborts (rejecting with its reason) or on
 * timeout (rejecting with what `late` returns). The signal passed to `run` aborts too.
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

/** Waits for something that cannot be aborted itself, but rejects with the signal's reason once that aborts. */
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
