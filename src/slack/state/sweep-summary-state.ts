import { z } from 'zod';
import type { ObjectStore } from '../../ports/object-store.js';
import { stateKey, SUMMARIES } from '../../state/object-layout.js';
import type { CheckOutcome } from '../../monitor/record/outcome.js';
import { excessOf } from '../../monitor/record/severity-ranking.js';
import { messageClaimShape, messageIdShape } from '../messages/message-claim.js';
import { SharedState } from '../../state/shared-document.js';
import { cameraPath } from '../../monitor/text/wording.js';

/** One camera in a sweep's summary. */
const sweptShape = z
  .object({
    /** `deployment/camera`. */
    camera: z.string(),
    verdict: z.enum(['ok', 'drifted', 'unmeasured']),
    /** One line for people, its icon first. */
    line: z.string(),
    failureCode: z.string().nullable(),
    /** The same fault was reported for the whole deployment before. */
    repeated: z.boolean(),
    /** Its largest offset as a multiple of its threshold. */
    excess: z.number(),
    /** UTC ISO-8601, when the capture was taken or given up. */
    at: z.string(),
  })
  .readonly();
export type SweptCamera = z.infer<typeof sweptShape>;

/** One sweep. All programs that take part in it share this document, named by the time the sweep was scheduled for. */
const summaryShape = z
  .object({
    schema: z.literal('sweep-summary/1'),
    scheduledForMs: z.number(),
    startedAtMs: z.number(),
    /** How many cameras the sweep has. */
    total: z.number(),
    cameras: z.record(z.string(), sweptShape).readonly(),
    /** When the last result came. */
    changedAtMs: z.number(),
    /** Null while it runs. */
    tookMs: z.number().nullable(),
    /** How many results came after its end. */
    lateChanges: z.number(),
    message: messageIdShape.nullable(),
    /** Of the program that keeps the message up to date. */
    claim: messageClaimShape.nullable(),
    /** How much of it the message shows, see {@link stepOf}; −1: nothing. */
    shownStep: z.number(),
  })
  .readonly();
export type SweepSummary = z.infer<typeof summaryShape>;

/** How often a summary is edited while its sweep runs, whatever the number of cameras. */
const PROGRESS_EDITS = 6;
/** The first step of a finished sweep. */
export const FINAL = 1_000;

export const begun = (scheduledForMs: number, startedAtMs: number, total: number): SweepSummary => ({
  ...{ schema: 'sweep-summary/1', scheduledForMs, startedAtMs, total, cameras: {}, changedAtMs: startedAtMs },
  ...{ tookMs: null, lateChanges: 0, message: null, claim: null, shownStep: -1 },
});

export const sweptOf = (outcome: CheckOutcome): SweptCamera => {
  const { device, verdict, line, failureCode, repeated, row } = outcome;
  const camera = cameraPath(device);
  return { camera, verdict, line, failureCode, repeated, excess: excessOf(outcome), at: row.timestamp };
};

/** Of two results of a camera, `camera_busy` counts less; otherwise the later one wins. */
const isBetter = (fresh: SweptCamera, known: SweptCamera | undefined): boolean => {
  if (known === undefined) return true;
  const isBusy = ({ failureCode }: SweptCamera): boolean => failureCode === 'camera_busy';
  return isBusy(known) === isBusy(fresh) ? fresh.at > known.at : isBusy(known);
};

/** Adds results. */
export const merged = (state: SweepSummary, fresh: readonly SweptCamera[], nowMs: number): SweepSummary => {
  const better = fresh.filter((camera) => isBetter(camera, state.cameras[camera.camera]));
  if (better.length === 0) return state;
  const cameras = {
    ...state.cameras,
    ...Object.fromEntries(better.map((camera) => [camera.camera, camera])),
  };
  return {
    ...state,
    cameras,
    changedAtMs: nowMs,
    lateChanges: state.lateChanges + (state.tookMs === null ? 0 : 1),
  };
};

/** Ends it with the results that there are. */
export const ended = (state: SweepSummary, tookMs: number): SweepSummary =>
  state.tookMs === null ? { ...state, tookMs } : state;

/** How much there is to show: steps of progress, from {@link FINAL} on the finished sweep. */
export const stepOf = ({ cameras, total, tookMs, lateChanges }: SweepSummary): number =>
  tookMs === null
    ? Math.min(
        PROGRESS_EDITS,
        Math.floor((Object.keys(cameras).length / Math.max(1, total)) * (PROGRESS_EDITS + 1)),
      )
    : FINAL + lateChanges;

const keyOf = (scheduledForMs: number): string =>
  stateKey(SUMMARIES, new Date(scheduledForMs).toISOString().replaceAll(':', '-'));

/** The sweeps of the last days. */
export class SummaryStore {
  private readonly states: SharedState<SweepSummary | null>;

  constructor(private readonly store: ObjectStore) {
    this.states = new SharedState<SweepSummary | null>(store, summaryShape, null);
  }

  of(scheduledForMs: number): Promise<SweepSummary | null> {
    return this.states.of(keyOf(scheduledForMs));
  }

  /** Applies a pure change; `first` begins a sweep that is not in the store yet, and is written even when unchanged. */
  async begin(
    scheduledForMs: number,
    first: SweepSummary,
    change: (state: SweepSummary) => SweepSummary,
  ): Promise<{ before: SweepSummary | null; after: SweepSummary }> {
    let after = first;
    const { before } = await this.states.update(
      keyOf(scheduledForMs),
      (state) => (after = change(state ?? first)),
    );
    return { before, after };
  }

  /** Applies a pure change, as {@link SharedState.update}, to a sweep in the store. */
  update(
    scheduledForMs: number,
    change: (state: SweepSummary) => SweepSummary | null,
  ): Promise<{ before: SweepSummary | null; after: SweepSummary | null }> {
    return this.states.update(keyOf(scheduledForMs), (state) => (state === null ? null : change(state)));
  }

  async all(): Promise<SweepSummary[]> {
    const states = await this.states.below(SUMMARIES);
    return [...states.values()].filter((state) => state !== null);
  }

  /** Where the summaries of the last hours were posted; null when none was. */
  async channelId(): Promise<string | null> {
    return (await this.all()).map(({ message }) => message?.channel).find((id) => id !== undefined) ?? null;
  }

  async forget(scheduledForMs: number): Promise<void> {
    await this.store.delete(keyOf(scheduledForMs));
  }
}
