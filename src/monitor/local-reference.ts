import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { exists } from '../capture/files.js';
import type { CaptureManifest } from '../capture/manifest.js';
import { spoolFault } from '../capture/manifest-io.js';
import { parseManifest } from '../capture/parse-manifest.js';
import type { CameraName } from '../capture/spool.js';
import { AppError } from '../ports/app-error.js';
import type { ObjectStore } from '../ports/object-store.js';
import { fetchLayers } from './local-layers.js';
import { referencePrefix } from './object-keys.js';

/** The published reference of a camera, as a folder that the solver can read. */
export interface LocalReference {
  readonly dir: string;
  readonly manifest: CaptureManifest;
}

const noReference = ({ deploymentName, cameraName }: CameraName): AppError =>
  new AppError(
    'no_reference',
    `${deploymentName}/${cameraName} has no reference yet.`,
    `Scan one: calib reference ${deploymentName}/${cameraName}`,
  );

const missing = (key: string): AppError =>
  new AppError(
    'reference_damaged',
    `The reference lacks ${key}.`,
    'Scan a new reference, or put the object back.',
  );

const damaged = ({ deploymentName, cameraName }: CameraName, why: string, cause: AppError): AppError =>
  new AppError(
    'reference_damaged',
    `The reference of ${deploymentName}/${cameraName} cannot be used: ${why}`,
    `Scan a new one: calib reference ${deploymentName}/${cameraName}`,
    cause,
  );

export const referenceManifestKey = (camera: CameraName): string =>
  `${referencePrefix(camera)}/manifest.json`;

const cameraDir = (cacheDir: string, { deploymentName, cameraName }: CameraName): string =>
  path.join(cacheDir, encodeURIComponent(deploymentName), encodeURIComponent(cameraName));

/** Names of the camera's folders in the cache, the generation's own left out. */
const otherGenerations = async (dir: string, name: string): Promise<string[]> => {
  const names = await readdir(dir);
  return names.filter((other) => other !== name);
};

/**
 * Keeps published references as local folders, one a camera, fetched anew when the published one changes (a manifest is
 * published last and never changes under its etag).
 */
export class LocalReferences {
  private readonly fetching = new Map<string, Promise<LocalReference>>();
  private readonly fetchingLayers = new Map<string, Promise<void>>();

  constructor(
    private readonly store: ObjectStore,
    private readonly cacheDir: string,
  ) {}

  /** AppError `no_reference` when none was published. */
  async of(camera: CameraName, signal: AbortSignal): Promise<LocalReference> {
    const key = referenceManifestKey(camera);
    const found = await this.store.get(key, signal);
    if (found === null) throw noReference(camera);
    const manifest = this.manifestIn(found.body, camera);
    const name = encodeURIComponent(found.etag.replaceAll('"', ''));
    const dir = path.join(cameraDir(this.cacheDir, camera), name);
    // Several checks of one camera share one download; the abort of one must not end it for the others.
    const pending = this.fetching.get(dir) ?? this.fetch(camera, dir, found.body, manifest);
    this.fetching.set(dir, pending);
    try {
      return await pending;
    } finally {
      this.fetching.delete(dir);
    }
  }

  /** The same with the reference's layers in it, as they are published now. */
  async withLayers(camera: CameraName, signal: AbortSignal): Promise<LocalReference> {
    const reference = await this.of(camera, signal);
    const { dir } = reference;
    // One after the other: each looks at what the one before has left.
    const earlier = this.fetchingLayers.get(dir) ?? Promise.resolve();
    const fetched = earlier
      .catch(() => undefined)
      .then(() => fetchLayers(this.store, camera, dir, signal))
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
   * The fault to tell when the solver cannot use a reference. Its local copy is given up, so that an object that was put
   * right is fetched anew.
   */
  async damaged(camera: CameraName, { dir }: LocalReference, cause: AppError): Promise<AppError> {
    await rm(dir, { recursive: true, force: true });
    const published = this.store.locationOf(referencePrefix(camera));
    return damaged(camera, cause.message.replaceAll(dir, published), cause);
  }

  private manifestIn(body: Buffer, camera: CameraName): CaptureManifest {
    try {
      return parseManifest(body.toString('utf8'), this.store.locationOf(referenceManifestKey(camera)));
    } catch (fault) {
      throw fault instanceof AppError ? damaged(camera, fault.message, fault) : fault;
    }
  }

  private async fetch(
    camera: CameraName,
    dir: string,
    manifestBody: Buffer,
    manifest: CaptureManifest,
  ): Promise<LocalReference> {
    if (await exists(dir)) return { dir, manifest };
    const part = `${dir}.part`;
    try {
      await rm(part, { recursive: true, force: true });
      await this.download(camera, part, manifest);
      await writeFile(path.join(part, 'manifest.json'), manifestBody);
      await rename(part, dir);
      for (const old of await otherGenerations(path.dirname(dir), path.basename(dir)))
        await rm(path.join(path.dirname(dir), old), { recursive: true, force: true });
    } catch (fault) {
      await rm(part, { recursive: true, force: true });
      throw fault instanceof AppError ? fault : spoolFault(dir, fault);
    }
    return { dir, manifest };
  }

  private async download(camera: CameraName, dir: string, manifest: CaptureManifest): Promise<void> {
    const prefix = referencePrefix(camera);
    await mkdir(path.join(dir, 'images'), { recursive: true });
    await mkdir(path.join(dir, 'features'), { recursive: true });
    const features = await this.store.list(`${prefix}/features/`);
    const files = [
      ...manifest.frames.map(({ file }) => ({ file, needed: true })),
      ...features.map((key) => ({ file: key.slice(prefix.length + 1), needed: false })),
    ];
    for (const { file, needed } of files) {
      const found = await this.store.get(`${prefix}/${file}`);
      if (found !== null) await writeFile(path.join(dir, file), found.body);
      else if (needed) throw missing(`${prefix}/${file}`);
    }
  }
}
