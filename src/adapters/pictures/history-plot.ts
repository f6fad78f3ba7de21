import type { Pictures, PlottedRow } from '../../ports/pictures.js';
import { timeTicks, valueTicks } from './axis-ticks.js';
import { Canvas, type Colour, type Point } from './canvas.js';
import { encodePng } from './jimp-codec.js';
import { BACKGROUND, GREEN, ORANGE, PANEL, QUIET, SKY, TEXT, VERMILION } from './palette.js';
import type { TextPainter } from './text.js';

/** A phone shows the plot at a quarter of its size: letters must still be read there. */
const SMALL = 27;
const WIDTH = 1200;
const HEIGHT = 600;
const LEFT = 104;
const RIGHT = WIDTH - 32;
const TOP = 128;
const BOTTOM = 470;
/** Where checks without an answer are marked. */
const STRIP_TOP = 480;
const STRIP_HEIGHT = 26;

const GRID: Colour = [255, 255, 255, 0.07];
const ZERO: Colour = [255, 255, 255, 0.28];
const REFERENCE: Colour = [240, 242, 244, 0.6];
const BAND: Colour = [120, 190, 160, 0.13];
const BAND_EDGE: Colour = [150, 210, 185, 0.55];

const SERIES = [
  { name: 'yaw', column: 'yaw_offset', colour: ORANGE },
  { name: 'pitch', column: 'pitch_offset', colour: SKY },
  { name: 'roll', column: 'roll_offset', colour: GREEN },
] as const;
type Column = (typeof SERIES)[number]['column'];

/** Without a check for this many usual intervals, no line is drawn across. */
const LONGEST_BRIDGE = 4;
/** With fewer measurements than this each is a dot as well. */
const DOTS_BELOW = 80;

interface Check {
  readonly atMs: number;
  readonly row: PlottedRow;
}

interface Scale {
  readonly fromMs: number;
  readonly toMs: number;
  /** The axis goes from −limit to +limit. */
  readonly limitDeg: number;
  x(atMs: number): number;
  y(angleDeg: number): number;
}

const largestOf = (checks: readonly Check[]): number =>
  checks.reduce(
    (most, { row }) => SERIES.reduce((m, { column }) => Math.max(m, Math.abs(row[column] ?? 0)), most),
    0,
  );

const scaleOf = (checks: readonly Check[], thresholdDeg: number): Scale => {
  const [first, last] = [checks[0]?.atMs ?? 0, checks.at(-1)?.atMs ?? 0];
  // A single check stands in the middle of an hour.
  const aroundMs = first === last ? 1_800_000 : (last - first) * 0.015;
  const [fromMs, toMs] = [first - aroundMs, last + aroundMs];
  const limitDeg = 1.15 * Math.max(largestOf(checks), 1.25 * thresholdDeg, 0.01);
  return {
    ...{ fromMs, toMs, limitDeg },
    x: (atMs) => LEFT + ((atMs - fromMs) / (toMs - fromMs)) * (RIGHT - LEFT),
    y: (angleDeg) => (TOP + BOTTOM) / 2 - (angleDeg / limitDeg) * ((BOTTOM - TOP) / 2),
  };
};

/** The usual time between checks. */
const usualStepMs = (checks: readonly Check[]): number => {
  const steps = checks.slice(1).map(({ atMs }, index) => atMs - checks[index]!.atMs);
  return steps.sort((a, b) => a - b)[Math.floor(steps.length / 2)] ?? Infinity;
};

/**
 * Pieces of line of one angle: a piece ends where a check has no answer, where checks are missing, and where the reference
 * changed: angles to either side of it cannot be compared.
 */
const piecesOf = (
  checks: readonly Check[],
  column: Column,
  scale: Scale,
  changesMs: readonly number[],
): Point[][] => {
  const longestMs = LONGEST_BRIDGE * usualStepMs(checks);
  const isBroken = (fromMs: number, toMs: number): boolean =>
    toMs - fromMs > longestMs || changesMs.some((atMs) => atMs > fromMs && atMs <= toMs);
  const pieces: Point[][] = [];
  let beforeMs: number | null = null;
  for (const { atMs, row } of checks) {
    const angleDeg = row[column];
    if (angleDeg === null) {
      beforeMs = null;
      continue;
    }
    if (beforeMs === null || isBroken(beforeMs, atMs)) pieces.push([]);
    pieces.at(-1)!.push([scale.x(atMs), scale.y(angleDeg)]);
    beforeMs = atMs;
  }
  return pieces;
};

