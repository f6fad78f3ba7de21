import type { DeviceSettings } from '../../config/settings.js';
import { AppError } from '../../ports/app-error.js';
import type { DeadWork } from '../../ports/work-queue.js';
import { allDevices } from '../select-devices.js';
import { cameraPath, listed } from '../words.js';
import { parseMessage } from './sweep-messages.js';
import type { SweepStore } from './sweep-store.js';
import { report, type WorkerDeps } from './worker-deps.js';

const toldKey = ({ id }: DeadWork): string => `_state/queue/told/${id}`;

type Named = { readonly deploymentName: string; readonly deviceId: string };

const deviceOf = ({ deps }: WorkerDeps, { deploymentName, deviceId }: Named): DeviceSettings | undefined =>
  allDevices(deps.settings).find(
    (each) => each.deploymentName === deploymentName && each.deviceId === deviceId,
  );

const nameOf = (about: WorkerDeps, { body }: DeadWork): string => {
  const message = parseMessage(body);
  if (message === null) return `a message of the queue (${body.slice(0, 60)})`;
  if (message.kind === 'sweep') return `the sweep of ${message.scheduledAt}`;
  const device = deviceOf(about, message);
  const camera = device === undefined ? `${message.deploymentName}/${message.deviceId}` : cameraPath(device);
  return `the check of ${camera} for ${message.scheduledAt}`;
};

/** Its sweep does not wait for a camera that nobody checks any more. */
const countAsDone = async (about: WorkerDeps, sweeps: SweepStore, work: DeadWork): Promise<void> => {
  const message = parseMessage(work.body);
  if (message?.kind !== 'check') return;
  const device = deviceOf(about, message);
  if (device !== undefined) await sweeps.markDone(message.scheduledAt, device);
};

const givenUp = (about: WorkerDeps, works: readonly DeadWork[]): AppError => {
  const reasons = [...new Set(works.map(({ reason }) => reason))];
  return new AppError(
    'work_given_up',
    `Given up: ${listed(works.map((work) => nameOf(about, work)))}. ${listed(reasons)}`,
    'The next sweep checks its cameras anew. The log says at work_deferred what went wrong; what was given up stays in the dead-letter queue until somebody deletes it.',
  );
};

/** Work that was given up is told once, by one program; it stays where it is for people to look at. */
export const tellDeadWork = async (
  about: WorkerDeps,
  sweeps: SweepStore,
  signal: AbortSignal,
): Promise<void> => {
  const { store, queue } = about.deps;
  const untold: DeadWork[] = [];
  try {
    for (const work of await queue.dead(signal)) {
      const etag = await store.put(toldKey(work), Buffer.from(work.body), { ifAbsent: true }, signal);
      if (etag === null) continue;
      untold.push(work);
      await countAsDone(about, sweeps, work);
    }
  } finally {
    // What is noted as told is told, whatever becomes of the rest.
    if (untold.length > 0) report(about, givenUp(about, untold));
  }
};
