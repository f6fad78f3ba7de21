import type { Workspace } from './workspace/workspace.js';

/** Calls `find` now and after every change of the workspace; rejects after `timeoutMs` of real time. */
export const waitUntil = <T>(
  workspace: Workspace,
  find: () => T | undefined | null | false,
  timeoutMs: number,
): Promise<T> =>
  new Promise((resolve, reject) => {
    const check = (): void => {
      try {
        const found = find();
        if (found !== undefined && found !== null && found !== false) end(() => resolve(found));
      } catch (fault) {
        end(() => reject(fault instanceof Error ? fault : new Error(String(fault))));
      }
    };
    const unwatch = workspace.watch(check);
    // Some of what tests wait for (an acknowledgement, a call) changes nothing in the workspace.
    const polling = setInterval(check, 20);
    const deadline = setTimeout(
      () =>
        end(() => reject(new Error(`Not found within ${timeoutMs} ms: ${find.toString().slice(0, 200)}`))),
      timeoutMs,
    );
    const end = (settle: () => void): void => {
      unwatch();
      clearInterval(polling);
      clearTimeout(deadline);
      settle();
    };
    check();
  });
