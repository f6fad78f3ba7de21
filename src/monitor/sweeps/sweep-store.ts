import pLimit from 'p-limit';
import { z } from 'zod';
import { timestampKey, type CameraName } from '../../ports/camera-name.js';
import type { ObjectStore } from '../../ports/object-store.js';
import { parseCheckRecord, type CheckRecord } from '../record/check-record.js';
import type { FinishedCheck } from '../check/finish-check.js';
import { SharedState } from '../../state/shared-document.js';

const SWEEP = z
  .object({
    scheduledAt: z.string(),
    startedAtMs: z.number(),
    /** How many cameras it checks; 0 before it starts. */
    total: z.number(),
    /** Whether the message of each camera was sent. */
    isSent: z.boolean(),
    isFinished: z.boolean(),
    /** When lost messages were sent again; 0 means never. */
    resentAtMs: z.number(),
  })
  .readonly();
/** One sweep, shared by all programs. */
export type SweepNote = z.output<typeof SWEEP>;

/** The result of one camera in a sweep: all that is needed to write its row and to report it. */
export interface CheckNote {
  readonly record: CheckRecord;
  readonly hasFrames: boolean;
  readonly hasPicture: boolean;
  readonly repeated: boolean;
}

/** The note of a check, written before its row. */
export const noteOf = (
  { record, manifest, repeated }: Pick<FinishedCheck, 'record' | 'manifest' | 'repeated'>,
  hasPicture: boolean,
): CheckNote => ({ record, repeated, hasPicture, hasFrames: manifest !== null });

/**
 * One note per camera, written once before its row, so that any program can complete it; and one empty mark when it is
 * done, so that a listing counts them without reading.
 */
const SWEPT = '_state/swept/';
/** One document per sweep, apart from its thousands of cameras: all unfinished ones are read every minute. */
const SWEEPS = '_state/sweeps/';
const DELETES_AT_ONCE = 16;

const UNBEGUN: SweepNote = {
  scheduledAt: '',
  startedAtMs: 0,
  total: 0,
  isSent: false,
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

/** The sweeps in the store: each camera counts once, whoever checks it and however often. */
export class SweepStore {
  private readonly sweeps: SharedState<SweepNote>;

  constructor(readonly store: ObjectStore) {
    this.sweeps = new SharedState(store, SWEEP, UNBEGUN);
  }

  of(scheduledAt: string): Promise<SweepNote> {
    return this.sweeps.of(sweepKey(scheduledAt));
  }

  /** Starts the sweep unless someone has; returns the notes before and after. */
  begin(
    scheduledAt: string,
    about: Pick<SweepNote, 'startedAtMs' | 'total'>,
  ): Promise<{ before: SweepNote; after: SweepNote }> {
    return this.sweeps.update(sweepKey(scheduledAt), (note) =>
      note.total > 0 ? null : { ...note, ...about, scheduledAt },
    );
  }

  async markSent(scheduledAt: string): Promise<void> {
    await this.sweeps.update(sweepKey(scheduledAt), (note) => ({ ...note, isSent: true }));
  }

  /** Claims sending lost messages again, once per sweep: returns `nowMs` to the claimant, else the earlier time. */
  async claimResending(scheduledAt: string, nowMs: number): Promise<number> {
    const { after } = await this.sweeps.update(sweepKey(scheduledAt), (note) =>
      note.resentAtMs > 0 ? null : { ...note, resentAtMs: nowMs },
    );
    return after.resentAtMs;
  }

  async markFinished(scheduledAt: string): Promise<void> {
    await this.sweeps.update(sweepKey(scheduledAt), (note) => ({ ...note, isFinished: true }));
  }

  /** The sweeps that have started and not finished. */
  async unfinished(): Promise<SweepNote[]> {
    const notes = await this.sweeps.below(SWEEPS);
    return [...notes.values()].filter(({ total, isFinished }) => total > 0 && !isFinished);
  }

  /** Writes the note of the camera's check; false when another check was first. */
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

  /** Row written and reported: nothing left to do. */
  async markDone(scheduledAt: string, camera: CameraName): Promise<void> {
    await this.store.put(doneKey(scheduledAt, camera), Buffer.from('{}'));
  }

  async isDone(scheduledAt: string, camera: CameraName): Promise<boolean> {
    return (await this.store.get(doneKey(scheduledAt, camera))) !== null;
  }

  async doneCount(scheduledAt: string): Promise<number> {
    return (await this.store.list(`${prefixOf(scheduledAt)}/done/`)).length;
  }

  /** The cameras that are not done. */
  async missing<Camera extends CameraName>(
    scheduledAt: string,
    cameras: readonly Camera[],
  ): Promise<Camera[]> {
    const done = new Set(await this.store.list(`${prefixOf(scheduledAt)}/done/`));
    return cameras.filter((camera) => !done.has(doneKey(scheduledAt, camera)));
  }

  /** Deletes sweeps before a time; returns the number of objects. */
  async clear(beforeMs: number): Promise<number> {
    const limit = pLimit(DELETES_AT_ONCE);
    let cleared = 0;
    // The sweeps last: an interrupted cleanup continues the next time.
    for (const prefix of [SWEPT, SWEEPS]) {
      const before = `${prefix}${timestampKey(beforeMs)}`;
      const old = (await this.store.list(prefix)).filter((key) => key < before);
      await Promise.all(old.map((key) => limit(() => this.store.delete(key))));
      cleared += old.length;
    }
    return cleared;
  }
}
