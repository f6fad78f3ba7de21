import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { exists, unlessMissing } from '../../capture/spool/file-tools.js';
import {
  picturesOf,
  type CaptureFrame,
  type CaptureManifest,
  type ManifestLayer,
} from '../../capture/spool/manifest.js';
import { frameName, spoolFault, writeJson } from '../../capture/spool/write-manifest.js';
import type { CameraName } from '../../ports/camera-name.js';
import type { DeviceSettings } from '../../config/settings.js';
import { AppError } from '../../ports/app-error.js';
import type { LayerReport } from '../../solve/model/answer.js';
import { withCameraLease } from '../../state/lease.js';
import type { Dependencies, ScanProgress } from '../record/dependencies.js';
import { vouchingCheck, type VouchingCheck } from './vouching-check.js';
import {
  checkLayerName,
  downloadPictures,
  namedLayer,
  primaryHashOf,
  type LayerManifest,
} from '../references/layer-store.js';
import type { LocalReference, LocalReferences } from '../references/reference-cache.js';
import { layerPlace, publishScan } from '../references/publish-reference.js';
import { publishLeft, runScan, type ScanPurpose } from '../references/scan-job.js';
import { cameraPath } from '../text/wording.js';

const LEASE_WAIT_MS = 60_000;
/** A tie less exact than this share of the threshold would leave too little of it to measure with. */
const MAX_TIE_SHARE = 1 / 6;

const cameraDir = (spoolDir: string, { deploymentName, cameraName }: CameraName): string =>
  path.join(spoolDir, '.layers', encodeURIComponent(deploymentName), encodeURIComponent(cameraName));

export const layerDir = (spoolDir: string, camera: CameraName, name: string): string =>
  path.join(cameraDir(spoolDir, camera), name);

/** The primary reference that a layer is to be tied to. */
const primaryOf = async (
  references: LocalReferences,
  device: DeviceSettings,
  signal: AbortSignal,
): Promise<LocalReference> => {
  try {
    const primary = await references.of(device, signal);
    // Its features may be of another version: they are computed from the pictures then.
    await references.complete(device, primary);
    return primary;
  } catch (fault) {
    if (!(fault instanceof AppError) || fault.code !== 'no_reference') throw fault;
    throw new AppError(
      'no_reference',
      `${cameraPath(device)} has no reference yet, and a layer is tied to one.`,
      `Scan that first, by day: calib reference ${cameraPath(device)}`,
      fault,
    );
  }
};

export const hashOf = async ({ dir }: LocalReference): Promise<string> =>
  primaryHashOf(await readFile(path.join(dir, 'manifest.json')));

export const bytesOf = async (dir: string, manifest: CaptureManifest): Promise<number> => {
  const sizes = await Promise.all(picturesOf(manifest).map(({ file }) => stat(path.join(dir, file))));
  return sizes.reduce((sum, { size }) => sum + size, 0);
};

const numberOf = ({ file }: CaptureFrame): number => Number(/(\d+)\.jpg$/.exec(file)?.[1] ?? -1);

/** Lays the pictures of the check beside those of the scan, so that the tie can be measured again at any time. */
const layCheck = async (
  outDir: string,
  scan: CaptureManifest,
  { manifest, pictures, filesLocation }: VouchingCheck,
): Promise<ManifestLayer['check']> => {
  const first = Math.max(...scan.frames.map(numberOf)) + 1;
  const frames = manifest.frames.map((frame, i) => ({ ...frame, file: `images/${frameName(first + i)}` }));
  for (const [i, { file }] of frames.entries())
    await writeFile(path.join(outDir, file), pictures[i]!).catch((fault: unknown) => {
      throw spoolFault(outDir, fault);
    });
  return { files_location: filesLocation, frames };
};

/** Holds a report against what this camera is asked for. */
const judged = (report: LayerReport, { thresholdDeg }: DeviceSettings): LayerReport => {
  if (!report.usable || report.tie === null) return report;
  const sigmaDeg = Math.max(...Object.values(report.tie.sigma));
  if (sigmaDeg <= MAX_TIE_SHARE * thresholdDeg) return report;
  const fault =
    `Its tie to the primary reference is known to ±${sigmaDeg.toFixed(2)}° only, too little for a threshold of ` +
    `${thresholdDeg}°: scan it when more of its pictures match, at dusk or dawn.`;
  return { ...report, usable: false, faults: [fault, ...report.faults] };
};

