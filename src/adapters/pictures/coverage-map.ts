import type { CoverageStop, Pictures } from '../../ports/pictures.js';
import { wrapDeg } from '../../geometry/angles.js';
import { Canvas, type Colour, type Point } from './canvas.js';
import { outlineOf, windowOf, type CoverageWindow, type PanTilt } from './coverage-window.js';
import { encodePng } from './jimp-codec.js';
import { BACKGROUND, HALO, ORANGE, PANEL, QUIET, SKY, TEXT, VERMILION } from './palette.js';
import type { TextPainter } from './text.js';

const WIDTH = 1600;
const LEFT = 96;
const RIGHT = WIDTH - 32;
const TITLE_Y = 58;
const SUBTITLE_LINE = 34;
const MOST_PANEL_HEIGHT = 860;
const MOST_WEAK_LINES = 10;
const WEAK_LINE = 32;

const GRID: Colour = [255, 255, 255, 0.08];
const AXIS: Colour = [255, 255, 255, 0.3];
/** Where a check is answered, the stronger the more exactly: up to this standard error, degrees. */
const EXACTNESS: readonly { readonly upToDeg: number; readonly colour: Colour }[] = [
  { upToDeg: 0.01, colour: [20, 190, 135, 0.42] },
  { upToDeg: 0.03, colour: [20, 190, 135, 0.3] },
  { upToDeg: 0.08, colour: [120, 170, 90, 0.26] },
  { upToDeg: Infinity, colour: [245, 159, 10, 0.2] },
];
const answeredColour = (sigmaDeg: number): Colour =>
  EXACTNESS.find(({ upToDeg }) => sigmaDeg <= upToDeg)!.colour;
const SHADOW: Colour = [10, 12, 14, 0.55];
/** Colours of few and of many points shared with other stops. */
const [FEW, MANY] = [ORANGE, SKY];
const FEW_TIES = 30;
const MANY_TIES = 600;

type Request = Parameters<Pictures['coverageMap']>[0];

/** Where directions lie on the panel. */
interface Scale extends CoverageWindow {
  readonly widthPx: number;
  readonly heightPx: number;
  x(panDeg: number): number;
  y(tiltDeg: number): number;
}

const scaleOf = (window: CoverageWindow): Scale => {
  const [pans, tilts] = [window.toPanDeg - window.fromPanDeg, window.highestDeg - window.lowestDeg];
  const perDeg = Math.min((RIGHT - LEFT) / pans, MOST_PANEL_HEIGHT / tilts);
  return {
    ...window,
    widthPx: Math.round(pans * perDeg),
    heightPx: Math.round(tilts * perDeg),
    x: (panDeg) => (panDeg - window.fromPanDeg) * perDeg,
    y: (tiltDeg) => (window.highestDeg - tiltDeg) * perDeg,
  };
};

/** Round degrees between two, about `most` of them. */
const ticksOf = (fromDeg: number, toDeg: number, most: number): number[] => {
  const step = [5, 10, 15, 30, 45, 60].find((each) => (toDeg - fromDeg) / each <= most) ?? 90;
  const first = Math.ceil(fromDeg / step);
  return Array.from({ length: Math.floor(toDeg / step) - first + 1 }, (_, i) => (first + i) * step);
};

const signed = (deg: number): string => `${deg < 0 ? '−' : deg > 0 ? '+' : ''}${Math.abs(deg)}°`;

/** Between the colours of few and many, by the logarithm. */
const colourOf = ({ ties, weakness }: CoverageStop): Colour => {
  if (weakness !== null) return VERMILION;
  const share = Math.log((ties ?? MANY_TIES) / FEW_TIES) / Math.log(MANY_TIES / FEW_TIES);
  const t = Math.max(0, Math.min(1, share));
  const blend = (channel: 0 | 1 | 2): number => FEW[channel] + t * (MANY[channel] - FEW[channel]);
  return [blend(0), blend(1), blend(2)];
};

