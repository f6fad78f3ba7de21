import { link, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { spoolFault, unlessMissing, writeJson } from '../../capture/spool/file-tools.js';
import { type CaptureManifest, picturesOf } from '../../capture/spool/manifest.js';
import { parseManifest } from '../../capture/spool/parse-manifest.js';
import { frameName } from '../../capture/spool/write-manifest.js';
import { AppError } from '../../ports/app-error.js';
import type { CameraName } from '../../ports/camera-name.js';
import type { ObjectStore } from '../../ports/object-store.js';
import { layerPrefix, referencePrefix } from '../../state/object-layout.js';
import { cameraPath } from '../text/wording.js';

const FEATURES = 'features';

/** Where a reference or layer is stored, and its name for people: `reference` or `layer night` of a camera. */
export interface Place {
  readonly prefix: string;
  readonly what: string;
  readonly camera: string;
}

export const referencePlace = (camera: CameraName): Place => ({
  prefix: referencePrefix(camera),
  what: 'reference',
  camera: cameraPath(camera),
});

export const layerPlace = (camera: CameraName, layer: string): Place => ({
  prefix: layerPrefix(camera, layer),
  what: `layer ${layer}`,
  camera: cameraPath(camera),
});

/** Where the replaced manifest is kept, with the pictures it names, so that it can be restored. */
export const previousManifestKey = ({ prefix }: Place): string => `${prefix}/previous-manifest.json`;

/** The coverage map in the scan's own folder. */
export const COVERAGE_MAP = 'coverage.png';

/** Prefix of the coverage maps of a reference and its predecessor. */
export const coverageMaps = ({ prefix }: Pick<Place, 'prefix'>): string => `${prefix}/coverage/`;

/** The published map, numbered like the scan's first picture so that it cannot be mistaken for another scan's. */
export const coverageMapKey = (place: Pick<Place, 'prefix'>, { frames }: CaptureManifest): string =>
  `${coverageMaps(place)}${path.parse(frames[0]?.file ?? '').name}.png`;

const numberIn = (key: string): number => Number(/\/(\d+)\.jpg$/.exec(key)?.[1] ?? -1);

/** The first unused picture number: a new scan never overwrites an older one's pictures. */
export const firstFreeNumber = async (store: ObjectStore, { prefix }: Place): Promise<number> => {
  const keys = await store.list(`${prefix}/images/`);
  return Math.max(-1, ...keys.map(numberIn)) + 1;
};

/** Lays out a finished scan for publication, pictures numbered from `firstNumber`; returns its manifest. */
export const layOut = async (
  scanDir: string,
  outDir: string,
  scan: CaptureManifest,
  firstNumber: number,
): Promise<CaptureManifest> => {
  const frames = scan.frames.map((frame, index) => ({
    ...frame,
    file: `images/${frameName(firstNumber + index)}`,
  }));
  try {
    await rm(outDir, { recursive: true, force: true });
    await mkdir(path.join(outDir, 'images'), { recursive: true });
    for (const [index, frame] of frames.entries())
      await link(path.join(scanDir, scan.frames[index]?.file ?? ''), path.join(outDir, frame.file));
  } catch (fault) {
    throw spoolFault(outDir, fault);
  }
  const manifest = { ...scan, frames };
  await writeJson(path.join(outDir, 'manifest.json'), manifest);
  return manifest;
};

export const changedMeanwhile = ({ what, camera }: Place): AppError =>
  new AppError(
    'reference_changed',
    `Another ${what} of ${camera} was published in the meantime; this one was not.`,
    'Scan again if you want this one.',
  );

const filesBelow = async (dir: string): Promise<string[]> => {
  const names = await unlessMissing(readdir(dir), []);
  return names.filter((name) => !name.startsWith('.'));
};

/** Deletes pictures, features and maps that neither the current nor the previous manifest needs. */
const prune = async (
  store: ObjectStore,
  { prefix }: Place,
  kept: readonly CaptureManifest[],
  features: readonly string[],
): Promise<void> => {
  const named = new Set(kept.flatMap(picturesOf).map(({ file }) => `${prefix}/${file}`));
  const wanted = new Set(features.map((name) => `${prefix}/${FEATURES}/${name}`));
  const maps = new Set(kept.map((manifest) => coverageMapKey({ prefix }, manifest)));
  for (const key of await store.list(coverageMaps({ prefix }))) if (!maps.has(key)) await store.delete(key);
  for (const key of await store.list(`${prefix}/images/`)) if (!named.has(key)) await store.delete(key);
  for (const key of await store.list(`${prefix}/${FEATURES}/`)) if (!wanted.has(key)) await store.delete(key);
};

/** The manifest in a body; none when it is damaged, which must not prevent publishing a better one. */
const manifestsIn = (body: Buffer, key: string): CaptureManifest[] => {
  try {
    return [parseManifest(body.toString('utf8'), key)];
  } catch (fault) {
    if (fault instanceof AppError) return [];
    throw fault;
  }
};

/**
 * Makes a laid-out scan the camera's reference, or a layer of it: everything is written beside the current one, then one
 * conditional write of the manifest switches. Readers see the old reference or the new one, never a mixture.
 */
export const publishScan = async (
  store: ObjectStore,
  place: Place,
  dir: string,
  manifest: CaptureManifest,
  signal: AbortSignal,
): Promise<void> => {
  const { prefix } = place;
  const key = `${prefix}/manifest.json`;
  const current = await store.get(key, signal);
  const upload = async (file: string): Promise<void> => {
    await store.put(`${prefix}/${file}`, await readFile(path.join(dir, file)), undefined, signal);
  };
  const before = current === null ? [] : manifestsIn(current.body, key);
  const there = new Set(before.flatMap(picturesOf).map(({ file }) => file));
  for (const { file } of picturesOf(manifest)) if (!there.has(file)) await upload(file);
  const features = await filesBelow(path.join(dir, FEATURES));
  for (const name of features) await upload(`${FEATURES}/${name}`);
  const map = await unlessMissing(readFile(path.join(dir, COVERAGE_MAP)), null);
  if (map !== null) await store.put(coverageMapKey(place, manifest), map, undefined, signal);
  if (current !== null) await store.put(previousManifestKey(place), current.body, undefined, signal);
  const body = await readFile(path.join(dir, 'manifest.json'));
  const condition = current === null ? ({ ifAbsent: true } as const) : { ifMatch: current.etag };
  if ((await store.put(key, body, condition, signal)) === null) throw changedMeanwhile(place);
  await prune(store, place, [manifest, ...before], features);
};
