import type { Hopeless } from './foreign.js';
import type { Light } from './light.js';
import type { ScanPlan } from './scans.js';
import type { Season } from './season.js';

/** Where queries look: so far from the centre, to either side. */
export interface Region {
  readonly centreDeg: readonly [number, number];
  /** Least and most. */
  readonly panAwayDeg: readonly [number, number];
  readonly tiltAwayDeg: readonly [number, number];
}

/** An answer this far off is a wrong one. */
export const WRONG_DEG = 0.25;

/** One condition of the table: how its queries look against which scan. */
export interface Condition {
  readonly name: string;
  readonly scan: ScanPlan;
  readonly lights: readonly (Light | Season)[];
  /** Largest offset about each axis, degrees, or about one axis anywhere when `knock`. */
  readonly offsetDeg: number;
  readonly knock?: true;
  /** Somewhere around where left out, or at a single stop. */
  readonly region?: Region;
  /** Looks of one query, for an active check; one when omitted. */
  readonly looks?: number;
  /** Set where queries zoom in, by at least and at most so much. */
  readonly zoomed?: readonly [number, number];
  /** Set where the query's telemetry is exact although the scan's was not. */
  readonly exactQuery?: true;
  /** Share of the frame that foreign things cover; 0.15 when omitted. */
  readonly covered?: number;
  /** Set where the seasons change all that is fine, too. */
  readonly farApart?: true;
  /** An answer further off than this is wrong; {@link WRONG_DEG} when omitted. */
  readonly wrongDeg?: number;
  /** Set where every answer is wrong. */
  readonly refuse?: Hopeless | 'other place' | 'mirrored' | 'turned away';
  readonly quick?: true;
}
