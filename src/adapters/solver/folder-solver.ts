import type { Masks } from '../../ports/calibration-solver.js';
import { attitudeOf } from '../../solve/head/pointing-model.js';
import { answerAmong, solveWithLayers } from '../../solve/layers/solve-with-layers.js';
import {
  type LayerReport,
  PRIMARY,
  type ReferenceReport,
  type SolveAnswer,
  unanswered,
} from '../../solve/model/answer.js';
import type { DecodedFrame, FrameFeatures } from '../../solve/model/frame-features.js';
import { isZoomCovered, lensAtZoom } from '../../solve/model/lens-levels.js';
import type { Query, QueryCapture } from '../../solve/model/query-capture.js';
import type { Reference } from '../../solve/model/reference.js';
import { SphericalIndex } from '../../solve/model/spherical-index.js';
import { maskRectangles, OverlayLearner } from '../../solve/model/static-overlay-mask.js';
import { buildReference, panTiltOf, PoorScan } from '../../solve/scan/build-reference.js';
import { solveQuery } from '../../solve/solve-query.js';
import type { OpenCvEyes } from './akaze-features.js';
import { type CaptureFolder, openCaptureFolder, readFrame, unusableInput } from './capture-folder.js';
import { readFeatures, signatureOf, writeFeatures } from './feature-file.js';
import { LayerFolders } from './layer-folders.js';
import type { LoadedReference } from './loaded-reference.js';

/** A query to solve; with `layer` against that one alone. */
interface SolveRequest {
  readonly referenceDir: string;
  readonly queryDir: string;
  readonly thresholdDeg: number;
  readonly masks: Masks;
  readonly layer?: string;
}

const MAX_LOADED = 3;

/** Solving on folders, inside a child process. Keeps the references used last. */
export class FolderSolver {
  private readonly loaded = new Map<string, LoadedReference>();
  private readonly layers: LayerFolders;

  constructor(private readonly eyes: OpenCvEyes) {
    this.layers = new LayerFolders(eyes);
  }

  async prepare(referenceDir: string, masks: Masks): Promise<ReferenceReport> {
    const folder = await openCaptureFolder(referenceDir, 'reference');
    return (await this.load(folder, masks)).reference.report;
  }

  async prepareLayer(referenceDir: string, layerDir: string, masks: Masks): Promise<LayerReport> {
    const folder = await openCaptureFolder(referenceDir, 'reference');
    return this.layers.prepare(layerDir, await this.load(folder, masks));
  }

  async solve({ referenceDir, queryDir, thresholdDeg, masks, layer }: SolveRequest): Promise<SolveAnswer> {
    // All that may be wrong with the input is found before anything is computed or written.
    const folder = await openCaptureFolder(referenceDir, 'reference');
    const query = await openCaptureFolder(queryDir, 'query');
    const frames = await this.readQuery(folder, query);
    const primary = await this.load(folder, masks);
    const { reference } = primary;
    const startedMs = performance.now();
    const captures = query.manifest.frames.map((frame, i): QueryCapture => {
      const decoded = frames[i]!;
      const at = panTiltOf({ panDeg: frame.telemetry.pan, tiltDeg: frame.telemetry.tilt });
      return {
        file: frame.file,
        features: this.eyes.extract(decoded),
        picture: decoded,
        ...{ at, zoom: frame.telemetry.zoom, claimed: attitudeOf(reference.head, at) },
        lens: lensAtZoom(reference.levels, frame.telemetry.zoom, decoded.widthPx, decoded.heightPx),
        extractRolled: (rollDeg) => this.eyes.extract(decoded, rollDeg),
      };
    });
    const zoomCovered = query.manifest.frames.every(({ telemetry }) =>
      isZoomCovered(reference.levels, telemetry.zoom),
    );
    const asked = { name: queryDir, captures, zoomCovered, thresholdDeg };
    const answer = await this.answer(primary, asked, layer ?? null);
    return { ...answer, solve_ms: Math.round(performance.now() - startedMs) };
  }

