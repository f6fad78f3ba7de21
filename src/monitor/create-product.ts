import { defaultMode, runCheck } from './check/run-check.js';
import { DeploymentFaults } from './record/deployment-faults.js';
import { confirmed } from './check/drift-confirmation.js';
import type { Dependencies } from './record/dependencies.js';
import { IncidentStore } from './record/incident-store.js';
import { rebuildLayer, runLayerScan } from './layers/layer-job.js';
import { dropLayer, listLayers } from './layers/layer-list.js';
import { namedLayer, storedLayer } from './references/layer-store.js';
import { ReferenceCache, referenceManifestKey } from './references/reference-cache.js';
import { plotHistory } from './results/plot-history.js';
import { WorkerHealth } from './product-health.js';
import { probeStores } from './probe-stores.js';
import { layerPlace, referencePlace } from './references/publish-reference.js';
import type { Product } from './product.js';
import { recoverSpool } from './worker/recover-spool.js';
import { runReference } from './references/scan-reference.js';
import { restoreScan } from './references/restore-reference.js';
import { runServe } from './worker/serve.js';
import { flushResults } from './results/flush-results.js';
import { MS_PER_MINUTE } from './sweeps/sweep-context.js';
import { SweepStore } from './sweeps/sweep-store.js';
import { runSweep } from './worker/run-sweep.js';

/** A sweep that did not start within one period was followed by the next; its checks are of use for another. */
const CHECK_PERIODS = 2;

const silent = (): void => undefined;

/** Builds the product from the dependencies of compose or of a test. */
export const createProduct = (deps: Dependencies): Product => {
  const { settings, store, results } = deps;
  const references = new ReferenceCache(deps, settings.spoolDir);
  const incidents = new IncidentStore(store);
  const health = new WorkerHealth(deps);
  return {
    settings,
    hasReference: async (device) => (await store.get(referenceManifestKey(device))) !== null,
    scanReference: (device, onProgress, signal) => runReference(deps, device, onProgress, signal),
    restoreReference: (device, signal) => restoreScan(store, referencePlace(device), signal),
    hasLayer: async (device, layer) => (await storedLayer(store, device, layer)) !== null,
    scanLayer: (device, layer, onProgress, signal) =>
      runLayerScan(deps, references, device, layer, onProgress, signal),
    layers: (device) => listLayers(deps, device),
    rebuildLayer: (device, layer, signal) => rebuildLayer(deps, references, device, layer, signal),
    restoreLayer: async (device, layer, signal) => {
      await namedLayer(store, device, layer, signal);
      return restoreScan(store, layerPlace(device, layer), signal);
    },
    dropLayer: (device, layer, signal) => dropLayer(deps, device, layer, signal),
    check: (device, { mode = defaultMode(device), confirm = false }, signal) => {
      const request = { device, mode, faults: new DeploymentFaults(), tell: silent };
      const check = () => runCheck(deps, references, request, signal);
      return confirm ? confirmed(incidents, device, check, settings.alerts.confirm) : check();
    },
    sweep: async (onOutcome, signal) => {
      const outcomes = await runSweep(deps, references, incidents, onOutcome, signal);
      await flushResults(deps, signal);
      return outcomes;
    },
    history: ({ device, sinceMs }) =>
      results.history({
        sinceMs,
        ...(device === undefined ? {} : { deploymentName: device.deploymentName, deviceId: device.deviceId }),
      }),
    historyPlot: (device, sinceMs) => plotHistory(deps, device, sinceMs),
    serve: (tell, signal, watch = {}, role = 'all') =>
      runServe(
        {
          ...{ deps, references, incidents, tell, watch, sweeps: new SweepStore(store) },
          checkWithinMs: CHECK_PERIODS * settings.schedule.everyMinutes * MS_PER_MINUTE,
          beat: () => health.beat(),
        },
        role,
        signal,
      ),
    probe: async (onProbed, signal) => [
      ...(await probeStores(deps, onProbed, signal)),
      ...(await deps.probe(onProbed, signal)),
    ],
    recover: (onOutcome, signal) => recoverSpool(deps, references, onOutcome, signal),
    health: health,
    close: () => deps.closeAll(),
  };
};
