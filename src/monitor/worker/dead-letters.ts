import { z } from 'zod';
import { AppError } from '../../ports/app-error.js';
import type { DeadWork } from '../../ports/work-queue.js';
import { stateKey, TOLD_WORK } from '../../state/object-layout.js';
import { deviceNamed } from '../text/device-selection.js';
import { SharedState } from '../../state/shared-document.js';
import { cameraPath, listed } from '../text/wording.js';
import { parseMessage } from '../sweeps/sweep-messages.js';
import { report, type WorkerDeps } from '../sweeps/sweep-context.js';

/** What was given up, as the programs of the fleet know it. */
interface ToldWork {
  /** Of all that is told with it, in one message. */
  readonly batch: string;
  readonly atMs: number;
  readonly isTold: boolean;
}

const TOLD = z.object({ batch: z.string(), atMs: z.number(), isTold: z.boolean() });
const toldKey = ({ id }: DeadWork): string => stateKey(TOLD_WORK, id);
/** Whoever has noted it and not told it within this time was killed. */
const TELLING_MS = 120_000;

const nameOf = (about: WorkerDeps, { body }: DeadWork): string => {
  const message = parseMessage(body);
  if (message === null) return `a message of the queue (${body.slice(0, 60)})`;
  if (message.kind === 'sweep') return `the sweep of ${message.scheduledAt}`;
  const device = deviceNamed(about.deps.settings, message);
  const camera = device === null ? `${message.deploymentName}/${message.deviceId}` : cameraPath(device);
  return `the check of ${camera} for ${message.scheduledAt}`;
};

/** Its sweep does not wait for a camera that nobody checks any more. */
const countAsDone = async (about: WorkerDeps, work: DeadWork): Promise<void> => {
  const message = parseMessage(work.body);
  if (message?.kind !== 'check') return;
  const device = deviceNamed(about.deps.settings, message);
  if (device !== null) await about.sweeps.markDone(message.scheduledAt, device);
};

const givenUp = (about: WorkerDeps, works: readonly DeadWork[]): AppError => {
  const reasons = [...new Set(works.map(({ reason }) => reason))];
  return new AppError(
    'work_given_up',
    `Given up: ${listed(works.map((work) => nameOf(about, work)))}. ${listed(reasons)}`,
    'The next sweep checks its cameras anew. The log says at work_deferred what went wrong; what was given up stays in the dead-letter queue until somebody deletes it.',
  );
};

/** Notes what nobody has noted or who did was killed at telling; by the name of the message that is to tell it. */
const untold = async (
  { deps }: WorkerDeps,
  told: SharedState<ToldWork | null>,
  works: readonly DeadWork[],
): Promise<Map<string, DeadWork[]>> => {
  const nowMs = deps.clock.nowMs();
  const batch = `${deps.identity.self}/${nowMs}`;
  const batches = new Map<string, DeadWork[]>();
  for (const work of works) {
    const { before, after } = await told.update(toldKey(work), (known) => {
      if (known === null) return { batch, atMs: nowMs, isTold: false };
      return known.isTold || nowMs - known.atMs < TELLING_MS ? null : { ...known, atMs: nowMs };
    });
    if (after === null || after === before) continue;
    batches.set(after.batch, [...(batches.get(after.batch) ?? []), work]);
  }
  return batches;
};

/** Work that was given up is told once, whichever program lives to do it; it stays where it is for people to look at. */
export const tellDeadWork = async (about: WorkerDeps, signal: AbortSignal): Promise<void> => {
  const { store, queue } = about.deps;
  const told = new SharedState<ToldWork | null>(store, TOLD, null);
  for (const [batch, works] of await untold(about, told, await queue.dead(signal))) {
    for (const work of works) await countAsDone(about, work);
    await report(about, givenUp(about, works), batch);
    for (const work of works)
      await told.update(toldKey(work), (known) => known && { ...known, isTold: true });
  }
};
