import { z } from 'zod';
import type { ObjectStore } from '../../ports/object-store.js';
import type { Attribution, MessageId } from '../../monitor/record/incident.js';
import { deploymentKey, SWEEPS_KEY } from '../../state/object-layout.js';
import { messageClaimShape, messageIdShape, type MessageClaim } from '../messages/message-claim.js';
import { SharedState } from '../../state/shared-document.js';

/** A deployment none of whose cameras can be reached. */
export interface Outage {
  readonly code: string;
  readonly sinceMs: number;
  /** What went wrong, for people. */
  readonly told: string;
  readonly message: MessageId | null;
  readonly posting: MessageClaim | null;
  /** Since when it can be reached again; the outage is forgotten once the message says so. */
  readonly endedAtMs: number | null;
}

export interface SiteState {
  readonly silence: (Attribution & { readonly untilMs: number }) | null;
  readonly outage: Outage | null;
}

/** The sweeps as all programs on one store know them. */
export interface SweepsState {
  /** When the last sweep ended; null: none yet. */
  readonly finishedAtMs: number | null;
  /** The end of the sweep after which the next one was reported late; null: not reported. */
  readonly lateReportedForMs: number | null;
  /** The day (`2026-01-31`, in the time zone of the settings) whose digest was posted. */
  readonly digestDay: string | null;
}

const siteShape = z.object({
  silence: z.object({ by: z.string(), atMs: z.number(), untilMs: z.number() }).nullable(),
  outage: z
    .object({
      code: z.string(),
      sinceMs: z.number(),
      told: z.string(),
      message: messageIdShape.nullable(),
      posting: messageClaimShape.nullable(),
      endedAtMs: z.number().nullable(),
    })
    .nullable(),
});
const sweepsShape = z.object({
  finishedAtMs: z.number().nullable(),
  lateReportedForMs: z.number().nullable(),
  digestDay: z.string().nullable(),
});

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
