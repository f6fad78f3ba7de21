import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { exists, spoolFault, unlessMissing, writeJson } from '../../capture/spool/file-tools.js';
import {
  type CaptureFrame,
  type CaptureManifest,
  type ManifestLayer,
  picturesOf,
} from '../../capture/spool/manifest.js';
import { frameName } from '../../capture/spool/write-manifest.js';
import type { DeviceSettings } from '../../config/settings.js';
import { AppError } from '../../ports/app-error.js';
import type { CameraName } from '../../ports/camera-name.js';
import type { LayerReport } from '../../solve/model/answer.js';
import { withCameraLease } from '../../state/lease.js';
import type { Dependencies, ScanProgress } from '../record/dependencies.js';
import {
  checkLayerName,
  downloadPictures,
  type LayerManifest,
  namedLayer,
  primaryHashOf,
} from '../references/layer-store.js';
import { layerPlace, publishScan } from '../references/publish-reference.js';
import type { LocalReference, ReferenceCache } from '../references/reference-cache.js';
import { publishFinished, runScan, type ScanPurpose } from '../references/scan-job.js';
import { cameraPath } from '../text/wording.js';
import { vouchingCheck, type VouchingCheck } from './vouching-check.js';

const LEASE_WAIT_MS = 60_000;
/** A tie less accurate than this share of the threshold would leave too little margin. */
const MAX_TIE_SHARE = 1 / 6;

const cameraDir = (spoolDir: string, { deploymentName, cameraName }: CameraName): string =>
  path.join(spoolDir, '.layers', encodeURIComponent(deploymentName), encodeURIComponent(cameraName));

export const layerDir = (spoolDir: string, camera: CameraName, name: string): string =>
  path.join(cameraDir(spoolDir, camera), name);

/** The primary reference to tie a layer to. */
const primaryOf = async (
  references: ReferenceCache,
  device: DeviceSettings,
  signal: AbortSignal,
): Promise<LocalReference> => {
  try {
    const primary = await references.of(device, signal);
    // Its features may be from another version: then they are computed from the pictures.
    await references.complete(device, primary);
    return primary;
  } catch (fault) {
    if (!(fault instanceof AppError) || fault.code !== 'no_reference') throw fault;
    throw new AppError(
      'no_reference',
      `${cameraPath(device)} has no reference yet, and a layer needs one.`,
      `Scan one first, in daylight: calib reference ${cameraPath(device)}`,
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

/** Stores the pictures of the check with those of the scan, so that the tie can be measured again at any time. */
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

/** Judges a report by this camera's threshold. */
const judged = (report: LayerReport, { thresholdDeg }: DeviceSettings): LayerReport => {
  if (!report.usable || report.tie === null) return report;
  const sigmaDeg = Math.max(...Object.values(report.tie.sigma));
  if (sigmaDeg <= MAX_TIE_SHARE * thresholdDeg) return report;
  const fault =
    `Its tie to the primary reference is only accurate to ±${sigmaDeg.toFixed(2)}°, not enough for a threshold of ` +
    `${thresholdDeg}°. Scan it at dusk or dawn, when more of its pictures match.`;
  return { ...report, usable: false, faults: [fault, ...report.faults] };
};

/** Ties the layer in `dir` to the primary and writes the result to its manifest; leaves features beside it. */
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
 * The device with the stops for its layers. A self-planned scan uses those of the primary, since the field of view might
 * not be measurable in different light.
 */
const withLayerStops = async (
  references: ReferenceCache,
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
  references: ReferenceCache,
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

/** Scans a camera in different light and makes the scan a layer of its reference. */
export const runLayerScan = async (
  deps: Dependencies,
  references: ReferenceCache,
  device: DeviceSettings,
  name: string,
  onProgress: (progress: ScanProgress) => void,
  signal: AbortSignal,
): Promise<LayerReport> => {
  checkLayerName(name);
  // First: without a primary there is nothing to scan for.
  await primaryOf(references, device, signal);
  const scanned = await withLayerStops(references, device, signal);
  return runScan(deps, scanned, layerPurpose(deps, references, device, name), onProgress, signal);
};

/** Publishes the layers that earlier runs scanned; returns whether there was one. */
export const publishFinishedLayers = async (
  deps: Dependencies,
  references: ReferenceCache,
  device: DeviceSettings,
  signal: AbortSignal,
): Promise<boolean> => {
  const names = await unlessMissing(readdir(cameraDir(deps.settings.spoolDir, device)), []);
  let published = false;
  for (const name of names.filter((folder) => !folder.includes('.'))) {
    const purpose = layerPurpose(deps, references, device, name);
    if (!(await exists(path.join(purpose.dir, 'manifest.json')))) continue;
    const scanned = await withLayerStops(references, device, signal);
    published = (await publishFinished(deps, scanned, purpose, signal)) || published;
  }
  return published;
};

/** Ties a layer again from its own pictures, to the current primary reference, with features of the current solver. */
export const rebuildLayer = (
  deps: Dependencies,
  references: ReferenceCache,
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
