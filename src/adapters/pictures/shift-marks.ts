import { degFromRad, radFromDeg } from '../../geometry/angles.js';
import type { PictureShift } from '../../ports/pictures.js';
import type { Canvas, Colour, Point } from './canvas.js';
import { HALO, ORANGE, SKY } from './palette.js';

/** A panel's place on the sheet. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly widthPx: number;
  readonly heightPx: number;
}

export const middleOf = ({ x, y, widthPx, heightPx }: Box): Point => [
  x + (widthPx - 1) / 2,
  y + (heightPx - 1) / 2,
];

const SMALLEST_SHIFT_PX = 0.5;
const SMALLEST_ROLL_DEG = 0.1;
const SHORTEST_ARROW_PX = 80;
const SMALLEST_SWEEP_DEG = 20;
const SHAFT_PX = 7;
const HALO_PX = 4;

/** How often a mark is enlarged: the first factor that makes it large enough to be seen. */
const enlargement = (size: number, wanted: number, factors: readonly number[]): number =>
  factors.find((factor) => size * factor >= wanted) ?? factors.at(-1)!;

/** What is drawn for a shift, and the words beside it; null where it is too small to show. */
export interface ShiftMarks {
  readonly arrow: { readonly from: Point; readonly to: Point; readonly words: string } | null;
  readonly arc: { readonly sweepDeg: number; readonly words: string } | null;
}

const times = (factor: number, what: string): string => (factor === 1 ? '' : ` · ${what} ×${factor}`);
const pixels = (value: number): string =>
  Math.abs(value) < 9.95 ? Math.abs(value).toFixed(1) : Math.abs(value).toFixed(0);

const moved = ({ dx, dy }: PictureShift): string => {
  const parts = [
    Math.abs(dx) < 0.05 ? null : `${pixels(dx)} px ${dx > 0 ? 'right' : 'left'}`,
    Math.abs(dy) < 0.05 ? null : `${pixels(dy)} px ${dy > 0 ? 'down' : 'up'}`,
  ];
  return `Scene moved ${parts.filter((part) => part !== null).join(', ')}`;
};

/** The share of a way from the middle that stays within the panel. */
const shareInside = ({ widthPx, heightPx }: Box, x: number, y: number): number =>
  Math.min(1, (widthPx / 2 - 24) / Math.abs(x), (heightPx / 2 - 24) / Math.abs(y));

const planArrow = (shift: PictureShift, panel: Box, scale: number): ShiftMarks['arrow'] => {
  const sizePx = Math.hypot(shift.dx, shift.dy);
  if (sizePx < SMALLEST_SHIFT_PX) return null;
  const factor = enlargement(sizePx * scale, SHORTEST_ARROW_PX, [1, 2, 4, 8, 16, 32, 64, 128]);
  const [x, y] = [shift.dx * scale * factor, shift.dy * scale * factor];
  const share = shareInside(panel, x, y);
  const from = middleOf(panel);
  const cut = share < 1 ? ' · arrow cut at the edge' : '';
  return {
    from,
    to: [from[0] + x * share, from[1] + y * share],
    words: `${moved(shift)}${times(factor, 'arrow')}${cut}`,
  };
};

const planArc = ({ rollDeg }: PictureShift): ShiftMarks['arc'] => {
  if (Math.abs(rollDeg) < SMALLEST_ROLL_DEG) return null;
  const factor = enlargement(Math.abs(rollDeg), SMALLEST_SWEEP_DEG, [1, 2, 5, 10, 20, 50, 100, 200]);
  const way = rollDeg > 0 ? 'clockwise' : 'counter-clockwise';
  return {
    sweepDeg: Math.max(-170, Math.min(170, rollDeg * factor)),
    words: `Turned ${Math.abs(rollDeg).toFixed(2)}° ${way}${times(factor, 'arc')}`,
  };
};

/** `scale`: panel pixels for each pixel of the full-size picture. */
export const planShiftMarks = (shift: PictureShift, panel: Box, scale: number): ShiftMarks => ({
  arrow: planArrow(shift, panel, scale),
  arc: planArc(shift),
});

/** A head of an arrow whose tip is at `tip` and points along `angleRad` (0 right, clockwise). */
const headAt = ([x, y]: Point, angleRad: number, sizePx: number): Point[] => {
  const at = (along: number, across: number): Point => [
    x + along * Math.cos(angleRad) - across * Math.sin(angleRad),
    y + along * Math.sin(angleRad) + across * Math.cos(angleRad),
  ];
  return [at(0, 0), at(-sizePx, 0.55 * sizePx), at(-sizePx, -0.55 * sizePx)];
};

const outlinedLine = (
  canvas: Canvas,
  line: readonly Point[],
  tip: Point,
  angleRad: number,
  colour: Colour,
): void => {
  const grown: Point = [
    tip[0] + 1.8 * HALO_PX * Math.cos(angleRad),
    tip[1] + 1.8 * HALO_PX * Math.sin(angleRad),
  ];
  canvas.strokeLine(line, SHAFT_PX + 2 * HALO_PX, HALO);
  canvas.fillConvex(headAt(grown, angleRad, 28 + 2.6 * HALO_PX), HALO);
  canvas.strokeLine(line, SHAFT_PX, colour);
  canvas.fillConvex(headAt(tip, angleRad, 28), colour);
};

const drawArrow = (canvas: Canvas, { from, to }: NonNullable<ShiftMarks['arrow']>): void => {
  const angle = Math.atan2(to[1] - from[1], to[0] - from[0]);
  const neck: Point = [to[0] - 22 * Math.cos(angle), to[1] - 22 * Math.sin(angle)];
  outlinedLine(canvas, [from, neck], to, angle, ORANGE);
};

/** From straight up, the way the scene turned. */
const drawArc = (canvas: Canvas, panel: Box, sweepDeg: number): void => {
  const [x, y] = middleOf(panel);
  const radius = 0.36 * panel.heightPx;
  const at = (turnedDeg: number, r = radius): Point => {
    const angle = radFromDeg(turnedDeg - 90);
    return [x + r * Math.cos(angle), y + r * Math.sin(angle)];
  };
  const way = Math.sign(sweepDeg);
  const neckDeg = sweepDeg - way * Math.min(Math.abs(sweepDeg), degFromRad(22 / radius));
  const line = Array.from({ length: 33 }, (_, step) => at((neckDeg * step) / 32));
  canvas.strokeLine([at(0, radius - 16), at(0, radius + 16)], 5 + 2 * HALO_PX, HALO);
  outlinedLine(
    canvas,
    line,
    at(sweepDeg),
    radFromDeg(sweepDeg - 90 + way * (90 - degFromRad(11 / radius))),
    SKY,
  );
  canvas.strokeLine([at(0, radius - 16), at(0, radius + 16)], 5, SKY);
};

export const drawShiftMarks = (canvas: Canvas, panel: Box, { arrow, arc }: ShiftMarks): void => {
  if (arc !== null) drawArc(canvas, panel, arc.sweepDeg);
  if (arrow !== null) drawArrow(canvas, arrow);
};