const drawAnswered = (panel: Canvas, scale: Scale, { answered, sigmaDeg }: Request): void => {
  const [rowDeg, columnDeg] = [180 / answered.length, 360 / (answered[0]?.length ?? 1)];
  answered.forEach((row, i) =>
    [...row].forEach((letter, j) => {
      if (letter !== '#') return;
      const [top, bottom] = [scale.y(90 - i * rowDeg), scale.y(90 - (i + 1) * rowDeg)].map(Math.round) as [number, number]; // prettier-ignore
      // The window may pass 180°.
      for (const turn of [0, 360]) {
        const panDeg = j * columnDeg - 180 + turn;
        const [left, right] = [scale.x(panDeg), scale.x(panDeg + columnDeg)].map(Math.round) as [number, number]; // prettier-ignore
        panel.fillRect(left, top, right - left, bottom - top, answeredColour(sigmaDeg[i]?.[j] ?? 0));
      }
    }),
  );
};

const drawGrid = (panel: Canvas, scale: Scale): void => {
  for (const panDeg of ticksOf(scale.fromPanDeg, scale.toPanDeg, 13))
    panel.fillRect(Math.round(scale.x(panDeg)), 0, 1, scale.heightPx, GRID);
  for (const tiltDeg of ticksOf(scale.lowestDeg, scale.highestDeg, 9))
    panel.fillRect(0, Math.round(scale.y(tiltDeg)), scale.widthPx, 1, tiltDeg === 0 ? AXIS : GRID);
};

/** Places of an outline on the panel, once for every turn at which it can be seen. */
const onPanel = (outline: readonly PanTilt[], scale: Scale): Point[][] =>
  [-720, -360, 0, 360, 720]
    .map((turn) => outline.map(([panDeg, tiltDeg]): Point => [scale.x(panDeg + turn), scale.y(tiltDeg)]))
    .filter((points) => points.some(([x]) => x >= 0) && points.some(([x]) => x < scale.widthPx));

const drawStop = (panel: Canvas, outline: readonly PanTilt[], stop: CoverageStop, scale: Scale): void => {
  const isWeak = stop.weakness !== null;
  for (const points of onPanel([...outline, outline[0]!], scale)) {
    panel.strokeLine(points, isWeak ? 7 : 5, SHADOW);
    panel.strokeLine(points, isWeak ? 4 : 2, colourOf(stop));
  }
};

/** Its label in the middle of the stop, and at the weak ones a disc that nobody overlooks. */
const drawLabel = (panel: Canvas, painter: TextPainter, stop: CoverageStop, scale: Scale): void => {
  const panDeg = scale.fromPanDeg + ((((stop.panDeg - scale.fromPanDeg) % 360) + 360) % 360);
  const x = Math.max(20, Math.min(scale.widthPx - 20, scale.x(panDeg)));
  const y = scale.y(stop.tiltDeg);
  const isWeak = stop.weakness !== null;
  panel.fillCircle([x, y], isWeak ? 19 : 15, isWeak ? VERMILION : HALO);
  const colour = isWeak ? TEXT : colourOf(stop);
  painter.draw(panel, stop.label, x, y + 7, { sizePx: isWeak ? 22 : 19, colour, align: 'middle' });
}; // prettier-ignore

const drawAxes = (canvas: Canvas, painter: TextPainter, scale: Scale, top: number): void => {
  const style = { sizePx: 22, colour: QUIET } as const;
  for (const panDeg of ticksOf(scale.fromPanDeg, scale.toPanDeg, 13)) {
    const x = LEFT + scale.x(panDeg);
    painter.draw(canvas, signed(panDeg === 180 ? 180 : wrapDeg(panDeg)), x, top + scale.heightPx + 30, { ...style, align: 'middle' }); // prettier-ignore
  }
  for (const tiltDeg of ticksOf(scale.lowestDeg, scale.highestDeg, 9))
    painter.draw(canvas, signed(tiltDeg), LEFT - 12, top + scale.y(tiltDeg) + 8, {
      ...style,
      align: 'right',
    });
  painter.draw(canvas, 'tilt', LEFT - 12, top - 14, { ...style, align: 'right' });
  const middle = LEFT + scale.widthPx / 2;
  painter.draw(canvas, 'pan', middle, top + scale.heightPx + 60, { ...style, align: 'middle' });
};

