import path from 'node:path';
import type { DeviceSettings } from '../../config/settings.js';
import type { ReferenceReport } from '../../solve/model/answer.js';
import { withCoverageMap } from './coverage-map.js';
import type { Dependencies, ScanProgress } from '../record/dependencies.js';
import { layersTiedElsewhere } from './layer-store.js';
import { referencePlace } from './publish-reference.js';
import { publishFinished, runScan, type ScanPurpose } from './scan-job.js';
import { cameraPath } from '../text/wording.js';

const primaryPurpose = (deps: Dependencies, device: DeviceSettings): ScanPurpose<ReferenceReport> => {
  const { deploymentName, cameraName, masks } = device;
  const parts = ['.reference', deploymentName, cameraName].map(encodeURIComponent);
  const dir = path.join(deps.settings.spoolDir, ...parts);
  return {
    dir,
    place: referencePlace(device),
    judge: async (outDir, manifest, signal) => {
      const report = await deps.solver.prepareReference(outDir, masks, signal);
      return { manifest, report: await withCoverageMap(deps, device, { dir, outDir, manifest }, report) };
    },
  };
};

/** Reports the layers that a new primary reference leaves unused: they are tied to the previous one. */
const withLayersLeft = async (
  deps: Dependencies,
  device: DeviceSettings,
  report: ReferenceReport,
): Promise<ReferenceReport> => {
  const names = report.usable ? await layersTiedElsewhere(deps.store, device) : [];
  if (names.length === 0) return report;
  const left =
    `Layers of the previous reference (${names.join(', ')}) are kept but not used until you rebuild them: ` +
    `calib layers ${cameraPath(device)} --rebuild ${names[0]}`;
  return { ...report, faults: [...report.faults, left] };
};

/** Scans a camera (resuming an interrupted scan), judges the scan and makes it the camera's reference. */
export const runReference = async (
  deps: Dependencies,
  device: DeviceSettings,
  onProgress: (progress: ScanProgress) => void,
  signal: AbortSignal,
): Promise<ReferenceReport> =>
  withLayersLeft(deps, device, await runScan(deps, device, primaryPurpose(deps, device), onProgress, signal));

/** Publishes a scan that an earlier run finished; false when there is none, or someone works with the camera. */
export const publishFinishedScan = (
  deps: Dependencies,
  device: DeviceSettings,
  signal: AbortSignal,
): Promise<boolean> => publishFinished(deps, device, primaryPurpose(deps, device), signal);
