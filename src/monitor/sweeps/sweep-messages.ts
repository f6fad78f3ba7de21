import { z } from 'zod';

/** EventBridge Scheduler omits milliseconds; two spellings must not make two sweeps. */
const time = z.iso.datetime({ offset: true }).transform((text) => new Date(text).toISOString());

/** `scheduled_at` names a sweep: its scheduled time, UTC ISO-8601. */
const MESSAGE = z
  .discriminatedUnion('type', [
    z.object({ type: z.literal('sweep'), scheduled_at: time }),
    z.object({
      type: z.literal('check'),
      scheduled_at: time,
      deployment_name: z.string(),
      device_id: z.string(),
    }),
  ])
  .transform((message) => {
    const { type: kind, scheduled_at: scheduledAt } = message;
    if (kind === 'sweep') return { kind, scheduledAt };
    return { kind, scheduledAt, deploymentName: message.deployment_name, deviceId: message.device_id };
  });
export type SweepMessage = z.output<typeof MESSAGE>;

/** The scheduler's message; EventBridge Scheduler substitutes its time for `scheduledAt`. */
export const sweepMessage = (scheduledAt: string): string =>
  JSON.stringify({ type: 'sweep', scheduled_at: scheduledAt });

export const checkMessage = (
  scheduledAt: string,
  device: { readonly deploymentName: string; readonly deviceId: string },
): string =>
  JSON.stringify({
    type: 'check',
    scheduled_at: scheduledAt,
    deployment_name: device.deploymentName,
    device_id: device.deviceId,
  });

/** Null for any other message. */
export const parseMessage = (body: string): SweepMessage | null => {
  try {
    return MESSAGE.safeParse(JSON.parse(body)).data ?? null;
  } catch {
    return null; // not JSON
  }
};
