import { z } from 'zod';
import { AppError } from '../../ports/app-error.js';
import type { DeadWork } from '../../ports/work-queue.js';
import { stateKey, TOLD_WORK } from '../../state/object-layout.js';
import { deviceNamed } from '../text/device-selection.js';
import { SharedState } from '../../state/shared-document.js';
import { cameraPath, listed } from '../text/wording.js';
import { parseMessage } from '../sweeps/sweep-messages.js';
import { report, type SweepContext } from '../sweeps/sweep-context.js';

/** `batch`: key of the message that reports it, with others. */
const REPORT = z.object({ batch: z.string(), atMs: z.number(), isTold: z.boolean() });
/** A dead letter's report, shared by the fleet. */
type Report = z.output<typeof REPORT>;

const reportedKey = ({ id }: DeadWork): string => stateKey(TOLD_WORK, id);
/** A program that noted it but did not report it within this time was killed. */
const REPORTING_MS = 120_000;

const nameOf = (context: SweepContext, { body }: DeadWork): string => {
  const message = parseMessage(body);
  if (message === null) return `a queue message (${body.slice(0, 60)})`;
  if (message.kind === 'sweep') return `the sweep of ${message.scheduledAt}`;
  const device = deviceNamed(context.deps.settings, message);
  const camera = device === null ? `${message.deploymentName}/${message.deviceId}` : cameraPath(device);
  return `the check of ${camera} for ${message.scheduledAt}`;
};

/** The sweep must not wait for a camera that nobody checks any more. */
const countAsDone = async (context: SweepContext, work: DeadWork): Promise<void> => {
  const message = parseMessage(work.body);
  if (message?.kind !== 'check') return;
  const device = deviceNamed(context.deps.settings, message);
  if (device !== null) await context.sweeps.markDone(message.scheduledAt, device);
};

const givenUp = (context: SweepContext, works: readonly DeadWork[]): AppError => {
  const reasons = [...new Set(works.map(({ reason }) => reason))];
  return new AppError(
    'work_given_up',
    `Gave up on ${listed(works.map((work) => nameOf(context, work)))}. ${listed(reasons)}`,
    'The next sweep checks these cameras again. See work_deferred in the log for the reason; the messages stay in the dead-letter queue until you delete them.',
  );
};

/** Claims dead letters that nobody reported, or whose reporter was killed; grouped by the key of their message. */
const untold = async (
  { deps }: SweepContext,
  told: SharedState<Report | null>,
  works: readonly DeadWork[],
): Promise<Map<string, DeadWork[]>> => {
  const nowMs = deps.clock.nowMs();
  const batch = `${deps.identity.self}/${nowMs}`;
  const batches = new Map<string, DeadWork[]>();
  for (const work of works) {
    const { before, after } = await told.update(reportedKey(work), (known) => {
      if (known === null) return { batch, atMs: nowMs, isTold: false };
      return known.isTold || nowMs - known.atMs < REPORTING_MS ? null : { ...known, atMs: nowMs };
    });
    if (after === null || after === before) continue;
    batches.set(after.batch, [...(batches.get(after.batch) ?? []), work]);
  }
  return batches;
};

/** Reports dead letters once, from whichever program is alive; they stay in the queue for inspection. */
export const reportDeadLetters = async (context: SweepContext, signal: AbortSignal): Promise<void> => {
  const { store, queue } = context.deps;
  const told = new SharedState<Report | null>(store, REPORT, null);
  for (const [batch, works] of await untold(context, told, await queue.dead(signal))) {
    for (const work of works) await countAsDone(context, work);
    await report(context, givenUp(context, works), batch);
    for (const work of works)
      await told.update(reportedKey(work), (known) => known && { ...known, isTold: true });
  }
};
