import type { LayerReport, ReferenceReport, SolveAnswer } from '../solve/model/answer.js';

export type { LayerTie } from '../solve/model/answer.js';

/** Rectangles for the solver to ignore, in fractions of the frame. */
export type Masks = readonly {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}[];

/** Horizontal, of the pinhole without its distortion; or why it cannot be measured, half a sentence. */
export type FieldOfView = { readonly hfovDeg: number } | { readonly fault: string };

/** Solves on local folders in the capture layout (manifest.json, images, features/). Runs outside the app's own process. */
export interface CalibrationSolver {
  /** Path of a reference's features within its folder: it depends on the exact manifest and on the masks. */
  featuresFile(manifestText: string, masks: Masks): string;
  /** Computes `features/` below the folder and reports on the reference; AppError `unusable_input` for broken folders. */
  prepareReference(referenceDir: string, masks: Masks, signal: AbortSignal): Promise<ReferenceReport>;
  /**
   * Ties a laid-out layer to the primary scan of the folder, computes the layer's `features/` and reports on it; AppError
   * `unusable_input` for broken folders.
   */
  prepareLayer(
    request: { referenceDir: string; layerDir: string; masks: Masks },
    signal: AbortSignal,
  ): Promise<LayerReport>;
  /**
   * An answer or refusal, from the primary scan or one of its layers, or only from the given `layer`; AppError
   * `unusable_input` when a folder is unusable.
   */
  solve(
    request: { referenceDir: string; queryDir: string; thresholdDeg: number; masks: Masks; layer?: string },
    signal: AbortSignal,
  ): Promise<SolveAnswer>;
  /**
   * A camera's field of view, from a query folder of overlapping pictures at one zoom and their encoder readings;
   * AppError `unusable_input` for a broken folder.
   */
  measureFieldOfView(captureDir: string, masks: Masks, signal: AbortSignal): Promise<FieldOfView>;
  close(): Promise<void>;
}
