import type { PictureShift, Pictures } from '../../ports/pictures.js';
import { Canvas, type Colour, type Raster, type Size } from './canvas.js';
import { decodeJpeg, drawExpectedView, sizeOf } from './expected-view.js';
import type { JpegCodec } from './opencv-codec.js';
import { BACKGROUND, ORANGE, PANEL, QUIET, SKY, TEXT } from './palette.js';
import { drawShiftMarks, middleOf, planShiftMarks, type Box, type ShiftMarks } from './shift-marks.js';
import type { TextPainter } from './text.js';

const QUALITY = 85;
const NOW = 'The picture taken now';
const WIDTH = 1600;
const MARGIN = 24;
const GAP = 16;
const INNER = WIDTH - 2 * MARGIN;
const PANEL_WIDTH = (INNER - GAP) / 2;
const HEAD = 146;
const LINE = 54;
const FOOTER = 112;
const TALLEST_PANEL = 960;
const CELLS = 16;
/** A phone shows the sheet at a fifth of its size: letters must still be read there. */
const SIZE = { title: 58, subtitle: 42, caption: 38, footer: 34 } as const;

const GRID_LIGHT: Colour = [255, 255, 255, 0.2];
const GRID_DARK: Colour = [0, 0, 0, 0.16];
const CROSS_LIGHT: Colour = [255, 255, 255, 0.95];
const CROSS_DARK: Colour = [0, 0, 0, 0.6];

/** By what share of its size a picture fits into a panel. */
const shareOf = ({ widthPx, heightPx }: Size): number =>
  Math.min(PANEL_WIDTH / widthPx, TALLEST_PANEL / heightPx);

const placeInPanel = (canvas: Canvas, picture: Raster, panel: Box): void => {
  canvas.fillRect(panel.x, panel.y, panel.widthPx, panel.heightPx, PANEL);
  canvas.place(
    picture,
    panel.x + Math.floor((panel.widthPx - picture.widthPx) / 2),
    panel.y + Math.floor((panel.heightPx - picture.heightPx) / 2),
  );
};

/** Lines from the middle outwards, each light beside dark so that it shows on any ground. */
const drawGrid = (canvas: Canvas, panel: Box): void => {
  const step = panel.widthPx / CELLS;
  const across = Math.floor(panel.heightPx / 2 / step);
  for (let k = 1 - CELLS / 2; k < CELLS / 2; k++) {
    const x = Math.round(panel.x + panel.widthPx / 2 + k * step);
    canvas.fillRect(x - 1, panel.y, 1, panel.heightPx, GRID_LIGHT);
    canvas.fillRect(x, panel.y, 1, panel.heightPx, GRID_DARK);
  }
  for (let k = -across; k <= across; k++) {
    const y = Math.round(panel.y + panel.heightPx / 2 + k * step);
    canvas.fillRect(panel.x, y - 1, panel.widthPx, 1, GRID_LIGHT);
    canvas.fillRect(panel.x, y, panel.widthPx, 1, GRID_DARK);
  }
};

const drawCross = (canvas: Canvas, panel: Box): void => {
  const [x, y] = middleOf(panel);
  const arms = [[[x - 26, y], [x + 26, y]], [[x, y - 26], [x, y + 26]]] as const; // prettier-ignore
  for (const arm of arms) canvas.strokeLine(arm, 7, CROSS_DARK);
  for (const arm of arms) canvas.strokeLine(arm, 3, CROSS_LIGHT);
};

/** The lines below the right panel: what the marks say, each in its mark's colour. */
const wordsOf = (
  shift: PictureShift | undefined,
  marks: ShiftMarks | null,
): (readonly [string, Colour])[] => {
  if (shift === undefined || marks === null) return [['No shift measured: pictures as they are', QUIET]];
  const arrow = marks.arrow?.words ?? 'Scene moved less than half a pixel: no arrow';
  const lines: (readonly [string, Colour])[] = [[arrow, marks.arrow === null ? QUIET : ORANGE]];
  if (marks.arc !== null) lines.push([marks.arc.words, SKY]);
  return lines;
};

const drawWords = (
  canvas: Canvas,
  painter: TextPainter,
  panels: readonly Box[],
  request: Request,
  lines: readonly string[],
  marks: ShiftMarks | null,
): void => {
  const [left, right] = [panels[0]!, panels[1]!];
  painter.draw(canvas, request.title, MARGIN, 76, { sizePx: SIZE.title, colour: TEXT, maxWidthPx: INNER });
  lines.forEach((line, index) => {
    painter.draw(canvas, line, MARGIN, 136 + LINE * index, { sizePx: SIZE.subtitle, colour: QUIET });
  });
  const caption = { sizePx: SIZE.caption, colour: TEXT, maxWidthPx: PANEL_WIDTH };
  painter.draw(canvas, 'Reference, expected here', left.x, left.y - 16, caption);
  painter.draw(canvas, 'Now', right.x, right.y - 16, caption);
  const below = left.y + left.heightPx + 44;
  const quiet = { ...caption, sizePx: SIZE.footer, colour: QUIET };
  painter.draw(canvas, 'Same grid on both; the cross is the middle', left.x, below, quiet);
  wordsOf(request.shiftPx, marks).forEach(([words, colour], line) =>
    painter.draw(canvas, words, right.x, below + 46 * line, { ...quiet, colour }),
  );
};

type Request = Parameters<Pictures['overlay']>[0];

/** What the reference shows and what is seen now, in the size of a panel. */
const sidesOf = ({ expected, queryJpeg }: Request, share: number, jpegs: JpegCodec, size: Size): Raster[] => {
  const reference = drawExpectedView(expected, size, share, jpegs);
  return [reference, decodeJpeg(jpegs, queryJpeg, reference, NOW)];
};

/** Draws {@link Pictures.overlay}. */
export const drawOverlay = (request: Request, painter: TextPainter, jpegs: JpegCodec): Uint8Array => {
  const size = sizeOf(request.queryJpeg, NOW);
  const share = shareOf(size);
  const sides = sidesOf(request, share, jpegs, size);
  const lines = request.subtitle.split('\n').flatMap((line) => painter.wrap(line, SIZE.subtitle, INNER));
  const top = HEAD + LINE * lines.length;
  const { heightPx } = sides[1]!;
  const panels = [MARGIN, MARGIN + PANEL_WIDTH + GAP].map((x) => ({
    ...{ x, y: top, widthPx: PANEL_WIDTH, heightPx },
  }));
  const canvas = new Canvas(WIDTH, top + heightPx + FOOTER, BACKGROUND);
  for (const [index, picture] of sides.entries()) {
    placeInPanel(canvas, picture, panels[index]!);
    drawGrid(canvas, panels[index]!);
    drawCross(canvas, panels[index]!);
  }
  const { shiftPx } = request;
  const marks = shiftPx === undefined ? null : planShiftMarks(shiftPx, panels[1]!, share);
  if (marks !== null) drawShiftMarks(canvas, panels[1]!, marks);
  drawWords(canvas, painter, panels, request, lines, marks);
  return jpegs.encode(canvas, QUALITY);
};