const drawLegend = (canvas: Canvas, painter: TextPainter, request: Request, y: number): void => {
  const style = { sizePx: 22, colour: QUIET } as const;
  let x = painter.draw(canvas, 'passive checks answered within ±', LEFT, y, style) + 14;
  for (const { upToDeg, colour } of EXACTNESS) {
    canvas.fillRect(Math.round(x), y - 18, 30, 20, colour);
    x = painter.draw(canvas, upToDeg === Infinity ? 'more' : `${upToDeg}°`, x + 36, y, style) + 14;
  }
  x += 24;
  if (request.stops.some(({ ties }) => ties !== null)) {
    x = painter.draw(canvas, `points shared with other stops: ${FEW_TIES}`, x, y, style) + 10;
    for (let step = 0; step < 120; step++) {
      const ties = FEW_TIES * (MANY_TIES / FEW_TIES) ** (step / 119);
      canvas.fillRect(Math.round(x) + step, y - 14, 1, 12, colourOf({ ...request.stops[0]!, ties, weakness: null }));
    }
    x = painter.draw(canvas, `${MANY_TIES} and more`, x + 130, y, style) + 44;
  }
  if (request.stops.every(({ weakness }) => weakness === null)) return;
  canvas.fillCircle([x + 9, y - 8], 9, VERMILION);
  painter.draw(canvas, 'weak stop', x + 28, y, style);
}; // prettier-ignore

/** The weak stops and why, one a line. */
const weakLines = ({ stops }: Request): string[] => {
  const lines = stops.flatMap(
    ({ label, panDeg, tiltDeg, weakness }) =>
    weakness === null ? [] : [`${label}  (pan ${signed(Math.round(wrapDeg(panDeg)))}, tilt ${signed(Math.round(tiltDeg))})  ${weakness}`], // prettier-ignore
  );
  return lines.length <= MOST_WEAK_LINES
    ? lines
    : [...lines.slice(0, MOST_WEAK_LINES - 1), `and ${lines.length - MOST_WEAK_LINES + 1} more`];
};

const drawPanel = (painter: TextPainter, request: Request, scale: Scale, outlines: readonly PanTilt[][]): Canvas => {
  const panel = new Canvas(scale.widthPx, scale.heightPx, PANEL);
  drawAnswered(panel, scale, request);
  drawGrid(panel, scale);
  const order = [...request.stops.keys()].sort(
    (a, b) => Number(request.stops[a]!.weakness !== null) - Number(request.stops[b]!.weakness !== null),
  );
  for (const i of order) drawStop(panel, outlines[i]!, request.stops[i]!, scale);
  for (const i of order) drawLabel(panel, painter, request.stops[i]!, scale);
  return panel;
}; // prettier-ignore

/** Draws {@link Pictures.coverageMap}. */
export const drawCoverageMap = (request: Request, painter: TextPainter): Promise<Uint8Array> => {
  const outlines = request.stops.map(outlineOf);
  const scale = scaleOf(windowOf(outlines));
  const subtitle = request.subtitle.split('\n');
  const weak = weakLines(request);
  const top = TITLE_Y + 24 + subtitle.length * SUBTITLE_LINE + 40;
  const legendY = top + scale.heightPx + 108;
  const canvas = new Canvas(WIDTH, legendY + 24 + weak.length * WEAK_LINE + 20, BACKGROUND);
  painter.draw(canvas, request.title, 32, TITLE_Y, { sizePx: 36, colour: TEXT, maxWidthPx: WIDTH - 64 });
  subtitle.forEach(
    (line, i) =>
    painter.draw(canvas, line, 32, TITLE_Y + 12 + (i + 1) * SUBTITLE_LINE, { sizePx: 24, colour: QUIET, maxWidthPx: WIDTH - 64 }), // prettier-ignore
  );
  canvas.place(drawPanel(painter, request, scale, outlines), LEFT, top);
  drawAxes(canvas, painter, scale, top);
  drawLegend(canvas, painter, request, legendY);
  weak.forEach(
    (line, i) =>
    painter.draw(canvas, line, LEFT, legendY + 20 + (i + 1) * WEAK_LINE, { sizePx: 22, colour: TEXT, maxWidthPx: RIGHT - LEFT }), // prettier-ignore
  );
  return encodePng(canvas);
};
