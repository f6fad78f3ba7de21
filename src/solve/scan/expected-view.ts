import { radFromDeg } from '../../geometry/angles.js';
import type { Lens } from '../../geometry/lens.js';
import type { Mat3 } from '../../geometry/rotation.js';
import type { ReferenceReport } from '../model/answer.js';
import { headOfReport } from '../head/head-report.js';
import { attitudeOf } from '../head/pointing-model.js';
import { lensAtZoom, type LensLevel } from '../model/lens-levels.js';

/** Where a picture looks, mount frame, and through which lens. */
export interface ExpectedView {
  readonly mountFromBody: Mat3;
  readonly lens: Lens;
}

/** What telemetry says of a picture: degrees, and optical magnification. */
export interface Pointing {
  readonly pan: number;
  readonly tilt: number;
  readonly zoom: number;
}

const levelsOf = ({ lens }: ReferenceReport, widthPx: number, heightPx: number): LensLevel[] =>
  lens.map(({ zoom, focal_px: focalPx, k1, k2, cx, cy }) => ({
    ...{ zoom, focalPx, k1, k2, offsetX: cx - (widthPx - 1) / 2, offsetY: cy - (heightPx - 1) / 2 },
  }));

/** Where the camera of a reference looks at a position of its telemetry, by its own head and lens; sizes of its pictures in px. */
export const expectedView = (
  report: ReferenceReport,
  { pan, tilt, zoom }: Pointing,
  widthPx: number,
  heightPx: number,
): ExpectedView => ({
  mountFromBody: attitudeOf(headOfReport(report.head), {
    panRad: radFromDeg(pan),
    tiltRad: radFromDeg(tilt),
  }),
  lens: lensAtZoom(levelsOf(report, widthPx, heightPx), zoom, widthPx, heightPx),
});
