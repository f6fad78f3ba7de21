import type { Canvas, Colour, Point } from './canvas.js';

/** Signs that stand for the verdicts' emoji; told apart by shape as well as by colour. */
export type Badge = 'alarm' | 'good' | 'warning';

const RED: Colour = [224, 58, 62];
const GREEN: Colour = [38, 160, 101];
const AMBER: Colour = [245, 180, 40];
const WHITE: Colour = [255, 255, 255];
const DARK: Colour = [30, 26, 12];

const exclamation = (canvas: Canvas, [x, y]: Point, radius: number, colour: Colour): void => {
  canvas.strokeLine([[x, y - 0.5 * radius], [x, y + 0.08 * radius]], 0.26 * radius, colour); // prettier-ignore
  canvas.fillCircle([x, y + 0.5 * radius], 0.16 * radius, colour);
};

export const drawBadge = (canvas: Canvas, badge: Badge, centre: Point, radius: number): void => {
  const [x, y] = centre;
  if (badge === 'warning') {
    const corners: Point[] = [[x, y - radius], [x + 1.08 * radius, y + 0.88 * radius], [x - 1.08 * radius, y + 0.88 * radius]]; // prettier-ignore
    canvas.fillConvex(corners, AMBER);
    exclamation(canvas, [x, y + 0.16 * radius], 0.84 * radius, DARK);
    return;
  }
  canvas.fillCircle(centre, radius, badge === 'alarm' ? RED : GREEN);
  if (badge === 'alarm') exclamation(canvas, centre, radius, WHITE);
  else
    canvas.strokeLine(
      [[x - 0.45 * radius, y + 0.02 * radius], [x - 0.12 * radius, y + 0.36 * radius], [x + 0.46 * radius, y - 0.34 * radius]], // prettier-ignore
      0.24 * radius,
      WHITE,
    );
};
