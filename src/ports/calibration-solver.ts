import type { LayerReport, ReferenceReport, SolveAnswer } from '../solve/model/answer.js';

export type { LayerTie } from '../solve/model/answer.js';

/** Rectangles in fractions of the frame that the solver must not look at. */
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
  /** Where below its folder a reference's features are kept: they depend on the manifest, to the letter, and on the masks. */
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
  /** Answer or refusal, from the primary scan or one of the layers below it, or from the one `layer` that is asked for; AppError `unusable_input` when a folder cannot be used at all. */
  solve(
    request: { referenceDir: string; queryDir: string; thresholdDeg: number; masks: Masks; layer?: string },
    signal: AbortSignal,
  ): Promise<SolveAnswer>;
  /**
   * How wide a camera sees, from a query folder of overlapping pictures of one zoom and what its encoders say of them; AppError
   * `unusable_input` for a broken folder.
   */
  measureFieldOfView(captureDir: string, masks: Masks, signal: AbortSignal): Promise<FieldOfView>;
  close(): Promise<void>;
}
