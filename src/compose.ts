import { createDeviceConnections } from './adapters/devices/device-connections.js';
import { createDeploymentLinks } from './adapters/devices/deployment-links.js';
import { createDuckdbResults } from './adapters/local/duckdb-results.js';
import { createMemoryObjectStore } from './adapters/local/memory-object-store.js';
import { createFileObjectStore } from './adapters/local/file-object-store.js';
import { startHealthServer, type HealthServer } from './adapters/runtime/http-health.js';
import { createPictures } from './adapters/pictures/pictures.js';
import { createOpencvSolverPool } from './adapters/solver/solver-pool.js';
import { createProcProcessIdentity } from './adapters/process/process-identity.js';
import { createPrometheusMetrics } from './adapters/runtime/prometheus-metrics.js';
import { createSettingsProbe } from './adapters/devices/settings-probe.js';
import { createStoreWorkQueue } from './adapters/local/object-store-queue.js';
import { createSystemClock } from './adapters/runtime/system-clock.js';
import { createCaptureService } from './capture/capture-service.js';
import type { Settings } from './config/settings.js';
import { createProduct } from './monitor/create-product.js';
import type { Dependencies, LogEntry } from './monitor/record/dependencies.js';
import type { Product } from './monitor/product.js';
import type { Clock } from './ports/clock.js';
import type { CalibrationSolver } from './ports/calibration-solver.js';
import type { ObjectStore } from './ports/object-store.js';
import type { Provision } from './ports/provision.js';
import type { ResultsTable } from './ports/results-table.js';
import type { WorkQueue } from './ports/work-queue.js';
import type { SlackApp } from './slack/slack-app.js';

/** Each solver process may need 300 MB; two keep a small machine busy. */
const SOLVER_PROCESSES = 2;

/** Cloud clients are loaded on demand: that takes longer than most commands run. */
const openStore = async ({ storage }: Settings, clock: Clock): Promise<ObjectStore> => {
  if (storage.kind === 'file') return createFileObjectStore({ rootDir: storage.rootDir });
  const { createS3ObjectStore } = await import('./adapters/aws/s3-object-store.js');
  return createS3ObjectStore({ settings: storage, clock });
};

const openResults = async (
  { results }: Settings,
  store: ObjectStore,
  clock: Clock,
): Promise<ResultsTable> => {
  if (results.kind === 'duckdb') return createDuckdbResults({ file: results.file });
  const { createAthenaResults } = await import('./adapters/aws/athena-results.js');
  return createAthenaResults({ settings: results, store, clock });
};

const queueIn = (store: ObjectStore, { queue }: Settings, clock: Clock): WorkQueue =>
  createStoreWorkQueue({ ...queue, store, clock, visibilityMs: queue.visibilityS * 1000 });

const openQueue = async (settings: Settings, store: ObjectStore, clock: Clock): Promise<WorkQueue> => {
  const { queue } = settings;
  if (queue.kind === 'embedded') return queueIn(store, settings, clock);
  const { createSqsWorkQueue } = await import('./adapters/aws/sqs-work-queue.js');
  return createSqsWorkQueue({
    ...queue,
    deadLetterName: `${queue.name}-dead`,
    visibilityMs: queue.visibilityS * 1000,
  });
};

/** The cloud resources in the settings that the product can create. */
export const openSetup = async ({ storage, results, queue, schedule }: Settings): Promise<Provision[]> => {
  const made: Provision[] = [];
  if (storage.kind === 's3') {
    const { createS3Setup } = await import('./adapters/aws/s3-setup.js');
    const locations = results.kind === 'athena' ? [results.outputLocation, results.tableLocation] : [];
    made.push(...createS3Setup(storage, locations));
  }
  if (results.kind === 'athena') {
    const { createAthenaSetup } = await import('./adapters/aws/athena-setup.js');
    made.push(...createAthenaSetup(results, createSystemClock()));
  }
  if (queue.kind === 'sqs') {
    const { createSqsSetup } = await import('./adapters/aws/sqs-setup.js');
    const { createSchedulerSetup } = await import('./adapters/aws/scheduler-setup.js');
    made.push(...createSqsSetup(queue), ...createSchedulerSetup(queue, schedule.everyMinutes));
  }
  return made;
};

/** The Slack shell of an open product; null without Slack in the settings. */
export const openSlack = async (
  product: Product,
  log: (entry: LogEntry) => void,
): Promise<SlackApp | null> => {
  const { slack } = product.settings;
  if (slack === null) return null;
  // Loaded when needed: it takes longer than most commands run.
  const { createSlackApp } = await import('./slack/slack-app.js');
  const clock = createSystemClock();
  const store = await openStore(product.settings, clock);
  const identity = createProcProcessIdentity();
  return createSlackApp({ product, slack, store, clock, log, identity });
};

/** Serves health probes; null when the settings give no port. */
export const openHealth = async ({ settings, health }: Product): Promise<HealthServer | null> =>
  settings.health === null ? null : startHealthServer(health, settings.health);

/** A solver alone, for folders of pictures. */
export const openSolver = (): CalibrationSolver => createOpencvSolverPool({ workers: SOLVER_PROCESSES });

/** The product on the cameras, stores and tables of the settings; `instead` replaces dependencies. */
export const openProduct = async (
  settings: Settings,
  log: (entry: LogEntry) => void,
  instead: Partial<Dependencies> = {},
): Promise<Product> => {
  const clock = createSystemClock();
  const store = await openStore(settings, clock);
  const results = await openResults(settings, store, clock);
  const queue = await openQueue(settings, store, clock);
  const solver = openSolver();
  const pictures = createPictures();
  const links = await createDeploymentLinks({ clock, deployments: settings.deployments });
  const { linkFor } = links;
  const connections = createDeviceConnections({ settings, clock, linkFor });
  const { openDevice } = connections;
  return createProduct({
    ...{ settings, clock, store, results, queue, solver, pictures, log },
    openPrivateQueue: () => {
      const notes = createMemoryObjectStore();
      return { notes, queue: queueIn(notes, settings, clock) };
    },
    identity: createProcProcessIdentity(),
    metrics: createPrometheusMetrics(),
    capture: createCaptureService({
      clock,
      openDevice: openDevice.bind(connections),
      spoolDir: settings.spoolDir,
      measureFieldOfView: solver.measureFieldOfView.bind(solver),
    }),
    restoreCameras: connections.restoreCameras.bind(connections),
    probe: createSettingsProbe({ settings, clock, connections, linkFor }),
    closeAll: async () => {
      await Promise.all([
        connections.close(),
        solver.close(),
        pictures.close(),
        results.close(),
        queue.close(),
      ]);
      await links.close();
    },
    ...instead,
  });
};
