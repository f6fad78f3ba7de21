import { z } from 'zod';
import type { CameraName } from '../../ports/camera-name.js';
import type { ObjectStore } from '../../ports/object-store.js';
import { CALM, type CameraState } from './incident.js';
import { incidentKey, INCIDENTS } from '../../state/object-layout.js';
import { SharedState } from '../../state/shared-document.js';

const finding = z.object({
  at: z.string(),
  verdict: z.enum(['ok', 'drifted', 'unmeasured']),
  largestDeg: z.number().nullable(),
  thresholdDeg: z.number(),
  told: z.string(),
  advice: z.string(),
  pictureLocation: z.string().nullable(),
});
const attribution = z.object({ by: z.string(), atMs: z.number() });
const stateShape = z.object({
  schema: z.literal('camera-state/1'),
  incident: z
    .object({
      openedAtMs: z.number(),
      first: finding,
      latest: finding,
      repeats: z.number(),
      unmeasured: finding.nullable(),
      acknowledged: attribution.nullable(),
      remindedAtMs: z.number().nullable(),
      reminder: z.string().nullable(),
      resolvedAtMs: z.number().nullable(),
      notes: z.array(attribution.extend({ text: z.string() })),
      message: z.object({ channel: z.string(), ts: z.string() }).nullable(),
      reposts: z.number(),
      shown: z.string().nullable(),
      replies: z.array(z.object({ change: z.enum(['repeated', 'resolved', 'unmeasured']), finding })),
      posting: z.object({ owner: z.string(), untilMs: z.number(), sinceMs: z.number() }).nullable(),
      picture: z.object({ fileId: z.string(), of: z.string() }).nullable(),
    })
    .nullable(),
  silence: attribution.extend({ untilMs: z.number() }).nullable(),
  job: z
    .object({
      kind: z.enum(['check', 'active', 'reference']),
      by: z.string(),
      owner: z.string(),
      startedAtMs: z.number(),
      untilMs: z.number(),
    })
    .nullable(),
});

/** The incident of each camera, shared by all programs on the store. */
export class IncidentStore {
  private readonly states: SharedState<CameraState>;

  constructor(store: ObjectStore) {
    this.states = new SharedState(store, stateShape, CALM);
  }

  of(camera: CameraName): Promise<CameraState> {
    return this.states.of(incidentKey(camera));
  }

  update(
    camera: CameraName,
    change: (state: CameraState) => CameraState | null,
  ): Promise<{ before: CameraState; after: CameraState }> {
    return this.states.update(incidentKey(camera), change);
  }

  /** The states of all cameras that ever had an incident, by `deployment/camera`. */
  async all(): Promise<Map<string, CameraState>> {
    const states = await this.states.below(INCIDENTS);
    return new Map([...states].map(([key, state]) => [key.slice(INCIDENTS.length, -'.json'.length), state]));
  }
}
