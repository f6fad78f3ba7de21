import { AppError } from '../../ports/app-error.js';
import type { DeadWork } from '../../ports/work-queue.js';
import { parseMessage } from './sweep-messages.js';
import type { SweepStore } from './sweep-store.js';
import type { WorkerDeps } from './worker-deps.js';

const toldKey = ({ id }: DeadWork): string => `_state/queue/told/${id}`;

const nameOf = (work: DeadWork): string => {
  const message = parseMessage(work.body);
  if (message === null) return `A message of the queue (${work.body.slice(0, 60)})`;
  return message.kind === 'sweep'
    ? `The sweep of ${message.scheduledAt}`
    : `The check of ${message.deploymentName}/${message.deviceId} for ${message.scheduledAt}`;
};

const scheduledForMs = (work: DeadWork, nowMs: number): number => {
  const message = parseMessage(work.body);
  return message === null ? nowMs : Date.parse(message.scheduledAt);
};

/** Its sweep does not wait for a camera that nobody checks any more. */
const countAsDone = async ({ deps }: WorkerDeps, sweeps: SweepStore, work: DeadWork): Promise<void> => {
  const message = parseMessage(work.body);
  if (message?.kind !== 'check') return;
  const { deploymentName, deviceId, scheduledAt } = message;
  const device = deps.settings.deployments
    .flatMap(({ devices }) => devices)
    .find((each) => each.deploymentName === deploymentName && each.deviceId === deviceId);
  if (device !== undefined) await sweeps.markDone(scheduledAt, device);
};

/** Work that was given up is told once, by one program; it stays where it is for people to look at. */
export const tellDeadWork = async (
  about: WorkerDeps,
  sweeps: SweepStore,
  signal: AbortSignal,
): Promise<void> => {
  const { deps, tell, watch } = about;
  for (const work of await deps.queue.dead(signal)) {
    const etag = await deps.store.put(toldKey(work), Buffer.from(work.body), { ifAbsent: true }, signal);
    if (etag === null) continue;
    await countAsDone(about, sweeps, work);
    const fault = new AppError(
      'work_given_up',
      `${nameOf(work)} was given up: ${work.reason}`,
      'Look into the log of that time; the message lies in the dead-letter queue.',
    );
    deps.log({ level: 'error', event: fault.code, message: fault.message });
    watch.failed?.(fault, scheduledForMs(work, deps.clock.nowMs()));
    tell(`⚠️ ${fault.message} ${fault.remedy}`);
  }
};
