import { createDeviceConnections } from './adapters/device-connections.js';
import { createDeploymentLinks } from './adapters/deployment-links.js';
import { createDuckdbResults } from './adapters/duckdb-results.js';
import { createFileObjectStore } from './adapters/file-object-store.js';
import { createPictures } from './adapters/jimp-pictures.js';
import { createOpencvSolverPool } from './adapters/opencv-solver-pool.js';
import { createProcProcessIdentity } from './adapters/proc-process-identity.js';
import { createSettingsProbe } from './adapters/settings-probe.js';
import { createSystemClock } from './adapters/system-clock.js';
import { createCaptureService } from './capture/capture-service.js';
import type { Settings } from './config/settings.js';
import { createProduct } from './monitor/create-product.js';
import type { LogEntry } from './monitor/dependencies.js';
import type { Product } from './monitor/product.js';
import { AppError } from './ports/app-error.js';
import type { CalibrationSolver } from './ports/calibration-solver.js';
import type { ObjectStore } from './ports/object-store.js';
import type { ResultsTable } from './ports/results-table.js';
import type { SlackApp } from './slack/slack-app.js';

/** Each solver process may need 300 MB; two keep a small machine busy. */
const SOLVER_PROCESSES = 2;

const notBuilt = (what: string): AppError =>
  new AppError('not_built', `This build cannot use ${what} yet.`, 'Use the embedded default instead.');

const openStore = ({ storage }: Settings): ObjectStore => {
  if (storage.kind === 'file') return createFileObjectStore({ rootDir: storage.rootDir });
  throw notBuilt('storage of kind s3');
};

const openResults = ({ results }: Settings): ResultsTable => {
  if (results.kind === 'duckdb') return createDuckdbResults({ file: results.file });
  throw notBuilt('results of kind athena');
};

/** The Slack shell of an opened product; null when the settings name no Slack. */
export const openSlack = async (
  product: Product,
  log: (entry: LogEntry) => void,
): Promise<SlackApp | null> => {
  const { slack } = product.settings;
  if (slack === null) return null;
  // Loaded when needed: it takes longer than most commands run.
  const { createSlackApp } = await import('./slack/slack-app.js');
  const store = openStore(product.settings);
  const owner = createProcProcessIdentity().self;
  return createSlackApp({ product, slack, store, clock: createSystemClock(), log, owner });
};

/** A solver alone, as for folders of pictures. */
export const openSolver = (): CalibrationSolver => createOpencvSolverPool({ workers: SOLVER_PROCESSES });

/** The product on the cameras, stores and tables of the settings. */
export const openProduct = async (settings: Settings, log: (entry: LogEntry) => void): Promise<Product> => {
  const clock = createSystemClock();
  const store = openStore(settings);
  const results = openResults(settings);
  const solver = openSolver();
  const pictures = createPictures();
  const links = await createDeploymentLinks({ clock, deployments: settings.deployments });
  const { linkFor } = links;
  const connections = createDeviceConnections({ settings, clock, linkFor });
  const { openDevice } = connections;
  return createProduct({
    ...{ settings, clock, store, results, solver, pictures, log },
    identity: createProcProcessIdentity(),
    capture: createCaptureService({
      clock,
      openDevice: openDevice.bind(connections),
      spoolDir: settings.spoolDir,
    }),
    restoreCameras: connections.restoreCameras.bind(connections),
    probe: createSettingsProbe({ settings, clock, connections, linkFor }),
    closeAll: async () => {
      await Promise.all([connections.close(), solver.close(), pictures.close(), results.close()]);
      await links.close();
    },
  });
};
