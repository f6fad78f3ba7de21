import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { createHash } from 'node:crypto';
import { exists, unlessMissing } from '../../capture/spool/file-tools.js';
import type { CaptureFrame, ManifestLayer } from '../../capture/spool/manifest.js';
import { AppError } from '../../ports/app-error.js';
import type { LayerReport } from '../../solve/model/answer.js';
import { PoorScan } from '../../solve/scan/build-reference.js';
import { gatherLayer } from '../../solve/layers/assemble-layer.js';
import { isSameTie, type Layer, type LayerFrame } from '../../solve/layers/layer.js';
import { maskRectangles, OverlayLearner } from '../../solve/model/static-overlay-mask.js';
import type { OpenLayer, OpenLayers } from '../../solve/layers/solve-with-layers.js';
import { SphericalIndex } from '../../solve/model/spherical-index.js';
import { tieLayer, type BuiltLayer } from '../../solve/layers/register-layer.js';
import { openCaptureFolder, readFrame, unusableInput, type CaptureFolder } from './capture-folder.js';
import type { OpenCvEyes } from './akaze-features.js';
import type { LoadedReference } from './loaded-reference.js';
import { readFeatures, signatureOf, writeFeatures } from './feature-file.js';

/** A check ties a layer that was scanned within so long of it, ms. */
const MAX_CHECK_GAP_MS = 2 * 3_600_000;
/** Layers that stay in memory: those of the references that do. */
const MAX_KEPT = 8;

interface LayerFolder extends CaptureFolder {
  readonly part: ManifestLayer;
  readonly signature: string;
}

/** What the manifest says of the layer, without what was measured from it. */
const identityOf = (folder: CaptureFolder, part: ManifestLayer): string => {
  const { name, origin, primary, check } = part;
  return JSON.stringify({ ...folder.manifest, layer: { name, origin, primary, check } });
};

const gapMs = (frame: CaptureFrame, folder: CaptureFolder): number => {
  const at = Date.parse(frame.captured_at);
  const { started_at: from, finished_at: to } = folder.manifest;
  return Math.max(Date.parse(from) - at, at - Date.parse(to));
};

/** Why a layer's folder does not belong to the primary scan, or null. */
const strangeness = (folder: CaptureFolder, part: ManifestLayer, primary: LoadedReference): string | null => {
  const { manifest, manifestText } = primary.folder;
  if (folder.manifest.device_id !== manifest.device_id)
    return `was taken by ${folder.manifest.device_id}, the reference by ${manifest.device_id}`;
  if (part.primary !== createHash('sha256').update(manifestText).digest('hex'))
    return 'belongs to another primary reference: rebuild it';
  const { widthPx, heightPx } = primary.reference;
  const other = [...folder.manifest.frames, ...(part.check?.frames ?? [])].find(
    ({ width, height }) => width !== widthPx || height !== heightPx,
  );
  if (other !== undefined)
    return `${other.file} is ${other.width}x${other.height}, the reference ${widthPx}x${heightPx}`;
  const isLate = part.check?.frames.some((frame) => !(gapMs(frame, folder) <= MAX_CHECK_GAP_MS));
  return isLate === true ? 'is registered by a check that was not taken within 2 h of its scan' : null;
};

const openLayerFolder = async (dir: string, primary: LoadedReference): Promise<LayerFolder> => {
  const folder = await openCaptureFolder(dir, 'reference');
  const part = folder.manifest.layer;
  if (part === undefined) throw unusableInput(`${dir}: its manifest.json names no primary reference.`);
  const strange = strangeness(folder, part, primary);
  if (strange !== null) throw unusableInput(`${dir}: ${strange}.`);
  const signature = signatureOf(`${primary.signature}\n${identityOf(folder, part)}`, primary.masks);
  return { ...folder, part, signature };
};

type Opened = { readonly open: OpenLayer } | { readonly fault: string };

/** The layers in folders below a reference, inside a child process. Keeps the last used, and why others are unusable. */
export class LayerFolders {
  private readonly kept = new Map<string, { readonly signature: string; readonly opened: Opened }>();

  constructor(private readonly eyes: OpenCvEyes) {}

  async namesBelow(referenceDir: string): Promise<string[]> {
    const dir = path.join(referenceDir, 'layers');
    const entries = await unlessMissing(readdir(dir, { withFileTypes: true }), []);
    const names: string[] = [];
    for (const entry of entries)
      if (entry.isDirectory() && (await exists(path.join(dir, entry.name, 'manifest.json'))))
        names.push(entry.name);
    return names.sort();
  }

