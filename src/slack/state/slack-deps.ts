import type { DeviceSettings, Settings } from '../../config/settings.js';
import type { IncidentStore } from '../../monitor/record/incident-store.js';
import type { LogEntry, Product } from '../../monitor/product.js';
import type { ObjectStore } from '../../ports/object-store.js';
import type { MessageQueue, Pace } from '../api/message-queue.js';
import type { SlackClient } from '../api/slack-client.js';
import type { Claimant } from '../messages/message-claim.js';
import type { SiteStore, SweepsStore } from './outage-state.js';
import type { SummaryStore } from './sweep-summary-state.js';

/** What everything below src/slack may use of the product and of Slack. */
export interface SlackDeps extends Claimant {
  readonly product: Product;
  readonly settings: Settings;
  /** The channel for news, as devices.yaml names it. */
  readonly channel: string;
  readonly store: ObjectStore;
  readonly log: (entry: LogEntry) => void;
  readonly incidents: IncidentStore;
  readonly sites: SiteStore;
  readonly sweeps: SweepsStore;
  readonly summaries: SummaryStore;
  readonly web: SlackClient;
  readonly queue: MessageQueue;
  readonly pace: Pace;
  /** Aborted when the app ends. */
  readonly signal: AbortSignal;
  /** Whether the camera or its whole site is silenced now. */
  isSilenced(device: DeviceSettings): Promise<boolean>;
}
