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
import { Checks } from './requests/check-requests.js';
import type { SlackContext, SlackDeps } from './requests/context.js';
import { Deliveries } from './api/delivery-dedup.js';
import { slackFault } from './api/slack-errors.js';
import { FleetView } from './state/fleet-view.js';
import { BOT_SCOPES } from './api/ids.js';
import { IncidentDesk } from './messages/incident-messages.js';
import { register as registerActions } from './listeners/actions/index.js';
import { register as registerCommands } from './listeners/commands/index.js';
import { register as registerEvents } from './listeners/events/index.js';
import { register as registerShortcuts } from './listeners/shortcuts/index.js';
import { register as registerViews } from './listeners/views/index.js';
import { OpenReplies } from './messages/pending-replies.js';
import { Outbox } from './messages/notices.js';
import { OutageDesk } from './messages/outage-messages.js';
import { Permissions } from './requests/permissions.js';
import { References } from './requests/reference-requests.js';
import { SweepBoard } from './sweep-observer.js';
import { SweepTeller } from './messages/sweep-messages.js';
import { Watchman } from './periodic-tasks.js';
import { slackWebOf } from './api/slack-client.js';

interface SlackAppDeps {
  readonly product: Product;
  readonly slack: NonNullable<Settings['slack']>;
  /** The product's own: incidents are kept there. */
  readonly store: ObjectStore;
  readonly clock: Clock;
  readonly log: (entry: LogEntry) => void;
  /** Names this run of the program among all that share the store, and tells which of the others have ended. */
  readonly identity: ProcessIdentity;
  /** Slack's own when left out; tests are in a hurry. */
  readonly pace?: Pace;
}

