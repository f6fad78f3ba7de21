import { readFileSync } from 'node:fs';
import type { AlertSettings, DeviceSettings, Settings } from '../../src/config/settings.js';
import { createSystemClock } from '../../src/adapters/runtime/system-clock.js';
import type { Dependencies, LogEntry } from '../../src/monitor/record/dependencies.js';
import { IncidentStore } from '../../src/monitor/record/incident-store.js';
import type { AppError } from '../../src/ports/app-error.js';
import type { Product } from '../../src/monitor/product.js';
import type { ObjectStore } from '../../src/ports/object-store.js';
import type { Pictures } from '../../src/ports/pictures.js';
import type { Clock } from '../../src/ports/clock.js';
import type { Pace } from '../../src/slack/api/message-queue.js';
import { createSlackApp, type SlackApp } from '../../src/slack/slack-app.js';
import { SlackSandbox, type SlackSandboxOptions } from '../../src/sandbox/slack/sandbox.js';
import type { Message } from '../../src/sandbox/slack/workspace/workspace-model.js';
import { fakeAlerts } from '../fakes/fake-settings.js';
import { createMonitorRig, device, type MonitorRig } from '../monitor/monitor-rig.js';

export const CHANNEL = 'calibration_monitoring';
export const [ANNA, BEN] = ['U0ANNA00001', 'U0BEN000001'];
export const MANIFEST = JSON.parse(
  readFileSync(new URL('../../../manifest.json', import.meta.url), 'utf8'),
) as unknown;

export const JPEG = Buffer.concat([Buffer.from('ffd8ffe0', 'hex'), Buffer.from('picture')]);
const PNG = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.from('plot')]);

/** Quick enough for tests; the limits themselves are tried apart. */
export const QUICK = { callGapMs: 0, editGapMs: 50, giveUpAfterMs: 5_000, pollMs: 100 };

export const north = device('site-a', 'cam-1', { activeStops: [{ panDeg: 5, tiltDeg: 0, zoom: 1 }] });
export const south = device('site-a', 'cam-2');
export const far = device('site-b', 'cam-3');
export const silent = (): void => undefined;
export const never = new AbortController().signal;

/** One run of the program's Slack shell. */
export interface Replica {
  readonly app: SlackApp;
  readonly product: Product;
  readonly logged: LogEntry[];
}

export interface SlackRig {
  readonly sandbox: SlackSandbox;
  readonly monitor: MonitorRig;
  readonly incidents: IncidentStore;
  /** What every scan fails with; null: none does. */
  failScan: AppError | null;
  /** Starts another run of the program on the same store and workspace. */
  replica(changes?: {
    owner?: string;
    /** Whether the program of that name still runs; null: nobody can tell. */
    isAlive?: (owner: string) => Promise<boolean | null>;
    store?: ObjectStore;
    clock?: Clock;
    pace?: Pace;
    slack?: Partial<NonNullable<Settings['slack']>>;
  }): Promise<Replica>;
  /** The only message of the channel that says this. */
  message(text: string | RegExp): Promise<Message>;
  close(): Promise<void>;
}

export const textOf = (message: Message): string => JSON.stringify(message.blocks);

/** The product on scripted captures, its Slack shell, and a Slack to connect to. */
export const createSlackRig = async (
  devices: readonly DeviceSettings[],
  options: Partial<SlackSandboxOptions> & {
    readonly dependencies?: Partial<Dependencies>;
    readonly alerts?: AlertSettings;
    readonly pictures?: Partial<Pictures>;
  } = {},
): Promise<SlackRig> => {
  const { dependencies = {}, alerts = fakeAlerts, pictures: drawn = {}, ...sandboxOptions } = options;
  const monitor = await createMonitorRig(devices);
  const clock = createSystemClock();
  const sandbox = new SlackSandbox({
    manifest: MANIFEST,
    clock,
    fileReadyAfterMs: 300,
    ...sandboxOptions,
  });
  await sandbox.start();
  sandbox.countCalls(false);
  const pictures = {
    ...monitor.deps.pictures,
    overlay: async () => JPEG,
    historyPlot: async () => PNG,
    coverageMap: async () => PNG,
    ...drawn,
  };
  const replicas: Replica[] = [];
  const { scan } = monitor.deps.capture;
  const store = dependencies.store ?? monitor.deps.store;
  const replica: SlackRig['replica'] = async (changes = {}) => {
    const capture = {
      ...monitor.deps.capture,
      scan: (...args: Parameters<typeof scan>) =>
        rig.failScan === null ? scan(...args) : Promise.reject(rig.failScan),
    };
    const settings = { ...monitor.deps.settings, alerts };
    const product = monitor.restart({ clock, pictures, capture, settings, ...dependencies });
    const logged: LogEntry[] = [];
    const app = createSlackApp({
      ...{ product, store: changes.store ?? store },
      clock: changes.clock ?? clock,
      log: (entry) => logged.push(entry),
      identity: {
        self: changes.owner ?? `run-${replicas.length}`,
        isAlive: changes.isAlive ?? (async () => null),
      },
      pace: changes.pace ?? QUICK,
      slack: {
        channel: `#${CHANNEL}`,
        botToken: sandbox.botToken,
        appToken: sandbox.appToken,
        apiUrl: sandbox.apiUrl,
        ...changes.slack,
      },
    });
    const made = { app, product, logged };
    replicas.push(made);
    await app.start(never);
    return made;
  };
  const rig: SlackRig = {
    ...{ sandbox, monitor, replica },
    failScan: null,
    incidents: new IncidentStore(store),
    message: (text) =>
      sandbox.waitFor(() =>
        sandbox.messages(CHANNEL).find((message) => textOf(message).match(text) !== null),
      ),
    close: async () => {
      await Promise.all(replicas.map(({ app }) => app.close()));
      await sandbox.close();
      await monitor.close();
    },
  };
  return rig;
};

/** Gives cameras a reference. */
export const scanned = async (product: Product, devices: readonly DeviceSettings[]): Promise<void> => {
  for (const one of devices) await product.scanReference(one, silent, never);
};

/** Until a question to the store is answered with yes; rejects after five seconds. */
export const eventually = async (isSo: () => Promise<boolean>): Promise<void> => {
  const untilMs = performance.now() + 5_000;
  while (!(await isSo())) {
    if (performance.now() > untilMs) throw new Error(`not within 5 s: ${isSo.toString().slice(0, 200)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};
