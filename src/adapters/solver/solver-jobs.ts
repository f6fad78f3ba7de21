import type { LayerReport, ReferenceReport, SolveAnswer } from '../../solve/model/answer.js';
import type { FieldOfView, Masks } from '../../ports/calibration-solver.js';

export type SolverJob =
  | { readonly kind: 'prepare'; readonly referenceDir: string; readonly masks: Masks }
  | {
      readonly kind: 'solve';
      readonly referenceDir: string;
      readonly queryDir: string;
      readonly thresholdDeg: number;
      readonly masks: Masks;
      readonly layer?: string;
    }
  | {
      readonly kind: 'prepare-layer';
      readonly referenceDir: string;
      readonly layerDir: string;
      readonly masks: Masks;
    }
  | { readonly kind: 'measure-view'; readonly captureDir: string; readonly masks: Masks };

export type SolverResult =
  | { readonly kind: 'report'; readonly report: ReferenceReport }
  | { readonly kind: 'layer-report'; readonly report: LayerReport }
  | { readonly kind: 'answer'; readonly answer: SolveAnswer }
  | { readonly kind: 'view'; readonly view: FieldOfView };
