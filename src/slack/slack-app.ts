import { App, SocketModeReceiver } from '@slack/bolt';
import type { Settings } from '../config/settings.js';
import { isSilenced } from '../monitor/record/incident.js';
import { IncidentStore } from '../monitor/record/incident-store.js';
import type { LogEntry, Product } from '../monitor/product.js';
import type { SweepWatch } from '../monitor/record/sweep-watch.js';
import { SiteStore, SweepsStore } from './state/outage-state.js';
import { SummaryStore } from './state/sweep-summary-state.js';
import { AppError } from '../ports/app-error.js';
import type { Clock } from '../ports/clock.js';
import type { ObjectStore } from '../ports/object-store.js';
import type { ProcessIdentity } from '../ports/process-identity.js';
import { boltLogger } from './api/bolt-logger.js';
import { MessageQueue, SLACK_PACE, type Pace } from './api/message-queue.js';
import { CheckRequests } from './requests/check-requests.js';
import { TaskSet } from '../async/task-set.js';
import { orAborted } from '../async/deadline.js';
import type { SlackContext } from './requests/context.js';
import type { SlackDeps } from './state/slack-deps.js';
import { Deliveries } from './api/delivery-dedup.js';
import { hasCode, slackFault } from './api/slack-errors.js';
import { FleetView } from './state/fleet-view.js';
import { BOT_SCOPES } from './api/ids.js';
import { registerListeners } from './listeners/register.js';
import { IncidentMessages } from './messages/incident-messages.js';
import { PendingReplies } from './messages/pending-replies.js';
import { Notices } from './messages/notices.js';
import { OutageMessages } from './messages/outage-messages.js';
import { Permissions } from './requests/permissions.js';
import { ReferenceRequests } from './requests/reference-requests.js';
import { SweepObserver } from './sweep-observer.js';
import { SweepMessages } from './messages/sweep-messages.js';
import { PeriodicTasks } from './periodic-tasks.js';
import { slackClientOf } from './api/slack-client.js';

interface SlackAppDeps {
  readonly product: Product;
  readonly slack: NonNullable<Settings['slack']>;
  /** The product's store, which also holds incidents and the state of messages. */
  readonly store: ObjectStore;
  readonly clock: Clock;
  readonly log: (entry: LogEntry) => void;
  /** Names this run of the program among all that share the store, and knows which of the others have ended. */
  readonly identity: ProcessIdentity;
  /** Default: within Slack's rate limits; tests go faster. */
  readonly pace?: Pace;
}

/** The product in Slack. */
export interface SlackApp {
  /** Reports sweeps in Slack; before the connection is up, messages wait. */
  readonly watch: SweepWatch;
  /**
   * Connects; retries while Slack cannot be reached. AppErrors `slack_token` and `slack_scope` need a person to fix the
   * setup; an aborted signal rejects with its reason.
   */
  start(signal: AbortSignal): Promise<void>;
  /** Resolves when all reports of sweeps are posted and all requests of people are done. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

const CALL_TIMEOUT_MS = 20_000;
const RECONNECT_MS = 30_000;
/** How long the client waits for a pong, and before it reconnects; about once an hour, clicks are lost for so long. */
const PING_TIMEOUT_MS = 2_000;
/** Distinct waits, each longer than the one before; the client computes all of them at every call. */
const WAITS = 15;

const createBolt = ({ slack, log }: SlackAppDeps): App => {
  const logger = boltLogger(log);
  const address = slack.apiUrl === null ? {} : { slackApiUrl: slack.apiUrl };
  // Reconnecting must be retried forever: when the client gives up, the program ends.
  const retryConfig = { forever: true, retries: WAITS, factor: 1.3, maxTimeout: RECONNECT_MS };
  const receiver = new SocketModeReceiver({
    appToken: slack.appToken,
    logger,
    clientPingTimeout: PING_TIMEOUT_MS,
    installerOptions: { clientOptions: { ...address, retryConfig, timeout: CALL_TIMEOUT_MS } },
  });
  return new App({
    token: slack.botToken,
    receiver,
    logger,
    deferInitialization: true,
    // MessageQueue handles rate limits; the client would delay everybody's calls.
    clientOptions: {
      ...address,
      rejectRateLimitedCalls: true,
      retryConfig: { retries: 1 },
      timeout: CALL_TIMEOUT_MS,
    },
  });
};

class BoltSlackApp implements SlackApp {
  private readonly closing = new AbortController();
  private readonly tasks = new TaskSet((fault) => this.logFault(fault));
  private readonly bolt: App;
  private readonly context: SlackContext;
  private readonly observer: SweepObserver;
  private periodicTasks: Promise<void> = Promise.resolve();
  private isConnected = false;