const drawBand = (canvas: Canvas, scale: Scale, thresholdDeg: number): void => {
  const [top, bottom] = [Math.round(scale.y(thresholdDeg)), Math.round(scale.y(-thresholdDeg))];
  canvas.fillRect(LEFT, top, RIGHT - LEFT, bottom - top, BAND);
  for (const y of [top, bottom])
    for (let x = LEFT; x < RIGHT; x += 12) canvas.fillRect(x, y, Math.min(7, RIGHT - x), 2, BAND_EDGE);
};

const drawAxes = (canvas: Canvas, painter: TextPainter, scale: Scale): void => {
  for (const { at, label } of valueTicks(-scale.limitDeg, scale.limitDeg, 8)) {
    const y = Math.round(scale.y(at));
    canvas.fillRect(LEFT, y, RIGHT - LEFT, 1, at === 0 ? ZERO : GRID);
    painter.draw(canvas, label, LEFT - 14, y + 9, { sizePx: SMALL, colour: QUIET, align: 'right' });
  }
};

const drawTimeAxis = (canvas: Canvas, painter: TextPainter, scale: Scale): void => {
  const style = { sizePx: SMALL, colour: QUIET, align: 'middle' } as const;
  for (const { at, label, below } of timeTicks(scale.fromMs, scale.toMs, 9)) {
    const x = Math.round(scale.x(at));
    canvas.fillRect(x, TOP, 1, STRIP_TOP + STRIP_HEIGHT + 8 - TOP, GRID);
    if (x > RIGHT - 12) continue; // no room for its label
    painter.draw(canvas, label, x, 546, style);
    if (below !== undefined) painter.draw(canvas, below, x, 580, style);
  }
};

/** One standard error to either side of each angle, where it is known and larger than the dot. */
const drawErrors = (canvas: Canvas, checks: readonly Check[], scale: Scale): void => {
  for (const { atMs, row } of checks)
    for (const { name, column, colour } of SERIES) {
      const [angleDeg, sigmaDeg] = [row[column], row.sigma?.[name]];
      if (angleDeg === null || sigmaDeg === undefined) continue;
      const [top, bottom] = [scale.y(angleDeg + sigmaDeg), scale.y(angleDeg - sigmaDeg)];
      const x = Math.round(scale.x(atMs));
      const [red, green, blue] = colour;
      const height = Math.max(1, Math.round(bottom - top));
      canvas.fillRect(x - 1, Math.round(top), 3, height, [red, green, blue, 0.7]);
      for (const y of [top, bottom])
        canvas.fillRect(x - 6, Math.round(y) - 1, 13, 2, [red, green, blue, 0.7]);
    }
};

/** A line across where the reference changed. */
const drawReferences = (
  canvas: Canvas,
  painter: TextPainter,
  changesMs: readonly number[],
  scale: Scale,
): void => {
  let free = LEFT;
  for (const atMs of changesMs) {
    const x = Math.round(scale.x(atMs));
    for (let y = TOP; y < BOTTOM; y += 10) canvas.fillRect(x - 1, y, 3, 5, REFERENCE);
    const style = { sizePx: SMALL, colour: TEXT, align: x > RIGHT - 200 ? 'right' : 'left' } as const;
    const start = style.align === 'right' ? x - 10 : x + 10;
    if (start < free) continue; // no room for its words
    free = painter.draw(canvas, 'new reference', start, TOP + 32, style) + 10;
  }
};

const drawSeries = (
  canvas: Canvas,
  checks: readonly Check[],
  scale: Scale,
  changesMs: readonly number[],
): void => {
  const measured = checks.filter(({ row }) => row.yaw_offset !== null).length;
  for (const { column, colour } of [...SERIES].reverse()) {
    for (const piece of piecesOf(checks, column, scale, changesMs)) {
      canvas.strokeLine(piece, 3, colour);
      const dotted = measured < DOTS_BELOW || piece.length === 1;
      if (dotted)
        for (const point of piece) canvas.fillCircle(point, measured < DOTS_BELOW ? 5 : 2.5, colour);
    }
  }
};

