import pLimit from 'p-limit';
import { z } from 'zod';
import type { ObjectStore } from '../../ports/object-store.js';
import type { Dependencies } from '../record/dependencies.js';
import type { CameraState } from '../record/incident.js';
import { IncidentStore } from '../record/incident-store.js';
import { incidentKey, layerUseKey, LEASES, SWEPT_LEASES, TOLD_WORK } from '../../state/object-layout.js';
import { allDevices } from '../text/device-selection.js';
import { SharedState } from '../../state/shared-document.js';
import { SweepStore } from '../sweeps/sweep-store.js';
import { cameraPath } from '../text/wording.js';

const KEY = '_state/housekeeping.json';
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Notes of sweeps are useful for two periods of the schedule. */
const SWEEPS_MS = 2 * DAY_MS;
/** Queues keep dead letters for 14 days; remember longer that they were reported. */
const REPORTED_MS = 21 * DAY_MS;
/** A lease lasts 90 s: the owner of an older one is long gone. */
const LEASES_MS = DAY_MS;
/** The state of a camera removed from the settings: it may come back. */
const CAMERAS_MS = 90 * DAY_MS;
const CALLS_AT_ONCE = 16;

const DONE = z.object({ atMs: z.number() });
const DATED = z.object({ atMs: z.number().optional(), expiresAtMs: z.number().optional() });

type CleanupDeps = Pick<Dependencies, 'store' | 'clock' | 'settings' | 'log'>;

/** When a small document was written or expired; 0 when it has neither. */
const dateOf = (body: Buffer): number => {
  try {
    const { atMs, expiresAtMs } = DATED.parse(JSON.parse(body.toString('utf8')));
    return atMs ?? expiresAtMs ?? 0;
  } catch {
    return 0; // not one of our documents
  }
};

const dropDated = async (store: ObjectStore, prefix: string, beforeMs: number): Promise<number> => {
  const limit = pLimit(CALLS_AT_ONCE);
  const drop = async (key: string): Promise<number> => {
    const found = await store.get(key);
    if (found === null || dateOf(found.body) >= beforeMs) return 0;
    await store.delete(key);
    return 1;
  };
  const keys = await store.list(prefix);
  const dropped = await Promise.all(keys.map((key) => limit(() => drop(key))));
  return dropped.reduce((sum, each) => sum + each, 0);
};

const lastChangeMs = ({ incident, silence, job }: CameraState): number =>
  Math.max(
    incident?.openedAtMs ?? 0,
    incident?.resolvedAtMs ?? 0,
    Date.parse(incident?.latest.at ?? '') || 0,
    silence?.untilMs ?? 0,
    job?.untilMs ?? 0,
  );

/** Deletes the state of cameras that were removed from the settings and have not changed for long. */
const dropCameras = async ({ store, settings }: CleanupDeps, beforeMs: number): Promise<number> => {
  const named = new Set(allDevices(settings).map(cameraPath));
  let dropped = 0;
  for (const [camera, state] of await new IncidentStore(store).all()) {
    if (named.has(camera) || lastChangeMs(state) >= beforeMs) continue;
    const [deploymentName = '', cameraName = ''] = camera.split('/');
    await store.delete(layerUseKey({ deploymentName, cameraName }));
    await store.delete(incidentKey({ deploymentName, cameraName }));
    dropped += 1;
  }
  return dropped;
};

/** Deletes obsolete state from the store: once a day, by whichever program comes first. */
export class StateCleanup {
  private readonly done: SharedState<z.output<typeof DONE>>;
  private nextLookMs = 0;

  constructor(private readonly deps: CleanupDeps) {
    this.done = new SharedState(deps.store, DONE, { atMs: 0 });
  }

  /** Call it periodically; cheap when there is nothing to do. AppErrors of the store. */
  async runIfDue(): Promise<void> {
    const nowMs = this.deps.clock.nowMs();
    if (nowMs < this.nextLookMs) return;
    const { before, after } = await this.done.update(KEY, ({ atMs }) =>
      nowMs - atMs < DAY_MS ? null : { atMs: nowMs },
    );
    this.nextLookMs = nowMs + HOUR_MS;
    if (after !== before) await this.clear(nowMs);
  }

  private async clear(nowMs: number): Promise<void> {
    const { store, log } = this.deps;
    const dropped =
      (await new SweepStore(store).clear(nowMs - SWEEPS_MS)) +
      (await dropDated(store, TOLD_WORK, nowMs - REPORTED_MS)) +
      (await dropDated(store, LEASES, nowMs - LEASES_MS)) +
      (await dropDated(store, SWEPT_LEASES, nowMs - LEASES_MS)) +
      (await dropCameras(this.deps, nowMs - CAMERAS_MS));
    const message = `Deleted ${dropped} obsolete objects below _state/ in the store.`;
    if (dropped > 0) log({ level: 'info', event: 'housekeeping', message });
  }
}
