import { z } from 'zod';
import type { CameraName } from '../capture/spool.js';
import { AppError } from '../ports/app-error.js';
import type { ObjectStore } from '../ports/object-store.js';
import { CALM, type CameraState } from './incident.js';
import { incidentKey, INCIDENTS } from './object-keys.js';

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
      resolvedAtMs: z.number().nullable(),
      notes: z.array(attribution.extend({ text: z.string() })),
      message: z.object({ channel: z.string(), ts: z.string() }).nullable(),
      posting: z.object({ owner: z.string(), untilMs: z.number() }).nullable(),
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

/** How often a write that others were quicker with is tried again. */
const MAX_TRIES = 20;

const parse = (body: Buffer, key: string): CameraState => {
  try {
    return stateShape.parse(JSON.parse(body.toString('utf8')));
  } catch (cause) {
    throw new AppError(
      'state_unreadable',
      `The state ${key} in the store cannot be read.`,
      'Delete it: what is known of the incident of this camera is then forgotten, its results are not.',
      cause,
    );
  }
};

/**
 * What is known of each camera's incident, kept in the object store: programs that share the store share it, and it
 * outlives them. Every change is one compare-and-swap, done again on what others wrote meanwhile.
 */
export class IncidentStore {
  constructor(private readonly store: ObjectStore) {}

  async of(camera: CameraName): Promise<CameraState> {
    const key = incidentKey(camera);
    const found = await this.store.get(key);
    return found === null ? CALM : parse(found.body, key);
  }

  /** Applies a pure change; a change that answers null or the very state it was given writes nothing. */
  async update(
    camera: CameraName,
    change: (state: CameraState) => CameraState | null,
  ): Promise<{ before: CameraState; after: CameraState }> {
    const key = incidentKey(camera);
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const found = await this.store.get(key);
      const before = found === null ? CALM : parse(found.body, key);
      const after = change(before);
      if (after === null || after === before) return { before, after: before };
      const condition = found === null ? ({ ifAbsent: true } as const) : { ifMatch: found.etag };
      const written = await this.store.put(key, Buffer.from(JSON.stringify(after)), condition);
      if (written !== null) return { before, after };
    }
    throw new AppError(
      'state_contended',
      `The state ${key} in the store changed ${MAX_TRIES} times while it was being written.`,
      'Try again; look for a program that writes it in a loop if this repeats.',
    );
  }

  /** The states of all cameras that ever had one, by `deployment/camera`. */
  async all(): Promise<Map<string, CameraState>> {
    const keys = (await this.store.list(INCIDENTS)).filter((key) => key.endsWith('.json'));
    const states = await Promise.all(
      keys.map(async (key): Promise<[string, CameraState]> => {
        const found = await this.store.get(key);
        const camera = key.slice(INCIDENTS.length, -'.json'.length);
        return [camera, found === null ? CALM : parse(found.body, key)];
      }),
    );
    return new Map(states);
  }
}
