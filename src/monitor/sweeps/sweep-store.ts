import pLimit from 'p-limit';
import { z } from 'zod';
import { timestampKey, type CameraName } from '../../ports/camera-name.js';
import type { ObjectStore } from '../../ports/object-store.js';
import { parseCheckRecord, type CheckRecord } from '../record/check-record.js';
import type { FinishedCheck } from '../check/finish-check.js';
import { SharedState } from '../../state/shared-document.js';

/** One sweep as all programs know it. */
export interface SweepNote {
  readonly scheduledAt: string;
  readonly startedAtMs: number;
  /** How many cameras it checks; 0 before it is begun. */
  readonly total: number;
  /** Whether there is a message for each camera. */
  readonly isSpread: boolean;
  readonly isFinished: boolean;
  /** When messages that were lost were sent once more; 0: never. */
  readonly resentAtMs: number;
}

/** What one camera's check of a sweep came to: everything that is needed to write its row and to tell it. */
export interface CheckNote {
  readonly record: CheckRecord;
  readonly hasFrames: boolean;
  readonly hasPicture: boolean;
  readonly repeated: boolean;
}

/** What is written down of a check before its row is written. */
export const noteOf = (
  { record, manifest, repeated }: Pick<FinishedCheck, 'record' | 'manifest' | 'repeated'>,
  hasPicture: boolean,
): CheckNote => ({ record, repeated, hasPicture, hasFrames: manifest !== null });

/** What became of each camera. */
const SWEPT = '_state/swept/';
/** The sweeps themselves, apart from their thousands of cameras: they are looked through every minute. */
const SWEEPS = '_state/sweeps/';
const DELETES_AT_ONCE = 16;

const SWEEP: z.ZodType<SweepNote> = z.object({
  scheduledAt: z.string(),
  startedAtMs: z.number(),
  total: z.number(),
  isSpread: z.boolean(),
  isFinished: z.boolean(),
  resentAtMs: z.number(),
});
const UNBEGUN: SweepNote = {
  scheduledAt: '',
  startedAtMs: 0,
  total: 0,
  isSpread: false,
  isFinished: false,
  resentAtMs: 0,
};

const CHECK = z.object({
  record: z.unknown(),
  hasFrames: z.boolean(),
  hasPicture: z.boolean(),
  repeated: z.boolean(),
});

const prefixOf = (scheduledAt: string): string => `${SWEPT}${timestampKey(Date.parse(scheduledAt))}`;
const sweepKey = (scheduledAt: string): string => `${SWEEPS}${timestampKey(Date.parse(scheduledAt))}.json`;
const placeOf = ({ deploymentName, cameraName }: CameraName): string =>
  `${deploymentName}/${cameraName}.json`;
const checkKey = (scheduledAt: string, camera: CameraName): string =>
  `${prefixOf(scheduledAt)}/checks/${placeOf(camera)}`;
const doneKey = (scheduledAt: string, camera: CameraName): string =>
  `${prefixOf(scheduledAt)}/done/${placeOf(camera)}`;

const parsed = (body: Buffer): CheckNote | null => {
  const { data } = CHECK.safeParse(JSON.parse(body.toString('utf8')));
  const record = data === undefined ? null : parseCheckRecord(JSON.stringify(data.record));
  return data === undefined || record === null ? null : { ...data, record };
};

/** What is known of the sweeps, in the store: each camera counts once, whoever checks it and however often. */
export class SweepStore {
  private readonly sweeps: SharedState<SweepNote>;

  constructor(readonly store: ObjectStore) {
    this.sweeps = new SharedState(store, SWEEP, UNBEGUN);
  }

  of(scheduledAt: string): Promise<SweepNote> {
    return this.sweeps.of(sweepKey(scheduledAt));
  }

  /** Begins the sweep, unless somebody did; answers what is known before and after. */
  begin(
    scheduledAt: string,
    about: Pick<SweepNote, 'startedAtMs' | 'total'>,
  ): Promise<{ before: SweepNote; after: SweepNote }> {
    return this.sweeps.update(sweepKey(scheduledAt), (note) =>
      note.total > 0 ? null : { ...note, ...about, scheduledAt },
    );
  }

  async markSpread(scheduledAt: string): Promise<void> {
    await this.sweeps.update(sweepKey(scheduledAt), (note) => ({ ...note, isSpread: true }));
  }

  /** When its lost messages were sent once more: `nowMs` for the one who is to send them. */
  async claimResending(scheduledAt: string, nowMs: number): Promise<number> {
    const { after } = await this.sweeps.update(sweepKey(scheduledAt), (note) =>
      note.resentAtMs > 0 ? null : { ...note, resentAtMs: nowMs },
    );
    return after.resentAtMs;
  }

  async markFinished(scheduledAt: string): Promise<void> {
    await this.sweeps.update(sweepKey(scheduledAt), (note) => ({ ...note, isFinished: true }));
  }

  /** The sweeps that were begun and not finished. */
  async unfinished(): Promise<SweepNote[]> {
    const notes = await this.sweeps.below(SWEEPS);
    return [...notes.values()].filter(({ total, isFinished }) => total > 0 && !isFinished);
  }

  /** Writes down what the camera's check came to; false when another check was sooner. */
  async commit(scheduledAt: string, camera: CameraName, note: CheckNote): Promise<boolean> {
    const key = checkKey(scheduledAt, camera);
    const etag = await this.store.put(key, Buffer.from(JSON.stringify(note)), { ifAbsent: true });
    if (etag !== null) return true;
    const kept = await this.committed(scheduledAt, camera);
    return kept?.record.row.timestamp === note.record.row.timestamp;
  }

  async committed(scheduledAt: string, camera: CameraName): Promise<CheckNote | null> {
    const found = await this.store.get(checkKey(scheduledAt, camera));
    return found === null ? null : parsed(found.body);
  }

  /** Row written and told: nobody needs to look at it any more. */
  async markDone(scheduledAt: string, camera: CameraName): Promise<void> {
    await this.store.put(doneKey(scheduledAt, camera), Buffer.from('{}'));
  }

  async isDone(scheduledAt: string, camera: CameraName): Promise<boolean> {
    return (await this.store.get(doneKey(scheduledAt, camera))) !== null;
  }

  async doneCount(scheduledAt: string): Promise<number> {
    return (await this.store.list(`${prefixOf(scheduledAt)}/done/`)).length;
  }

  /** Those of the cameras that are not done. */
  async missing<Camera extends CameraName>(
    scheduledAt: string,
    cameras: readonly Camera[],
  ): Promise<Camera[]> {
    const done = new Set(await this.store.list(`${prefixOf(scheduledAt)}/done/`));
    return cameras.filter((camera) => !done.has(doneKey(scheduledAt, camera)));
  }

  /** Forgets sweeps before a time; answers how many objects that were. */
  async clear(beforeMs: number): Promise<number> {
    const limit = pLimit(DELETES_AT_ONCE);
    let cleared = 0;
    // The sweeps themselves last: what is left of a clearing that was broken off is cleared the next time.
    for (const prefix of [SWEPT, SWEEPS]) {
      const before = `${prefix}${timestampKey(beforeMs)}`;
      const old = (await this.store.list(prefix)).filter((key) => key < before);
      await Promise.all(old.map((key) => limit(() => this.store.delete(key))));
      cleared += old.length;
    }
    return cleared;
  }
}