  /** Builds a layer, keeps its features beside it when it can answer, and reports on it. */
  async prepare(layerDir: string, primary: LoadedReference): Promise<LayerReport> {
    const folder = await openLayerFolder(layerDir, primary);
    const { report, layer } = await this.build(folder, primary);
    if (layer !== null) await writeFeatures(layerDir, folder.signature, layer);
    return report;
  }

  /** Opens layers by name; an unusable one is reported and does not affect the others. */
  async open(primary: LoadedReference, names: readonly string[]): Promise<OpenLayers> {
    const opened: Opened[] = [];
    for (const name of names) opened.push(await this.openOne(primary, name));
    return {
      layers: opened.flatMap((one) => ('open' in one ? [one.open] : [])),
      faults: opened.flatMap((one) => ('fault' in one ? [one.fault] : [])),
    };
  }

  private async openOne(primary: LoadedReference, name: string): Promise<Opened> {
    const dir = path.join(primary.folder.dir, 'layers', name);
    try {
      const folder = await openLayerFolder(dir, primary);
      const kept = this.kept.get(dir);
      const opened =
        kept?.signature === folder.signature ? kept.opened : await this.loadOrBuild(folder, primary, name);
      this.keep(dir, folder.signature, opened);
      return 'open' in opened ? trusted(opened.open, folder) : opened;
    } catch (fault) {
      if (!(fault instanceof AppError)) throw fault;
      return { fault: `layer ${name} cannot be used: ${fault.message}` };
    }
  }

  private keep(dir: string, signature: string, opened: Opened): void {
    this.kept.delete(dir);
    this.kept.set(dir, { signature, opened });
    const oldest = this.kept.keys().next().value;
    if (this.kept.size > MAX_KEPT && oldest !== undefined) this.kept.delete(oldest);
  }

  private async loadOrBuild(folder: LayerFolder, primary: LoadedReference, name: string): Promise<Opened> {
    let layer = await readFeatures<Layer>(folder.dir, folder.signature);
    if (layer === null) {
      const built = await this.buildOrFault(folder, primary);
      if (built.layer === null) return { fault: `layer ${name} cannot be used: ${built.faults.join(' ')}` };
      layer = built.layer;
      await writeFeatures(folder.dir, folder.signature, layer);
    }
    const { reference } = layer;
    return { open: { layer, reference, index: new SphericalIndex(reference.landmarks.bearings) } };
  }

  /** A poor scan stays poor; unreadable input may be repaired. */
  private async buildOrFault(
    folder: LayerFolder,
    primary: LoadedReference,
  ): Promise<{ readonly layer: Layer | null; readonly faults: readonly string[] }> {
    try {
      const { layer, report } = await this.build(folder, primary);
      return { layer, faults: report.faults };
    } catch (fault) {
      if (!(fault instanceof AppError && fault.cause instanceof PoorScan)) throw fault;
      return { layer: null, faults: [fault.message] };
    }
  }

  private async build(folder: LayerFolder, primary: LoadedReference): Promise<BuiltLayer> {
    const { manifest, part } = folder;
    const learner = new OverlayLearner(primary.reference.widthPx, primary.reference.heightPx);
    const frames = await this.framesOf(folder, manifest.frames, learner);
    if (part.origin === 'grown') return gatherLayer(primary, part.name, frames);
    const check = part.check && (await this.framesOf(folder, part.check.frames, null));
    const mask = maskRectangles(learner.finish(), primary.masks);
    try {
      return tieLayer(primary, { name: part.name, frames, mask, check });
    } catch (fault) {
      if (fault instanceof PoorScan) throw unusableInput(`${folder.dir}: ${fault.message}`, fault);
      throw fault;
    }
  }

  private async framesOf(
    folder: CaptureFolder,
    frames: readonly CaptureFrame[],
    learner: OverlayLearner | null,
  ): Promise<LayerFrame[]> {
    const read: LayerFrame[] = [];
    for (const frame of frames) {
      const { file, telemetry } = frame;
      const decoded = await readFrame(folder, frame, this.eyes);
      learner?.add(decoded);
      const stop = { file, panDeg: telemetry.pan, tiltDeg: telemetry.tilt, zoom: telemetry.zoom };
      read.push({ stop, features: this.eyes.extract(decoded) });
    }
    return read;
  }
}

/** A recorded registration must match the pictures, else one of them was changed. */
const trusted = (open: OpenLayer, { dir, part }: LayerFolder): Opened => {
  if (part.tie === null || isSameTie(part.tie, open.layer.tie)) return { open };
  throw unusableInput(`${dir}: its recorded registration does not match its pictures; rebuild it.`);
};