/** The product's shell in Slack. */
export interface SlackApp {
  /** To be told of sweeps; what cannot be told yet waits. */
  readonly watch: SweepWatch;
  /**
   * Connects; tries again while Slack cannot be reached. AppErrors `slack_token` and `slack_scope` for what only a person
   * can mend; an aborted signal rejects with its reason.
   */
  start(signal: AbortSignal): Promise<void>;
  /** Until all that sweeps asked for is told and what people asked for is done. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

const CALL_TIMEOUT_MS = 20_000;
const RECONNECT_MS = 30_000;
/** How long the client waits for a pong, and before it connects again: so long nobody hears clicks, about every hour. */
const DEAF_MS = 2_000;
/** Waits that are told apart, each longer than the one before; all of them are computed at every call. */
const WAITS = 15;

const createBolt = ({ slack, log }: SlackAppDeps): App => {
  const logger = boltLogger(log);
  const address = slack.apiUrl === null ? {} : { slackApiUrl: slack.apiUrl };
  // A socket that cannot be opened again must be tried for ever: the client's own end of patience ends the program.
  const retryConfig = { forever: true, retries: WAITS, factor: 1.3, maxTimeout: RECONNECT_MS };
  const receiver = new SocketModeReceiver({
    appToken: slack.appToken,
    logger,
    clientPingTimeout: DEAF_MS,
    installerOptions: { clientOptions: { ...address, retryConfig, timeout: CALL_TIMEOUT_MS } },
  });
  return new App({
    token: slack.botToken,
    receiver,
    logger,
    deferInitialization: true,
    // The queue waits for what is rate limited; the client would hold back everybody's calls.
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
  private readonly works = new Set<Promise<void>>();
  private readonly bolt: App;
  private readonly context: SlackContext;
  private readonly board: SweepBoard;
  private watching: Promise<void> = Promise.resolve();
  private isConnected = false;

  constructor(private readonly deps: SlackAppDeps) {
    this.bolt = createBolt(deps);
    const base = this.baseDeps();
    const desk = new IncidentDesk(base);
    const fleet = new FleetView(base.product, base.incidents, base.clock, base.log);
    const sweepTeller = new SweepTeller(base);
    const outages = new OutageDesk(base);
    this.board = new SweepBoard(base, { desk, outages, fleet, teller: sweepTeller });
    this.context = {
      ...base,
      ...{ desk, fleet, sweepTeller, outages },
      deliveries: new Deliveries(base.store, base.clock),
      checks: new Checks(base, desk, fleet),
      references: new References(base, desk),
      permissions: new Permissions(base.web, base.clock),
      background: (work, onFault) => this.background(work, onFault),
    };
  }

  get watch(): SweepWatch {
    return this.board.watch;
  }

  private baseDeps(): SlackDeps {
    const { product, slack, store, clock, log, identity, pace = SLACK_PACE } = this.deps;
    const { self: owner } = identity;
    const { signal } = this.closing;
    const web = slackWebOf(this.bolt.client, slackFault);
    const [incidents, sites] = [new IncidentStore(store), new SiteStore(store)];
    const [sweeps, summaries] = [new SweepsStore(store), new SummaryStore(store)];
    const queue = new MessageQueue(web, clock, pace, signal);
    const shared = {
      ...{ store, clock, log, owner, queue, signal },
      channel: slack.channel,
      goneOwner: async (other: string) => ((await identity.isAlive(other)) === false ? other : null),
      channelId: async () => (await summaries.channelId()) ?? slack.channel,
    };
    return {
      ...{ ...shared, product, incidents, sites, sweeps, summaries, web, pace },
      settings: product.settings,
      openReplies: new OpenReplies({ store, clock, owner, queue }),
      outbox: new Outbox(shared),
      isSilenced: async (device) => {
        const states = [await incidents.of(device), await sites.of(device.deploymentName)];
        return states.some((state) => isSilenced(state, clock.nowMs()));
      },
    };
  }

  async start(signal: AbortSignal): Promise<void> {
    const { bolt, context } = this;
    for (const register of [
      registerCommands,
      registerActions,
      registerEvents,
      registerShortcuts,
      registerViews,
    ])
      register(bolt, context);
    bolt.error(async (cause) => this.logFault(cause));
    await this.connect(AbortSignal.any([signal, this.closing.signal]));
    this.inBackground(() => this.warnOfScopes());
    // The first who opens the Home tab must not wait for the table.
    this.inBackground(async () => void (await context.fleet.cameras()));
    this.watching = new Watchman(context).watch();
  }

  /** Told at the start, not when somebody misses a picture. */
  private async warnOfScopes(): Promise<void> {
    const granted = await this.context.web.scopes();
    const lacking = BOT_SCOPES.filter((scope) => !granted.includes(scope));
    if (lacking.length === 0) return;
    const message = `The Slack app lacks the scope ${lacking.join(', ')}. Update the app from manifest.json and install it again.`;
    this.deps.log({ level: 'error', event: 'slack_scope', message });
  }

  private async connect(signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      try {
        await this.bolt.init();
        await Promise.race([this.bolt.start(), aborted(signal)]);
        this.isConnected = true;
        return;
      } catch (cause) {
        const fault = slackFault(cause);
        if (!(fault instanceof AppError) || fault.code !== 'slack_unreachable') throw fault;
        const message = `${fault.message} It is tried again.`;
        this.deps.log({ level: 'warn', event: 'slack_unreachable', message, cause });
        await this.deps.clock.sleep(RECONNECT_MS, signal);
      }
    }
  }

  private background(work: () => Promise<void>, onFault: (told: string) => Promise<void>): void {
    const done = work()
      .catch((fault: unknown) => this.tellFault(fault, onFault))
      .catch((fault: unknown) => this.logFault(fault))
      .finally(() => this.works.delete(done));
    this.works.add(done);
  }

  /** Nobody asked for it: a failure is logged. */
  private inBackground(work: () => Promise<void>): void {
    this.background(work, async (told) => {
      this.deps.log({ level: 'warn', event: 'slack_background', message: told });
    });
  }

  private async tellFault(fault: unknown, onFault: (told: string) => Promise<void>): Promise<void> {
    if (this.closing.signal.aborted) return;
    if (fault instanceof AppError) return onFault(`⚠️ ${fault.message} ${fault.remedy}`);
    this.logFault(fault);
    await onFault('⚠️ That failed unexpectedly. The log of the program says more.');
  }

  private logFault(cause: unknown): void {
    const message = cause instanceof Error ? cause.message : String(cause);
    this.deps.log({ level: 'error', event: 'slack_fault', message: `Slack: ${message}`, cause });
  }

  async settled(): Promise<void> {
    while (this.works.size > 0) await Promise.all(this.works);
    await this.board.settled();
    await this.context.desk.pictured();
  }

  async close(): Promise<void> {
    this.closing.abort(new Error('the Slack app ends'));
    if (this.isConnected) await this.bolt.stop();
    await Promise.all([this.watching, this.settled()]);
    await this.context.sweepTeller.leave();
    if (this.isConnected) await this.context.openReplies.leave();
  }
}

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const end = (): void => reject(signal.reason as Error);
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });

/** Does nothing until it is started. */
export const createSlackApp = (deps: SlackAppDeps): SlackApp => new BoltSlackApp(deps);
