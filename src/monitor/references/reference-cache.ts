import { mkdir, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import pLimit from 'p-limit';
import { exists, spoolFault, unlessMissing } from '../../capture/spool/file-tools.js';
import type { CaptureManifest } from '../../capture/spool/manifest.js';
import { parseManifest } from '../../capture/spool/parse-manifest.js';
import { AppError } from '../../ports/app-error.js';
import type { CalibrationSolver, Masks } from '../../ports/calibration-solver.js';
import type { CameraName } from '../../ports/camera-name.js';
import type { Clock } from '../../ports/clock.js';
import type { ObjectStore } from '../../ports/object-store.js';
import { referencePrefix } from '../../state/object-layout.js';
import { cameraPath } from '../text/wording.js';
import { makeRoom } from './cache-eviction.js';
import { fetchLayers } from './layer-cache.js';

/** A camera's published reference as a folder for the solver. */
export interface LocalReference {
  readonly dir: string;
  readonly manifest: CaptureManifest;
}

const noReference = (camera: CameraName): AppError =>
  new AppError(
    'no_reference',
    `${cameraPath(camera)} has no reference yet.`,
    `Scan one: calib reference ${cameraPath(camera)}`,
  );

const missing = (key: string): AppError =>
  new AppError(
    'reference_damaged',
    `The reference is missing ${key}.`,
    'Scan a new reference, or restore the object.',
  );

const damaged = (camera: CameraName, why: string, cause: AppError): AppError =>
  new AppError(
    'reference_damaged',
    `The reference of ${cameraPath(camera)} cannot be used: ${why}`,
    `Scan a new one: calib reference ${cameraPath(camera)}`,
    cause,
  );

/** A camera, and the parts of its pictures that the solver must ignore. */
type MaskedCamera = CameraName & { readonly masks: Masks };

export const referenceManifestKey = (camera: CameraName): string =>
  `${referencePrefix(camera)}/manifest.json`;

const cameraDir = (cacheDir: string, { deploymentName, cameraName }: CameraName): string =>
  path.join(cacheDir, encodeURIComponent(deploymentName), encodeURIComponent(cameraName));

/** The camera's other folders in the cache. */
const otherGenerations = async (dir: string, name: string): Promise<string[]> => {
  const names = await readdir(dir);
  return names.filter((other) => other !== name);
};

/** Concurrent downloads of one reference. */
const AT_ONCE = 8;
const FEATURES = 'features';

/**
 * Caches published references as local folders, one per camera, downloaded again when the published one changes (a
 * manifest is published last and never changes under its etag). Solving needs only features: pictures are downloaded on
 * demand. Least recently used references are evicted when the disk fills.
 */
export class ReferenceCache {
  private readonly fetching = new Map<string, Promise<unknown>>();
  private readonly fetchingLayers = new Map<string, Promise<void>>();
  private readonly cacheDir: string;

  constructor(
    private readonly deps: {
      readonly store: ObjectStore;
      readonly clock: Clock;
      readonly solver: Pick<CalibrationSolver, 'featuresFile'>;
    },
    spoolDir: string,
  ) {
    this.cacheDir = path.join(spoolDir, '.cache', 'references');
  }

  /** The published reference with its features. AppError `no_reference` when none was published. */
  async of(camera: MaskedCamera, signal: AbortSignal): Promise<LocalReference> {
    const key = referenceManifestKey(camera);
    const found = await this.deps.store.get(key, signal);
    if (found === null) throw noReference(camera);
    const manifest = this.manifestIn(found.body, camera);
    const name = encodeURIComponent(found.etag.replaceAll('"', ''));
    const dir = path.join(cameraDir(this.cacheDir, camera), name);
    await this.once(dir, () => this.fetch(camera, dir, found.body));
    return { dir, manifest };
  }

  /** Downloads the pictures not here yet; returns how many. AppError `reference_damaged` when one is missing. */
  async complete(camera: CameraName, { dir, manifest }: LocalReference): Promise<number> {
    const limit = pLimit(AT_ONCE);
    const fetched = manifest.frames.map(({ file }) => limit(() => this.fetchPicture(camera, dir, file)));
    return (await Promise.all(fetched)).filter(Boolean).length;
  }

  /** One of its pictures. AppError `reference_damaged` when it is missing. */
  async picture(camera: CameraName, { dir }: LocalReference, file: string): Promise<Buffer> {
    await this.fetchPicture(camera, dir, file);
    return readFile(path.join(dir, file)).catch((fault: unknown) => {
      throw spoolFault(dir, fault);
    });
  }

  /** Publishes the features computed here, so that nobody has to compute them again. */
  async shareFeatures(camera: CameraName, { dir }: LocalReference): Promise<void> {
    const prefix = `${referencePrefix(camera)}/${FEATURES}`;
    const published = new Set(await this.deps.store.list(`${prefix}/`));
    for (const name of await unlessMissing(readdir(path.join(dir, FEATURES)), [])) {
      const key = `${prefix}/${name}`;
      if (name.startsWith('.') || published.has(key)) continue;
      await this.deps.store.put(key, await readFile(path.join(dir, FEATURES, name)));
    }
  }

  /** The published reference with its published layers. */
  async withLayers(camera: MaskedCamera, signal: AbortSignal): Promise<LocalReference> {
    const reference = await this.of(camera, signal);
    const { dir } = reference;
    // One at a time: each starts from the result of the one before.
    const earlier = this.fetchingLayers.get(dir) ?? Promise.resolve();
    const fetched = earlier
      .catch(() => undefined)
      .then(() => fetchLayers(this.deps.store, camera, dir, signal))
      .catch((fault: unknown) => {
        throw fault instanceof AppError || signal.aborted ? fault : spoolFault(dir, fault);
      });
    this.fetchingLayers.set(dir, fetched);
    try {
      await fetched;
    } finally {
      if (this.fetchingLayers.get(dir) === fetched) this.fetchingLayers.delete(dir);
    }
    return reference;
  }

  /**
   * The fault to report when the solver cannot use a reference. Drops the local copy, so that a repaired object is
   * downloaded again.
   */
  async damaged(camera: CameraName, { dir }: LocalReference, cause: AppError): Promise<AppError> {
    await rm(dir, { recursive: true, force: true });
    const published = this.deps.store.locationOf(referencePrefix(camera));
    return damaged(camera, cause.message.replaceAll(dir, published), cause);
  }

  private manifestIn(body: Buffer, camera: CameraName): CaptureManifest {
    try {
      return parseManifest(body.toString('utf8'), this.deps.store.locationOf(referenceManifestKey(camera)));
    } catch (fault) {
      throw fault instanceof AppError ? damaged(camera, fault.message, fault) : fault;
    }
  }

  /** Several checks of one camera share one download; aborting one must not abort it for the others. */
  private async once<T>(place: string, work: () => Promise<T>): Promise<T> {
    const pending = (this.fetching.get(place) as Promise<T> | undefined) ?? work();
    this.fetching.set(place, pending);
    try {
      return await pending;
    } finally {
      this.fetching.delete(place);
    }
  }

  private async fetch(camera: MaskedCamera, dir: string, manifestBody: Buffer): Promise<void> {
    const now = this.deps.clock.nowMs() / 1000;
    const part = `${dir}.part`;
    try {
      if (!(await exists(dir))) {
        await rm(part, { recursive: true, force: true });
        await makeRoom(this.cacheDir, this.deps.clock.nowMs());
        await this.download(camera, part, manifestBody);
        await writeFile(path.join(part, 'manifest.json'), manifestBody);
        await rename(part, dir);
        for (const old of await otherGenerations(path.dirname(dir), path.basename(dir)))
          await rm(path.join(path.dirname(dir), old), { recursive: true, force: true });
      }
      await utimes(dir, now, now);
    } catch (fault) {
      await rm(part, { recursive: true, force: true });
      throw fault instanceof AppError ? fault : spoolFault(dir, fault);
    }
  }

  /** Downloads only features for these masks and this version: the solver computes missing ones. */
  private async download(camera: MaskedCamera, dir: string, manifestBody: Buffer): Promise<void> {
    await mkdir(path.join(dir, 'images'), { recursive: true });
    await mkdir(path.join(dir, FEATURES), { recursive: true });
    const file = this.deps.solver.featuresFile(manifestBody.toString('utf8'), camera.masks);
    const features = await this.deps.store.get(`${referencePrefix(camera)}/${file}`);
    if (features !== null) await writeFile(path.join(dir, file), features.body);
  }

  /** False when it was already here. */
  private fetchPicture(camera: CameraName, dir: string, file: string): Promise<boolean> {
    const place = path.join(dir, file);
    return this.once(place, async () => {
      if (await exists(place)) return false;
      const key = `${referencePrefix(camera)}/${file}`;
      const found = await this.deps.store.get(key);
      if (found === null) throw missing(key);
      try {
        await writeFile(`${place}.part`, found.body);
        await rename(`${place}.part`, place);
      } catch (fault) {
        throw spoolFault(place, fault);
      }
      return true;
    });
  }
}
