/**
 * Aborts after a time with a TimeoutError, as the built-in one does; but lasts until then whatever happens. Node 20 collects
 * a built-in timeout signal that only an AbortSignal.any listens to, and the deadline never comes.
 */
export const timeoutSignal = (timeoutMs: number): AbortSignal => {
  const controller = new AbortController();
  const timer = setTimeout(
    () => controller.abort(new DOMException(`Timed out after ${timeoutMs} ms.`, 'TimeoutError')),
    timeoutMs,
  );
  timer.unref();
  return controller.signal;
};
