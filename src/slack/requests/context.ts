import type { DeviceSettings, Settings } from '../../config/settings.js';
import type { IncidentStore } from '../../monitor/record/incident-store.js';
import type { LogEntry, Product } from '../../monitor/product.js';
import type { SiteStore, SweepsStore } from '../state/outage-state.js';
import type { SummaryStore } from '../state/sweep-summary-state.js';
import type { Clock } from '../../ports/clock.js';
import type { ObjectStore } from '../../ports/object-store.js';
import type { MessageQueue, Pace } from '../api/message-queue.js';
import type { Checks } from './check-requests.js';
import type { Deliveries } from '../api/delivery-dedup.js';
import type { FleetView } from '../state/fleet-view.js';
import type { IncidentDesk } from '../messages/incident-messages.js';
import type { OpenReplies } from '../messages/pending-replies.js';
import type { Outbox } from '../messages/notices.js';
import type { OutageDesk } from '../messages/outage-messages.js';
import type { Permissions } from './permissions.js';
import type { References } from './reference-requests.js';
import type { SweepTeller } from '../messages/sweep-messages.js';
import type { SlackWeb } from '../api/slack-client.js';

/** What everything below src/slack may use of the product and of Slack. */
export interface SlackDeps {
  readonly product: Product;
  readonly settings: Settings;
  /** That is told, as devices.yaml names it. */
  readonly channel: string;
  readonly store: ObjectStore;
  readonly clock: Clock;
  readonly log: (entry: LogEntry) => void;
  readonly incidents: IncidentStore;
  readonly sites: SiteStore;
  readonly sweeps: SweepsStore;
  readonly summaries: SummaryStore;
  readonly web: SlackWeb;
  readonly queue: MessageQueue;
  readonly pace: Pace;
  readonly openReplies: OpenReplies;
  readonly outbox: Outbox;
  /** Names this run of the program among all that share the store. */
  readonly owner: string;
  /** Aborted when the app ends. */
  readonly signal: AbortSignal;
  /** The owner again when that run of the program is known to have ended, else null. */
  goneOwner(owner: string): Promise<string | null>;
  /** Of {@link channel}; its name while nothing was ever posted there. */
  channelId(): Promise<string>;
  /** Whether the camera or its whole site is silenced now. */
  isSilenced(device: DeviceSettings): Promise<boolean>;
}

/** What listeners are given. */
export interface SlackContext extends SlackDeps {
  readonly deliveries: Deliveries;
  readonly sweepTeller: SweepTeller;
  readonly desk: IncidentDesk;
  readonly outages: OutageDesk;
  readonly checks: Checks;
  readonly references: References;
  readonly permissions: Permissions;
  readonly fleet: FleetView;
  /** Work that goes on after a listener has answered; its failure is told to the one who asked, or logged. */
  background(work: () => Promise<void>, onFault: (told: string) => Promise<void>): void;
}
