import { degFromRad, radFromDeg } from '../../geometry/angles.js';
import type { PtzPosition } from '../../ports/telemetry.js';
import {
  isCircle,
  MAX_STEP,
  middleOf,
  MIN_STEP,
  panWidthDeg,
  positionsOf,
  rowsOver,
  spanOf,
  spreadOver,
  type RangeDeg,
  type Row,
  type ViewDeg,
} from './plan-rows.js';

/** What a scan is planned from: how far the head reaches, and how much its camera sees at its widest zoom; degrees. */
export interface ScanScope extends ViewDeg {
  readonly panRangeDeg: RangeDeg;
  readonly tiltRangeDeg: RangeDeg;
  /** Magnifications; null where the camera has one zoom, or nothing says what its numbers mean. */
  readonly zoomRange: readonly [number, number] | null;
  /** Where a view too narrow for all directions is to look; the middle of the range when not given. */
  readonly aroundPanDeg?: number;
}

/** What of the ranges a plan does not cover: the sky, or what a narrow view cannot cover in a reasonable number of stops. */
type LeftOut = 'sky' | 'narrow_view';

export interface ScanPlan {
  /** Rows of the widest zoom from the lowest up, then the zoomed ones; the shortest way from each to the next. */
  readonly stops: readonly PtzPosition[];
  /** Rows of tilt at the widest zoom. */
  readonly rowCount: number;
  readonly hfovDeg: number;
  /** What the rows cover, degrees. */
  readonly panRangeDeg: RangeDeg;
  readonly tiltRangeDeg: RangeDeg;
  readonly leftOut: readonly LeftOut[];
}

/** More stops of the widest zoom than this make no better reference: half an hour of driving, 40 MB of pictures. */
const MAX_WIDE_STOPS = 150;
/** Above this there is mostly sky: nothing that stays. */
const SKY_DEG = 25;
/** A little below the horizon: where cameras on masts look most, and where most texture is. */
const LOOK_TILT_DEG = -5;
const MAX_ZOOM = 4;
const MAX_ZOOM_STEP = 2;
/** A smaller range of zoom follows from the widest picture. */
const MIN_ZOOM = 1.15;
const STOPS_A_PLACE = 3;
/** Of the pans covered, where the zoomed stops look. */
const ZOOM_PLACES = [1 / 4, 3 / 4];

/** What of a range lies within another one. */
const within = ([low, high]: RangeDeg, [least, most]: RangeDeg): RangeDeg => [
  Math.max(low, least),
  Math.min(high, most),
];

/** The part of a range of a certain size that lies nearest around a place. */
const partAround = (placeDeg: number, range: RangeDeg, sizeDeg: number): RangeDeg => {
  if (sizeDeg >= spanOf(range)) return range;
  const lowDeg = Math.min(Math.max(placeDeg - sizeDeg / 2, range[0]), range[1] - sizeDeg);
  return [lowDeg, lowDeg + sizeDeg];
};

/** The same, of pans of a head that turns all around: it may reach across the end of its range. */
const sectorAround = (placeDeg: number, range: RangeDeg, sizeDeg: number): RangeDeg =>
  isCircle(range) ? [placeDeg - sizeDeg / 2, placeDeg + sizeDeg / 2] : partAround(placeDeg, range, sizeDeg);

/** The tilts worth scanning: never beyond the poles, and not the sky, of which at least a picture's height is left. */
const tiltsWorthwhile = ({ tiltRangeDeg, vfovDeg }: ScanScope): RangeDeg => {
  const [low, high] = within(tiltRangeDeg, [-90, 90]);
  return [low, Math.min(high, Math.max(SKY_DEG, low + vfovDeg))];
};

interface Rows {
  readonly rows: readonly Row[];
  readonly panRangeDeg: RangeDeg;
  readonly tiltRangeDeg: RangeDeg;
  readonly isWhole: boolean;
}

/**
 * Rows over as much of the ranges as {@link MAX_WIDE_STOPS} allow: all of it, or all pans in fewer rows around the horizon
 * (the closed circle holds the scan together), or two rows over a sector.
 */
const wideRows = (scope: ScanScope): Rows => {
  const tiltRange = tiltsWorthwhile(scope);
  const { vfovDeg, hfovDeg, aroundPanDeg = middleOf(scope.panRangeDeg) } = scope;
  // Three tilts tell the head's errors apart better than two; less than a picture's height leaves no room for three.
  const leastRows = spanOf(tiltRange) >= vfovDeg ? 3 : 2;
  const over = (panRangeDeg: RangeDeg, tiltRangeDeg: RangeDeg, least: number, isWhole: boolean): Rows => {
    const rows = rowsOver(panRangeDeg, tiltRangeDeg, scope, least);
    return { rows, panRangeDeg, tiltRangeDeg, isWhole };
  };
  const fits = ({ rows }: Rows): boolean => rows.reduce((sum, { count }) => sum + count, 0) <= MAX_WIDE_STOPS;
  const whole = over(scope.panRangeDeg, tiltRange, leastRows, true);
  if (fits(whole)) return whole;
  for (let rows = Math.min(whole.rows.length - 1, MAX_WIDE_STOPS / 3); rows >= 2; rows--) {
    const band = partAround(LOOK_TILT_DEG, tiltRange, rows * MAX_STEP * vfovDeg);
    const fewer = over(scope.panRangeDeg, band, 2, false);
    if (fits(fewer)) return fewer;
  }
  const band = partAround(LOOK_TILT_DEG, tiltRange, 2 * MAX_STEP * vfovDeg);
  const sizeDeg = (MAX_WIDE_STOPS / 2 - 2) * MAX_STEP * hfovDeg;
  return over(sectorAround(aroundPanDeg, scope.panRangeDeg, sizeDeg), band, 2, false);
};

