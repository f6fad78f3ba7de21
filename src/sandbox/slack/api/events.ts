import type { JsonObject } from '../workspace/json.js';
import type { Office } from './web-method.js';
import { eventPayload } from './payloads.js';
import type { Delivery } from './socket-mode.js';

/** Waits before an unacknowledged event is sent again. */
const RETRY_AFTER_MS = [0, 60_000, 300_000] as const;

/** False when the workspace was closed meanwhile. */
const slept = (office: Office, waitMs: number, signal: AbortSignal): Promise<boolean> =>
  office.workspace.clock.sleep(waitMs, signal).then(
    () => true,
    (fault: unknown) => {
      if (signal.aborted) return false;
      throw fault;
    },
  );

/** Sends an event until the app acknowledges it; null when the app has not subscribed to it. */
export const sendEvent = async (
  office: Office,
  subscription: string,
  event: JsonObject,
  signal: AbortSignal,
): Promise<Delivery | null> => {
  if (!office.manifest.botEvents.includes(subscription)) return null;
  const payload = eventPayload(office, event);
  let delivery = await office.sockets.deliver('events_api', payload);
  for (const [index, waitMs] of RETRY_AFTER_MS.entries()) {
    if (delivery.outcome === 'acked' || signal.aborted) break;
    const reason = delivery.outcome === 'timeout' ? 'timeout' : 'connection_failed';
    if (waitMs > 0 && !(await slept(office, waitMs, signal))) break;
    delivery = await office.sockets.deliver('events_api', payload, { attempt: index + 1, reason });
  }
  return delivery;
};
