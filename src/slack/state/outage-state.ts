import { z } from 'zod';
import type { ObjectStore } from '../../ports/object-store.js';
import { deploymentKey, SWEEPS_KEY } from '../../state/object-layout.js';
import { messageClaimShape, messageIdShape } from '../messages/message-claim.js';
import { SharedState } from '../../state/shared-document.js';

/** A deployment none of whose cameras can be reached. */
const outageShape = z
  .object({
    code: z.string(),
    sinceMs: z.number(),
    /** What went wrong, for people. */
    reason: z.string(),
    message: messageIdShape.nullable(),
    posting: messageClaimShape.nullable(),
    /** Since when it can be reached again; the outage is forgotten once the message says so. */
    endedAtMs: z.number().nullable(),
  })
  .readonly();
export type Outage = z.infer<typeof outageShape>;

const siteShape = z
  .object({
    silence: z.object({ by: z.string(), atMs: z.number(), untilMs: z.number() }).readonly().nullable(),
    outage: outageShape.nullable(),
  })
  .readonly();
export type SiteState = z.infer<typeof siteShape>;

/** The sweeps as all programs on one store know them. */
const sweepsShape = z
  .object({
    /** When the last sweep ended; null: none yet. */
    finishedAtMs: z.number().nullable(),
    /** The end of the sweep after which the next one was reported late; null: not reported. */
    lateReportedForMs: z.number().nullable(),
    /** The day (`2026-01-31`, in the time zone of the settings) whose digest was posted. */
    digestDay: z.string().nullable(),
  })
  .readonly();
export type SweepsState = z.infer<typeof sweepsShape>;

/** States of whole deployments. */
export class SiteStore {
  private readonly states: SharedState<SiteState>;

  constructor(store: ObjectStore) {
    this.states = new SharedState<SiteState>(store, siteShape, { silence: null, outage: null });
  }

  of(deploymentName: string): Promise<SiteState> {
    return this.states.of(deploymentKey(deploymentName));
  }

  update(
    deploymentName: string,
    change: (state: SiteState) => SiteState | null,
  ): Promise<{ before: SiteState; after: SiteState }> {
    return this.states.update(deploymentKey(deploymentName), change);
  }
}

/** The state of the sweeps. */
export class SweepsStore {
  private readonly states: SharedState<SweepsState>;

  constructor(store: ObjectStore) {
    this.states = new SharedState<SweepsState>(store, sweepsShape, {
      finishedAtMs: null,
      lateReportedForMs: null,
      digestDay: null,
    });
  }

  read(): Promise<SweepsState> {
    return this.states.of(SWEEPS_KEY);
  }

  update(
    change: (state: SweepsState) => SweepsState | null,
  ): Promise<{ before: SweepsState; after: SweepsState }> {
    return this.states.update(SWEEPS_KEY, change);
  }
}