/** Ties a layer that lies in `dir` to the primary and writes down what was measured; features are left beside it. */
export const tieInto = async (
  deps: Pick<Dependencies, 'solver'>,
  device: DeviceSettings,
  primary: LocalReference,
  dir: string,
  draft: LayerManifest,
  signal: AbortSignal,
): Promise<{ readonly report: LayerReport; readonly manifest: LayerManifest }> => {
  const file = path.join(dir, 'manifest.json');
  const untied = { ...draft, layer: { ...draft.layer, tie: null } };
  await writeJson(file, untied);
  const request = { referenceDir: primary.dir, layerDir: dir, masks: device.masks };
  const report = judged(await deps.solver.prepareLayer(request, signal), device);
  const manifest = { ...untied, layer: { ...untied.layer, tie: report.tie } };
  await writeJson(file, manifest);
  return { report, manifest };
};

/**
 * The device with stops for its layers: a scan that plans itself has those of the primary, seen in another light, in which the
 * field of view might not be measured.
 */
const withLayerStops = async (
  references: LocalReferences,
  device: DeviceSettings,
  signal: AbortSignal,
): Promise<DeviceSettings> => {
  if (device.referenceStops !== null) return device;
  const { manifest } = await primaryOf(references, device, signal);
  const referenceStops = manifest.frames.map(({ commanded, telemetry }) => {
    const { pan: panDeg, tilt: tiltDeg, zoom } = commanded ?? telemetry;
    return { panDeg, tiltDeg, zoom };
  });
  return { ...device, referenceStops };
};

const layerPurpose = (
  deps: Dependencies,
  references: LocalReferences,
  device: DeviceSettings,
  name: string,
): ScanPurpose<LayerReport> => ({
  dir: layerDir(deps.settings.spoolDir, device, name),
  place: layerPlace(device, name),
  judge: async (outDir, scan, signal) => {
    const primary = await primaryOf(references, device, signal);
    const vouching = await vouchingCheck(deps, device, primary.manifest, scan);
    const check = 'check' in vouching ? await layCheck(outDir, scan, vouching.check) : null;
    const about = { name, check, origin: 'scan', tie: null, bytes: 0 } as const;
    const layer = { ...about, primary: await hashOf(primary) };
    const bytes = await bytesOf(outDir, { ...scan, layer });
    const draft = { ...scan, layer: { ...layer, bytes } };
    const { report, manifest } = await tieInto(deps, device, primary, outDir, draft, signal);
    const isUntied = report.tie === null && 'why' in vouching;
    return { manifest, report: isUntied ? { ...report, faults: [...report.faults, vouching.why] } : report };
  },
});

/** Scans a camera in another light and makes the scan a layer of its reference. */
export const runLayerScan = async (
  deps: Dependencies,
  references: LocalReferences,
  device: DeviceSettings,
  name: string,
  onProgress: (progress: ScanProgress) => void,
  signal: AbortSignal,
): Promise<LayerReport> => {
  checkLayerName(name);
  // Asked first: without a primary there is nothing to scan for.
  await primaryOf(references, device, signal);
  const scanned = await withLayerStops(references, device, signal);
  return runScan(deps, scanned, layerPurpose(deps, references, device, name), onProgress, signal);
};

/** Publishes the layers that earlier runs had scanned; answers whether there was one. */
export const publishLeftLayers = async (
  deps: Dependencies,
  references: LocalReferences,
  device: DeviceSettings,
  signal: AbortSignal,
): Promise<boolean> => {
  const names = await unlessMissing(readdir(cameraDir(deps.settings.spoolDir, device)), []);
  let published = false;
  for (const name of names.filter((folder) => !folder.includes('.'))) {
    const purpose = layerPurpose(deps, references, device, name);
    if (!(await exists(path.join(purpose.dir, 'manifest.json')))) continue;
    const scanned = await withLayerStops(references, device, signal);
    published = (await publishLeft(deps, scanned, purpose, signal)) || published;
  }
  return published;
};

/** Ties a layer anew from its own pictures, to the primary reference of today, with features of today's solver. */
export const rebuildLayer = (
  deps: Dependencies,
  references: LocalReferences,
  device: DeviceSettings,
  name: string,
  signal: AbortSignal,
): Promise<LayerReport> =>
  withCameraLease(device, deps, LEASE_WAIT_MS, signal, async (leased) => {
    const { manifest } = await namedLayer(deps.store, device, name, leased);
    if (manifest === null)
      throw new AppError(
        'layer_damaged',
        `The manifest of layer ${name} of ${cameraPath(device)} cannot be read.`,
        `Scan it again, or drop it: calib layers ${cameraPath(device)} --drop ${name}`,
      );
    const primary = await primaryOf(references, device, leased);
    const dir = `${layerDir(deps.settings.spoolDir, device, name)}.rebuild`;
    try {
      await rm(dir, { recursive: true, force: true });
      await downloadPictures(deps.store, device, manifest, dir, leased);
      const layer = { ...manifest.layer, primary: await hashOf(primary) };
      const tied = await tieInto(deps, device, primary, dir, { ...manifest, layer }, leased);
      if (tied.report.usable)
        await publishScan(deps.store, layerPlace(device, name), dir, tied.manifest, leased);
      return tied.report;
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  });