  constructor(private readonly deps: SlackAppDeps) {
    this.bolt = createBolt(deps);
    const base = this.baseDeps();
    const { store, clock, web } = base;
    const fleet = new FleetView(base);
    const incidentMessages = new IncidentMessages(base);
    const parts = {
      ...{ fleet, incidentMessages },
      outageMessages: new OutageMessages(base),
      sweepMessages: new SweepMessages(base),
      notices: new Notices(base),
    };
    this.observer = new SweepObserver(base, parts);
    this.context = {
      ...{ ...base, ...parts },
      pendingReplies: new PendingReplies(base),
      deliveries: new Deliveries(store, clock),
      checks: new CheckRequests(base, incidentMessages, fleet),
      references: new ReferenceRequests(base, incidentMessages),
      permissions: new Permissions(web, clock),
      background: (work, onFault) => this.background(work, onFault),
    };
  }

  get watch(): SweepWatch {
    return this.observer.watch;
  }

  private baseDeps(): SlackDeps {
    const { product, slack, store, clock, log, identity, pace = SLACK_PACE } = this.deps;
    const { self: owner } = identity;
    const { signal } = this.closing;
    const web = slackClientOf(this.bolt.client, slackFault);
    const [incidents, sites] = [new IncidentStore(store), new SiteStore(store)];
    const [sweeps, summaries] = [new SweepsStore(store), new SummaryStore(store)];
    return {
      ...{ product, store, clock, log, owner, signal, incidents, sites, sweeps, summaries, web, pace },
      settings: product.settings,
      channel: slack.channel,
      queue: new MessageQueue(web, clock, pace, signal),
      goneOwner: async (other) => ((await identity.isAlive(other)) === false ? other : null),
      channelId: async () => (await summaries.channelId()) ?? slack.channel,
      isSilenced: async (device) => {
        const states = [await incidents.of(device), await sites.of(device.deploymentName)];
        return states.some((state) => isSilenced(state, clock.nowMs()));
      },
    };
  }

  async start(signal: AbortSignal): Promise<void> {
    const { bolt, context } = this;
    registerListeners(bolt, context);
    bolt.error(async (cause) => this.logFault(cause));
    await this.connect(AbortSignal.any([signal, this.closing.signal]));
    this.inBackground(() => this.warnOfScopes());
    // So that the first person who opens the Home tab need not wait for the table.
    this.inBackground(async () => void (await context.fleet.cameras()));
    this.periodicTasks = new PeriodicTasks(context).run();
  }

  /** At the start, not only when the first upload fails. */
  private async warnOfScopes(): Promise<void> {
    const granted = await this.context.web.scopes();
    const lacking = BOT_SCOPES.filter((scope) => !granted.includes(scope));
    if (lacking.length === 0) return;
    const message = `The Slack app lacks the scope ${lacking.join(', ')}. Update the app from manifest.json and reinstall it.`;
    this.deps.log({ level: 'error', event: 'slack_scope', message });
  }

  private async connect(signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      try {
        await this.bolt.init();
        await orAborted(this.bolt.start(), signal);
        this.isConnected = true;
        return;
      } catch (cause) {
        const fault = slackFault(cause);
        if (!hasCode(fault, 'slack_unreachable')) throw fault;
        const message = `${fault.message} Retrying.`;
        this.deps.log({ level: 'warn', event: 'slack_unreachable', message, cause });
        await this.deps.clock.sleep(RECONNECT_MS, signal);
      }
    }
  }

  private background(work: () => Promise<void>, onFault: (text: string) => Promise<void>): void {
    this.tasks.add(work().catch((fault: unknown) => this.reportFault(fault, onFault)));
  }

  /** Nobody asked for it, so that a failure is only logged. */
  private inBackground(work: () => Promise<void>): void {
    this.background(work, async (message) => {
      this.deps.log({ level: 'warn', event: 'slack_background', message });
    });
  }

  private async reportFault(fault: unknown, onFault: (text: string) => Promise<void>): Promise<void> {
    if (this.closing.signal.aborted) return;
    if (fault instanceof AppError) return onFault(`⚠️ ${fault.message} ${fault.remedy}`);
    this.logFault(fault);
    await onFault('⚠️ That failed unexpectedly. See the program’s log for details.');
  }

  private logFault(cause: unknown): void {
    const message = cause instanceof Error ? cause.message : String(cause);
    this.deps.log({ level: 'error', event: 'slack_fault', message: `Slack: ${message}`, cause });
  }

  async settled(): Promise<void> {
    await this.tasks.settled();
    await this.observer.settled();
    await this.context.incidentMessages.pictured();
  }

  async close(): Promise<void> {
    this.closing.abort(new Error('the Slack app ends'));
    if (this.isConnected) await this.bolt.stop();
    await Promise.all([this.periodicTasks, this.settled()]);
    await this.context.sweepMessages.leave();
    if (this.isConnected) await this.context.pendingReplies.leave();
  }
}

/** Does nothing until it is started. */
export const createSlackApp = (deps: SlackAppDeps): SlackApp => new BoltSlackApp(deps);
