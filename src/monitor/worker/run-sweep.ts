import { TaskSet } from '../../async/task-set.js';
import type { DeviceSettings } from '../../config/settings.js';
import { AppError } from '../../ports/app-error.js';
import type { Dependencies } from '../record/dependencies.js';
import type { IncidentStore } from '../record/incident-store.js';
import type { CheckOutcome } from '../record/outcome.js';
import type { MaybeAsync } from '../record/sweep-watch.js';
import type { ReferenceCache } from '../references/reference-cache.js';
import { checkMessage } from '../sweeps/sweep-messages.js';
import { SweepStore } from '../sweeps/sweep-store.js';
import { allDevices, interleaved } from '../text/device-selection.js';
import { cameraPath, listed } from '../text/wording.js';
import { MessageHandler } from './message-handler.js';

/** How often the queue is polled when all that is left waits for its next attempt. */
const POLL_MS = 1_000;

const givenUp = (missing: readonly DeviceSettings[], reasons: readonly string[]): AppError =>
  new AppError(
    'work_given_up',
    `Not checked: ${listed(missing.map(cameraPath))}. ${listed([...new Set(reasons)])}`,
    'See work_deferred in the log for the reason.',
  );

/**
 * Checks every camera once, as `serve` does, but from a private queue: other programs neither take its messages nor report
 * its results, and an interrupted sweep leaves nothing for them to do. Returns the outcomes in the order of the settings.
 * AppError `work_given_up` for cameras that could not be checked, and the store's own after an outage of 90 s.
 */
export const runSweep = async (
  shared: Dependencies,
  references: ReferenceCache,
  incidents: IncidentStore,
  onOutcome: (outcome: CheckOutcome) => MaybeAsync,
  signal: AbortSignal,
): Promise<CheckOutcome[]> => {
  const { queue, notes } = shared.openPrivateQueue();
  const { settings, clock } = shared;
  const outcomes = new Map<DeviceSettings, CheckOutcome>();
  const failing = new AbortController();
  const until = AbortSignal.any([signal, failing.signal]);
  const worker = new MessageHandler({
    ...{ references, incidents, deps: { ...shared, queue }, sweeps: new SweepStore(notes) },
    checkWithinMs: Infinity,
    tell: () => undefined,
    watch: {
      outcome: async (outcome) => {
        await onOutcome(outcome);
        outcomes.set(outcome.device, outcome);
      },
    },
    onOutage: (fault) => failing.abort(fault),
  });
  const checks = new TaskSet((reason) => failing.abort(reason));
  const devices = interleaved(settings);
  const scheduledAt = new Date(clock.nowMs()).toISOString();
  try {
    await queue.send(
      devices.map((device) => checkMessage(scheduledAt, device)),
      until,
    );
    for (;;) {
      for (const taken of await queue.take(settings.concurrency - checks.size, 0, until))
        checks.add(worker.handle(taken, until));
      if (checks.size > 0) await checks.one();
      else if ((await queue.depth(until)).waiting > 0) await clock.sleep(POLL_MS, until);
      else break;
    }
    until.throwIfAborted();
    const missing = devices.filter((device) => !outcomes.has(device));
    if (missing.length > 0)
      throw givenUp(
        missing,
        (await queue.dead(until)).map(({ reason }) => reason),
      );
  } finally {
    await checks.settled();
  }
  return allDevices(settings).flatMap((device) => outcomes.get(device) ?? []);
};
