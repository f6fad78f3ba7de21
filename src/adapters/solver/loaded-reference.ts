import type { Masks } from '../../ports/calibration-solver.js';
import type { Reference } from '../../solve/model/reference.js';
import type { SphericalIndex } from '../../solve/model/spherical-index.js';
import type { CaptureFolder } from './capture-folder.js';

/** A reference in memory, with the folder and masks it was built from. */
export interface LoadedReference {
  readonly signature: string;
  readonly folder: CaptureFolder;
  readonly masks: Masks;
  readonly reference: Reference;
  readonly index: SphericalIndex;
}
