import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { exists, unlessMissing, writeWhole } from '../../capture/spool/file-tools.js';
import { type CaptureFrame, picturesOf } from '../../capture/spool/manifest.js';
import type { CameraName } from '../../ports/camera-name.js';
import type { ObjectStore } from '../../ports/object-store.js';
import { layerPrefix } from '../../state/object-layout.js';
import {
  layerManifest,
  type LayerManifest,
  primaryHashOf,
  type StoredLayer,
  storedLayers,
} from './layer-store.js';

type Usable = StoredLayer & { readonly manifest: LayerManifest };

const identityOf = ({ file, captured_at: at }: CaptureFrame): string => `${file} ${at}`;

/** Deletes the manifest first: without it the solver sees no layer. */
const removeLayer = async (dir: string): Promise<void> => {
  await rm(path.join(dir, 'manifest.json'), { force: true });
  await rm(dir, { recursive: true, force: true });
};

/** Deletes all pictures and features except the wanted ones, given as paths within the layer's folder. */
const keepOnly = async (dir: string, wanted: ReadonlySet<string>): Promise<void> => {
  for (const folder of ['images', 'features'])
    for (const name of await readdir(path.join(dir, folder)))
      if (!wanted.has(`${folder}/${name}`)) await rm(path.join(dir, folder, name), { force: true });
};

/** Syncs one layer's folder with the published layer: pictures and features first, the manifest last. */
const fetchLayer = async (
  store: ObjectStore,
  camera: CameraName,
  dir: string,
  layer: Usable,
  present: Buffer | null,
  signal: AbortSignal,
): Promise<void> => {
  const before = present && layerManifest(present, dir);
  const known = new Set(before === null ? [] : picturesOf(before).map(identityOf));
  const prefix = layerPrefix(camera, layer.name);
  const copy = async (file: string): Promise<void> => {
    const found = await store.get(`${prefix}/${file}`, signal);
    // The solver reports missing files if it needs them: features can stand in for pictures and vice versa.
    if (found !== null) await writeWhole(path.join(dir, file), found.body);
  };
  await mkdir(path.join(dir, 'images'), { recursive: true });
  await mkdir(path.join(dir, 'features'), { recursive: true });
  const pictures = picturesOf(layer.manifest);
  for (const frame of pictures) if (!known.has(identityOf(frame))) await copy(frame.file);
  const features = (await store.list(`${prefix}/features/`, signal)).map((key) =>
    key.slice(prefix.length + 1),
  );
  for (const file of features) if (!(await exists(path.join(dir, file)))) await copy(file);
  await writeWhole(path.join(dir, 'manifest.json'), layer.body);
  // A solver may still be using the previous manifest: its pictures stay until the next change.
  const kept = [...pictures, ...(before === null ? [] : picturesOf(before))].map(({ file }) => file);
  await keepOnly(dir, new Set([...kept, ...features]));
};

const isUsable = (layer: StoredLayer, primary: string): layer is Usable =>
  layer.manifest !== null && layer.manifest.layer.primary === primary;

/**
 * Syncs `layers/` of a local reference with the published layers that are tied to this very reference; others are
 * removed.
 */
export const fetchLayers = async (
  store: ObjectStore,
  camera: CameraName,
  referenceDir: string,
  signal: AbortSignal,
): Promise<void> => {
  const primary = primaryHashOf(await readFile(path.join(referenceDir, 'manifest.json')));
  const layersDir = path.join(referenceDir, 'layers');
  const layers = (await storedLayers(store, camera, signal)).filter((layer) => isUsable(layer, primary));
  const wanted = new Set(layers.map(({ name }) => name));
  for (const name of await unlessMissing(readdir(layersDir), []))
    if (!wanted.has(name)) await removeLayer(path.join(layersDir, name));
  for (const layer of layers) {
    const dir = path.join(layersDir, layer.name);
    const present = await unlessMissing<Buffer | null>(readFile(path.join(dir, 'manifest.json')), null);
    if (present === null || !present.equals(layer.body))
      await fetchLayer(store, camera, dir, layer, present, signal);
  }
};
