import type { Workspace } from '../workspace/workspace.js';

/** Calls `find` now and after every change of the workspace; rejects after `timeoutMs` of real time. */
export const waitUntil = <T>(
  workspace: Workspace,
  find: () => T | undefined | null | false,
  timeoutMs: number,
): Promise<T> =>
  new Promise((resolve, reject) => {
    const look = (): void => {
      try {
        const found = find();
        if (found !== undefined && found !== null && found !== false) end(() => resolve(found));
      } catch (fault) {
        end(() => reject(fault instanceof Error ? fault : new Error(String(fault))));
      }
    };
    const unwatch = workspace.watch(look);
    // Some of what is waited for (an acknowledgement, a call) changes nothing that is shown.
    const polling = setInterval(look, 20);
    const deadline = setTimeout(
      () => end(() => reject(new Error(`not within ${timeoutMs} ms: ${find.toString().slice(0, 200)}`))),
      timeoutMs,
    );
    const end = (settle: () => void): void => {
      unwatch();
      clearInterval(polling);
      clearTimeout(deadline);
      settle();
    };
    look();
  });
