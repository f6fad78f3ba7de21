import { copyFile, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { spoolFault } from '../../capture/spool/file-tools.js';
import type { CaptureFrame, CaptureManifest } from '../../capture/spool/manifest.js';
import { frameName } from '../../capture/spool/write-manifest.js';
import type { DeviceSettings } from '../../config/settings.js';
import { AppError } from '../../ports/app-error.js';
import { PRIMARY, type ReferenceReport, type SolveAnswer } from '../../solve/model/answer.js';
import { withCameraLease } from '../../state/lease.js';
import { markTold } from '../record/check-folder.js';
import { answerOf, type CheckRecord } from '../record/check-record.js';
import { isClearlyWithin } from '../record/clearly-within-threshold.js';
import type { Dependencies } from '../record/dependencies.js';
import { downloadPictures, GROWN, type LayerManifest, storedLayer } from '../references/layer-store.js';
import { firstFreeNumber, layerPlace, publishScan } from '../references/publish-reference.js';
import type { LocalReference, ReferenceCache } from '../references/reference-cache.js';
import { cameraPath } from '../text/wording.js';
import { framesToKeep, unlikeness } from './frame-diversity.js';
import { bytesOf, hashOf, layerDir, tieInto } from './layer-job.js';

/** A picture with fewer inliers than this share of a typical stop was taken in different light. */
const OTHER_LIGHT_SHARE = 0.4;
/** A picture that the grown layer already answers this many times better than the primary adds nothing. */
const KNOWN_FACTOR = 1.5;
/** A picture closer than this in direction, hour and season to one of the layer adds nothing. */
const ALIKE = 0.3;

interface Growing {
  readonly device: DeviceSettings;
  /** The spool folder of the check. */
  readonly dir: string;
  readonly manifest: CaptureManifest | null;
  readonly record: CheckRecord;
  readonly reference?: LocalReference | null;
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** Pictures of a check that match only few landmarks of the primary. */
const inOtherLight = (
  { captures }: SolveAnswer,
  frames: readonly CaptureFrame[],
  { stops }: ReferenceReport,
): CaptureFrame[] => {
  const usual = median(stops.map(({ features }) => features));
  return frames.filter(({ file }) => {
    const capture = captures.find((other) => other.file === file);
    const inliers = capture?.yaw == null ? null : capture.inliers;
    return inliers !== null && inliers < OTHER_LIGHT_SHARE * usual;
  });
};

/** Candidates for the grown layer: only pictures that the primary itself answered beyond doubt. */
const candidates = async (
  deps: Dependencies,
  { device, manifest, record, dir }: Growing,
  reference: LocalReference,
  signal: AbortSignal,
): Promise<CaptureFrame[]> => {
  const answer = answerOf(record);
  const isFooting =
    answer.layer === PRIMARY &&
    record.reference_started_at === reference.manifest.started_at &&
    isClearlyWithin(answer, device.thresholdDeg);
  if (manifest === null || !isFooting) return [];
  const report = await deps.solver.prepareReference(reference.dir, device.masks, signal);
  const frames = inOtherLight(answer, manifest.frames, report);
  if (frames.length === 0) return [];
  const { thresholdDeg, masks } = device;
  const request = { referenceDir: reference.dir, queryDir: dir, thresholdDeg, masks, layer: GROWN };
  const known = await deps.solver.solve(request, signal);
  return known.success && known.inliers >= KNOWN_FACTOR * answer.inliers ? [] : frames;
};

/** The grown layer's published frames; all are measured again, whatever primary they are tied to. */
const presentFrames = async (
  { store }: Dependencies,
  device: DeviceSettings,
  like: CaptureFrame,
  signal: AbortSignal,
): Promise<LayerManifest | null> => {
  const present = (await storedLayer(store, device, GROWN, signal))?.manifest ?? null;
  if (present?.device_id !== device.deviceId) return null;
  const frames = present.frames.filter(({ width, height }) => width === like.width && height === like.height);
  return { ...present, frames };
};

const grownManifest = (
  capture: CaptureManifest,
  frames: readonly CaptureFrame[],
  layer: LayerManifest['layer'],
): LayerManifest => {
  const times = frames.map(({ captured_at: at }) => at).sort();
  const [first, last] = [times[0] ?? capture.started_at, times.at(-1) ?? capture.finished_at];
  return { ...capture, kind: 'reference', started_at: first, finished_at: last, frames: [...frames], layer };
};

/** Copies pictures of a check into the layer, under numbers never used before; returns their entries. */
const layFrames = async (
  deps: Dependencies,
  { device, dir: checkDir }: Growing,
  added: readonly CaptureFrame[],
  dir: string,
): Promise<CaptureFrame[]> => {
  const first = await firstFreeNumber(deps.store, layerPlace(device, GROWN));
  const frames = added.map((frame, i) => ({ ...frame, file: `images/${frameName(first + i)}` }));
  try {
    await mkdir(path.join(dir, 'images'), { recursive: true });
    for (const [i, { file }] of frames.entries())
      await copyFile(path.join(checkDir, added[i]!.file), path.join(dir, file));
  } catch (fault) {
    throw spoolFault(dir, fault);
  }
  return frames;
};

/**
 * Ties the layer and publishes it without pictures that the primary does not confirm; false when a new one is among
 * them.
 */
const publishGrown = async (
  deps: Dependencies,
  device: DeviceSettings,
  primary: LocalReference,
  dir: string,
  draft: LayerManifest,
  added: readonly CaptureFrame[],
  signal: AbortSignal,
): Promise<boolean> => {
  const bytes = await bytesOf(dir, draft);
  let tied = await tieInto(
    deps,
    device,
    primary,
    dir,
    { ...draft, layer: { ...draft.layer, bytes } },
    signal,
  );
  const confirmed = new Set(tied.report.tie?.evidence.map(({ file }) => file));
  if (!tied.report.usable || !added.every(({ file }) => confirmed.has(file))) return false;
  const frames = draft.frames.filter(({ file }) => confirmed.has(file));
  if (frames.length < draft.frames.length)
    tied = await tieInto(deps, device, primary, dir, { ...tied.manifest, frames }, signal);
  if (!tied.report.usable) return false;
  await publishScan(deps.store, layerPlace(device, GROWN), dir, tied.manifest, signal);
  return true;
};

/** Adds new pictures to the grown layer; false when it is not published. */
const addFrames = async (
  deps: Dependencies,
  growing: Growing & { readonly manifest: CaptureManifest },
  added: readonly CaptureFrame[],
  primary: LocalReference,
  signal: AbortSignal,
): Promise<boolean> => {
  const { device, manifest: capture } = growing;
  const dir = `${layerDir(deps.settings.spoolDir, device, GROWN)}.grow`;
  const present = await presentFrames(deps, device, added[0]!, signal);
  const isNew = (frame: CaptureFrame): boolean =>
    present?.frames.every((other) => unlikeness(frame, other) > ALIKE) ?? true;
  const news = added.filter(isNew);
  if (news.length === 0) return false;
  try {
    await rm(dir, { recursive: true, force: true });
    if (present !== null) await downloadPictures(deps.store, device, present, dir, signal);
    const laid = await layFrames(deps, growing, news, dir);
    const frames = framesToKeep([...(present?.frames ?? []), ...laid]);
    const about = { name: GROWN, origin: 'grown', check: null, tie: null, bytes: 0 } as const;
    const draft = grownManifest(capture, frames, { ...about, primary: await hashOf(primary) });
    const kept = laid.filter((frame) => frames.includes(frame));
    return kept.length > 0 && (await publishGrown(deps, device, primary, dir, draft, kept, signal));
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
};

/**
 * Adds a check's pictures to the grown layer where they show the scene in different light. Only the primary vouches for
 * them, never a layer, so drift cannot spread. Skips a camera that is in use.
 */
export const growLayer = async (
  deps: Dependencies,
  references: ReferenceCache,
  growing: Growing,
  signal: AbortSignal,
): Promise<void> => {
  const { device, manifest } = growing;
  if (!device.growLayers || manifest === null) return;
  try {
    const reference = growing.reference ?? (await references.of(device, signal));
    const frames = await candidates(deps, growing, reference, signal);
    if (frames.length === 0) return;
    // This takes a while, and after a kill the check must not be reported again.
    await markTold(growing.dir);
    const hasGrown = await withCameraLease(device, deps, 0, signal, (leased) =>
      addFrames(deps, { ...growing, manifest }, frames, reference, leased),
    );
    const message = `The layer ${GROWN} of ${cameraPath(device)} gained a picture in different light.`;
    if (hasGrown) deps.log({ level: 'info', event: 'layer_grown', message, device: device.deviceId });
  } catch (cause) {
    signal.throwIfAborted();
    if (!(cause instanceof AppError)) throw cause;
    if (cause.code === 'camera_busy') return;
    const message = `The layer ${GROWN} of ${cameraPath(device)} did not grow: ${cause.message}`;
    deps.log({ level: 'warn', event: 'layer_not_grown', message, device: device.deviceId, cause });
  }
};