  /** Without layers below the reference only the reference is asked. */
  private async answer(
    primary: LoadedReference,
    query: Query,
    only: string | null,
  ): Promise<Omit<SolveAnswer, 'solve_ms'>> {
    const { reference, index, folder } = primary;
    const names = await this.layers.namesBelow(folder.dir);
    if (only === PRIMARY || (only === null && names.length === 0)) return solveQuery(reference, index, query);
    if (only === null) return solveWithLayers(primary, query, () => this.layers.open(primary, names));
    const { layers, faults } = await this.layers.open(primary, [only]);
    return answerAmong(layers, query) ?? unanswered(query.name, faults[0] ?? `no answer from layer ${only}`);
  }

  /** The query's pictures, once they are known to fit the reference. */
  private async readQuery(folder: CaptureFolder, query: CaptureFolder): Promise<DecodedFrame[]> {
    const { device_id, frames } = folder.manifest;
    if (query.manifest.device_id !== device_id) {
      throw unusableInput(
        `${query.dir}: was taken by ${query.manifest.device_id}, the reference by ${device_id}.`,
      );
    }
    const { width, height } = frames[0]!;
    const decoded = await Promise.all(
      query.manifest.frames.map((frame) => readFrame(query, frame, this.eyes)),
    );
    const other = decoded.findIndex(({ widthPx, heightPx }) => widthPx !== width || heightPx !== height);
    if (other < 0) return decoded;
    const [{ file }, { widthPx, heightPx }] = [query.manifest.frames[other]!, decoded[other]!];
    throw unusableInput(`${query.dir}/${file}: is ${widthPx}x${heightPx}, the reference ${width}x${height}.`);
  }

  private async load(folder: CaptureFolder, masks: Masks): Promise<LoadedReference> {
    const referenceDir = folder.dir;
    const signature = signatureOf(folder.manifestText, masks);
    const kept = this.loaded.get(referenceDir);
    if (kept?.signature === signature) return kept;
    let reference = await readFeatures<Reference>(referenceDir, signature);
    if (reference === null) {
      reference = await this.build(folder, masks);
      await writeFeatures(referenceDir, signature, reference);
    }
    const index = new SphericalIndex(reference.landmarks.bearings);
    const entry = { signature, folder, masks, reference, index };
    this.loaded.delete(referenceDir);
    this.loaded.set(referenceDir, entry);
    const oldest = this.loaded.keys().next().value;
    if (this.loaded.size > MAX_LOADED && oldest !== undefined) this.loaded.delete(oldest);
    return entry;
  }

  private async build(folder: CaptureFolder, masks: Masks): Promise<Reference> {
    const { frames, lens } = folder.manifest;
    const [first] = frames;
    const learner = new OverlayLearner(first!.width, first!.height);
    const features: FrameFeatures[] = [];
    const pictures: DecodedFrame[] = [];
    for (let i = 0; i < frames.length; i++) {
      const decoded = await readFrame(folder, frames[i]!, this.eyes);
      if (decoded.widthPx !== first!.width || decoded.heightPx !== first!.height) {
        throw unusableInput(`${folder.dir}: ${frames[i]!.file} has another size than ${first!.file}.`);
      }
      learner.add(decoded);
      features.push(this.eyes.extract(decoded));
      if (!learner.canLearnFrom(frames.length)) pictures.push(decoded);
    }
    if (lens === null && frames.length < 2) {
      throw unusableInput(`${folder.dir}: a reference of one stop needs a lens in its manifest.`);
    }
    try {
      return buildReference({
        stops: frames.map(({ file, telemetry }) => ({
          file,
          panDeg: telemetry.pan,
          tiltDeg: telemetry.tilt,
          zoom: telemetry.zoom,
        })),
        features,
        mask: maskRectangles(learner.finish(), masks),
        ...(pictures.length > 0 && { pictures }),
        lens: lens && { zoomToHfovDeg: lens.zoom_to_hfov_deg, k1: lens.k1, k2: lens.k2 },
      });
    } catch (error) {
      if (error instanceof PoorScan) throw unusableInput(`${folder.dir}: ${error.message}`, error);
      throw error;
    }
  }
}
