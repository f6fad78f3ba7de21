import type { Deliveries } from '../api/delivery-dedup.js';
import type { IncidentMessages } from '../messages/incident-messages.js';
import type { Notices } from '../messages/notices.js';
import type { OutageMessages } from '../messages/outage-messages.js';
import type { PendingReplies } from '../messages/pending-replies.js';
import type { SweepMessages } from '../messages/sweep-messages.js';
import type { FleetView } from '../state/fleet-view.js';
import type { SlackDeps } from '../state/slack-deps.js';
import type { CheckRequests } from './check-requests.js';
import type { Permissions } from './permissions.js';
import type { ReferenceRequests } from './reference-requests.js';

/** What listeners and periodic tasks work with. */
export interface SlackContext extends SlackDeps {
  readonly deliveries: Deliveries;
  readonly notices: Notices;
  readonly pendingReplies: PendingReplies;
  readonly sweepMessages: SweepMessages;
  readonly incidentMessages: IncidentMessages;
  readonly outageMessages: OutageMessages;
  readonly checks: CheckRequests;
  readonly references: ReferenceRequests;
  readonly permissions: Permissions;
  readonly fleet: FleetView;
  /** Work that goes on after a listener has answered; `onFault` gets the text of its failure for the user. */
  background(work: () => Promise<void>, onFault: (text: string) => Promise<void>): void;
}
