import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { spoolFault } from '../../capture/spool/file-tools.js';
import { type CaptureManifest, type ManifestLayer, picturesOf } from '../../capture/spool/manifest.js';
import { parseManifest } from '../../capture/spool/parse-manifest.js';
import { AppError } from '../../ports/app-error.js';
import type { CameraName } from '../../ports/camera-name.js';
import type { ObjectStore } from '../../ports/object-store.js';
import { layerPrefix, layersPrefix, referencePrefix } from '../../state/object-layout.js';
import { nearestOf } from '../text/device-selection.js';
import { cameraPath } from '../text/wording.js';

/** A layer's manifest, including its tie. */
export type LayerManifest = CaptureManifest & { readonly layer: ManifestLayer };

/** A published layer; `manifest` is null when unreadable. */
export interface StoredLayer {
  readonly name: string;
  readonly body: Buffer;
  readonly manifest: LayerManifest | null;
}

/** The one layer that grows by itself. */
export const GROWN = 'grown';
const TAKEN: readonly string[] = ['primary', GROWN];
const NAME = /^[a-z0-9][a-z0-9-]{0,31}$/;

/** AppError `bad_argument` for a name that a scanned layer cannot have. */
export const checkLayerName = (name: string): void => {
  if (TAKEN.includes(name))
    throw new AppError(
      'bad_argument',
      `The layer name ${name} is reserved.`,
      'Choose another, such as night or snow.',
    );
  if (!NAME.test(name))
    throw new AppError(
      'bad_argument',
      `${name} is not a valid layer name.`,
      'Use up to 32 lower-case letters, digits and hyphens, such as night or winter-night.',
    );
};

/** Identifies a layer's primary by its manifest, and so by everything about it. */
export const primaryHashOf = (manifestBody: Buffer): string =>
  createHash('sha256').update(manifestBody).digest('hex');

/** The hash of the published primary reference; null when there is none. */
export const presentPrimaryHash = async (
  store: ObjectStore,
  camera: CameraName,
  signal?: AbortSignal,
): Promise<string | null> => {
  const found = await store.get(`${referencePrefix(camera)}/manifest.json`, signal);
  return found === null ? null : primaryHashOf(found.body);
};

/** Null for anything but a layer's manifest. */
export const layerManifest = (body: Buffer, place: string): LayerManifest | null => {
  try {
    const manifest = parseManifest(body.toString('utf8'), place);
    return manifest.layer === undefined ? null : { ...manifest, layer: manifest.layer };
  } catch (fault) {
    if (fault instanceof AppError) return null;
    throw fault;
  }
};

const layerNames = async (
  store: ObjectStore,
  camera: CameraName,
  signal?: AbortSignal,
): Promise<string[]> => {
  const prefix = layersPrefix(camera);
  const keys = await store.list(prefix, signal);
  return keys.flatMap((key) => /^([^/]+)\/manifest\.json$/.exec(key.slice(prefix.length))?.[1] ?? []);
};

/** Null when there is no such layer. */
export const storedLayer = async (
  store: ObjectStore,
  camera: CameraName,
  name: string,
  signal?: AbortSignal,
): Promise<StoredLayer | null> => {
  const key = `${layerPrefix(camera, name)}/manifest.json`;
  const found = await store.get(key, signal);
  return found && { name, body: found.body, manifest: layerManifest(found.body, store.locationOf(key)) };
};

/** All published layers of a camera, by name. */
export const storedLayers = async (
  store: ObjectStore,
  camera: CameraName,
  signal?: AbortSignal,
): Promise<StoredLayer[]> => {
  const names = await layerNames(store, camera, signal);
  const layers = await Promise.all(names.map((name) => storedLayer(store, camera, name, signal)));
  return layers.filter((layer) => layer !== null);
};

/** The layer of that name; AppError `bad_argument` with suggestions. */
export const namedLayer = async (
  store: ObjectStore,
  camera: CameraName,
  name: string,
  signal: AbortSignal,
): Promise<StoredLayer> => {
  const layer = await storedLayer(store, camera, name, signal);
  if (layer !== null) return layer;
  const names = await layerNames(store, camera, signal);
  const near = nearestOf(name, names);
  const known =
    names.length === 0
      ? `It has no layers yet. Scan one: calib reference ${cameraPath(camera)} --layer night`
      : `Its layers are ${names.join(', ')}.`;
  throw new AppError(
    'bad_argument',
    `${cameraPath(camera)} has no layer named ${name}.`,
    near === null ? known : `Did you mean ${near}?`,
  );
};

/** Names of the layers tied to a primary other than the published one. */
export const layersTiedElsewhere = async (store: ObjectStore, camera: CameraName): Promise<string[]> => {
  const present = await presentPrimaryHash(store, camera);
  const layers = await storedLayers(store, camera);
  return layers
    .filter(({ manifest }) => manifest !== null && manifest.layer.primary !== present)
    .map(({ name }) => name);
};

/** Downloads all pictures of a layer into a new folder; AppError `layer_damaged` when one is missing. */
export const downloadPictures = async (
  store: ObjectStore,
  camera: CameraName,
  manifest: LayerManifest,
  dir: string,
  signal: AbortSignal,
): Promise<void> => {
  const prefix = layerPrefix(camera, manifest.layer.name);
  await mkdir(path.join(dir, 'images'), { recursive: true }).catch((fault: unknown) => {
    throw spoolFault(dir, fault);
  });
  for (const { file } of picturesOf(manifest)) {
    const found = await store.get(`${prefix}/${file}`, signal);
    if (found === null)
      throw new AppError(
        'layer_damaged',
        `The layer ${manifest.layer.name} of ${cameraPath(camera)} is missing ${file}.`,
        'Scan it again, or drop it.',
      );
    await writeFile(path.join(dir, file), found.body).catch((fault: unknown) => {
      throw spoolFault(dir, fault);
    });
  }
};
