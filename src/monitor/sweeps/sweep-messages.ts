import { z } from 'zod';

/** `scheduledAt` names a sweep: its scheduled time, UTC ISO-8601. */
export type SweepMessage =
  | { readonly kind: 'sweep'; readonly scheduledAt: string }
  | {
      readonly kind: 'check';
      readonly scheduledAt: string;
      readonly deploymentName: string;
      readonly deviceId: string;
    };

/** EventBridge Scheduler omits milliseconds; two spellings must not make two sweeps. */
const time = z.iso.datetime({ offset: true }).transform((text) => new Date(text).toISOString());

const MESSAGE = z.discriminatedUnion('type', [
  z.object({ type: z.literal('sweep'), scheduled_at: time }),
  z.object({
    type: z.literal('check'),
    scheduled_at: time,
    deployment_name: z.string(),
    device_id: z.string(),
  }),
]);

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
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return null;
  }
  const { data } = MESSAGE.safeParse(value);
  if (data === undefined) return null;
  const scheduledAt = data.scheduled_at;
  if (data.type === 'sweep') return { kind: 'sweep', scheduledAt };
  return { kind: 'check', scheduledAt, deploymentName: data.deployment_name, deviceId: data.device_id };
};