/** Magnifications beyond the widest: equal ratios of at most {@link MAX_ZOOM_STEP}. */
const furtherZooms = (zoomRange: readonly [number, number] | null): number[] => {
  if (zoomRange === null) return [];
  const [widest, longest] = zoomRange;
  const ratio = Math.min(MAX_ZOOM, longest / widest);
  if (ratio < MIN_ZOOM) return [];
  const count = Math.ceil(Math.log(ratio) / Math.log(MAX_ZOOM_STEP) - 1e-9);
  return Array.from({ length: count }, (_, index) => widest * ratio ** ((index + 1) / count));
};

/** The pans of the stops of one zoom, ascending: a few neighbours at each of two places, one place where both would meet. */
const zoomedPans = (range: RangeDeg, hfovDeg: number, tiltDeg: number): number[] => {
  const widthDeg = panWidthDeg(hfovDeg, tiltDeg);
  const sizeDeg = STOPS_A_PLACE * MIN_STEP * widthDeg;
  const places = spanOf(range) < 2 * ZOOM_PLACES.length * sizeDeg ? [1 / 2] : ZOOM_PLACES;
  return places.flatMap((share) => {
    const part = partAround(range[0] + share * spanOf(range), range, sizeDeg);
    return positionsOf(spreadOver(part, widthDeg, STOPS_A_PLACE));
  });
};

const zoomedHfovDeg = (hfovDeg: number, magnification: number): number =>
  2 * degFromRad(Math.atan(Math.tan(radFromDeg(hfovDeg) / 2) / magnification));

/** Every second row the way back. */
const forthAndBack = (rows: readonly (readonly PtzPosition[])[]): PtzPosition[] =>
  rows.flatMap((row, index) => (index % 2 === 0 ? row : row.toReversed()));

const rounded = (value: number): number => Math.round(value * 100) / 100;

/** A pan as the head counts it. */
export const turnedInto = ([low, high]: RangeDeg, panDeg: number): number => {
  const turned = panDeg - 360 * Math.floor((panDeg - low) / 360);
  return turned > high ? panDeg : turned;
};

/**
 * Plans a reference scan: the fewest stops that cover what the head reaches, neighbours overlapping by 30–50 % of a picture.
 *
 * Rows. The tilt range is divided among the fewest rows whose pictures overlap, at least two, and three where there is room: the
 * errors of a head show as functions of tilt. Each row takes as many pans as the cosine of its tilt asks for, near the zenith and
 * the nadir three or four; every second row is staggered. A head that turns all around closes the circle without repeating its
 * first stop; one with end stops has its outermost stops so near to them that a picture taken at the very end is covered
 * by two thirds. Small ranges overlap by more than half: there is no room for less.
 *
 * Sky. A camera on a mast looks from some −30° to +20°, and its tilt range says more only because domes can look straight up.
 * Above {@link SKY_DEG} there are clouds, which a reference must not rest on; stops there would only be told as weak. Downwards
 * everything is scanned: the ground stays, and it takes few stops. Who has mountains or ceilings above gives a grid.
 *
 * Narrow views. All directions at 5° would take thousands of stops. At most {@link MAX_WIDE_STOPS} are planned, and
 * `leftOut` says so.
 *
 * Zoom. Focal length and principal point change with the zoom, so two more magnifications are visited, a few stops each in one row
 * at two places, in case one shows nothing but water. A picture is matched to the zoom before it where it is at most twice
 * as large, hence the steps of at most 2×. Beyond 4× a picture shows so little that a few stops of it calibrate
 * nothing that the magnification does not say, and a check there finds too few landmarks of the rows.
 *
 * Ranges as in the settings, of which the tilts must reach between −90 and 90; positions in hundredths of a degree.
 */
export const planScan = (scope: ScanScope): ScanPlan => {
  const { rows, panRangeDeg, tiltRangeDeg, isWhole } = wideRows(scope);
  const widest = scope.zoomRange?.[0] ?? 1;
  const tiltDeg = middleOf(partAround(LOOK_TILT_DEG, tiltRangeDeg, spanOf(tiltRangeDeg) / 10));
  const zoomed = furtherZooms(scope.zoomRange).map((zoom) => {
    const hfovDeg = zoomedHfovDeg(scope.hfovDeg, zoom / widest);
    return { zoom, tiltDeg, pansDeg: zoomedPans(panRangeDeg, hfovDeg, tiltDeg) };
  });
  const wide = rows.map((row) => ({ zoom: widest, tiltDeg: row.tiltDeg, pansDeg: positionsOf(row) }));
  const stopsOf = (row: (typeof zoomed)[number]): PtzPosition[] =>
    row.pansDeg.map((panDeg) => ({
      panDeg: rounded(turnedInto(scope.panRangeDeg, panDeg)),
      tiltDeg: rounded(row.tiltDeg),
      zoom: rounded(row.zoom),
    }));
  const seenUpToDeg = rows.at(-1)!.tiltDeg + scope.vfovDeg / 2;
  const skyIsLeft = isWhole && Math.min(90, scope.tiltRangeDeg[1]) > seenUpToDeg;
  return {
    stops: forthAndBack([...wide, ...zoomed].map(stopsOf)),
    rowCount: rows.length,
    hfovDeg: scope.hfovDeg,
    panRangeDeg,
    tiltRangeDeg,
    leftOut: [...(skyIsLeft ? (['sky'] as const) : []), ...(isWhole ? [] : (['narrow_view'] as const))],
  };
};