/** Crosses nearer than this would run into each other. */
const CROSS_PX = 16;

/** A cross for each check without an answer while they can be told apart, else strokes. */
const drawFailures = (canvas: Canvas, painter: TextPainter, checks: readonly Check[], scale: Scale): void => {
  canvas.fillRect(LEFT, STRIP_TOP, RIGHT - LEFT, STRIP_HEIGHT, PANEL);
  const failed = checks.filter(({ row }) => row.yaw_offset === null);
  const middle = STRIP_TOP + (STRIP_HEIGHT - 1) / 2;
  const places = failed.map(({ atMs }) => scale.x(atMs));
  const crowded = places.some((x, index) => index > 0 && x - places[index - 1]! < CROSS_PX);
  for (const x of places) {
    if (crowded) {
      canvas.fillRect(Math.round(x) - 1, STRIP_TOP + 3, 3, STRIP_HEIGHT - 6, VERMILION);
      continue;
    }
    canvas.strokeLine([[x - 7, middle - 7], [x + 7, middle + 7]], 3.5, VERMILION); // prettier-ignore
    canvas.strokeLine([[x - 7, middle + 7], [x + 7, middle - 7]], 3.5, VERMILION); // prettier-ignore
  }
  painter.draw(canvas, 'failed', LEFT - 14, middle + 9, { sizePx: SMALL, colour: QUIET, align: 'right' });
};

const signed = (angleDeg: number): string => {
  const text = Math.abs(angleDeg).toFixed(2);
  return Number(text) === 0 ? `${text}°` : `${angleDeg < 0 ? '−' : '+'}${text}°`;
};

/** Each line's colour and its latest value. */
const drawLegend = (canvas: Canvas, painter: TextPainter, checks: readonly Check[]): void => {
  const latest = checks.findLast(({ row }) => row.yaw_offset !== null)?.row;
  const failed = checks.filter(({ row }) => row.yaw_offset === null).length;
  let x = LEFT;
  for (const { name, column, colour } of SERIES) {
    canvas.fillRect(Math.round(x), 91, 30, 6, colour);
    const value = latest?.[column] ?? null;
    x =
      painter.draw(canvas, value === null ? name : `${name} ${signed(value)}`, x + 40, 102, {
        sizePx: 30,
        colour: TEXT,
      }) + 36;
  }
  const rest = `bars: standard error · ${checks.length} ${checks.length === 1 ? 'check' : 'checks'}, ${failed} failed · UTC`;
  painter.draw(canvas, rest, RIGHT, 50, { sizePx: SMALL, colour: QUIET, align: 'right', maxWidthPx: 580 });
};

type Request = Parameters<Pictures['historyPlot']>[0];

/** Draws {@link Pictures.historyPlot}. */
export const drawHistoryPlot = async (
  { rows, references = [], thresholdDeg, title }: Request,
  painter: TextPainter,
): Promise<Uint8Array> => {
  const checks = rows
    .map((row) => ({ atMs: Date.parse(row.timestamp), row }))
    .sort((a, b) => a.atMs - b.atMs);
  const scale = scaleOf(checks, thresholdDeg);
  const canvas = new Canvas(WIDTH, HEIGHT, BACKGROUND);
  canvas.fillRect(LEFT, TOP, RIGHT - LEFT, BOTTOM - TOP, PANEL);
  painter.draw(canvas, title, 32, 54, { sizePx: 42, colour: TEXT, maxWidthPx: RIGHT - 32 - 600 });
  drawBand(canvas, scale, thresholdDeg);
  drawAxes(canvas, painter, scale);
  drawLegend(canvas, painter, checks);
  drawFailures(canvas, painter, checks, scale);
  if (checks.length === 0) {
    const style = { sizePx: 30, colour: QUIET, align: 'middle' } as const;
    painter.draw(canvas, 'No checks in this time yet', (LEFT + RIGHT) / 2, (TOP + BOTTOM) / 2 - 20, style);
  } else {
    drawTimeAxis(canvas, painter, scale);
    const changesMs = references.map((at) => Date.parse(at));
    drawReferences(canvas, painter, changesMs, scale);
    drawErrors(canvas, checks, scale);
    drawSeries(canvas, checks, scale, changesMs);
  }
  return encodePng(canvas);
};
