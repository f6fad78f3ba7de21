import { Random } from './random.js';
import { blankPicture, type Picture } from './view.js';

/** Covers about `share` of the frame with patches of another picture: cars, people, cranes. */
export const coverWithPatches = (picture: Picture, other: Picture, share: number, random: Random): void => {
  const { widthPx, heightPx } = picture;
  const covered = new Uint8Array(widthPx * heightPx);
  let count = 0;
  while (count < share * covered.length) {
    const [w, h] = [40 + random.whole(widthPx / 6), 30 + random.whole(heightPx / 5)];
    const [x0, y0] = [random.whole(widthPx - w), random.whole(heightPx - h)];
    for (let y = y0; y < y0 + h; y++) {
      for (let x = x0; x < x0 + w; x++) {
        const at = y * widthPx + x;
        count += covered[at] === 0 ? 1 : 0;
        covered[at] = 1;
        for (let channel = 0; channel < 3; channel++)
          picture.rgb[at * 3 + channel] = other.rgb[at * 3 + channel]!;
      }
    }
  }
};

const fill = ({ rgb, widthPx }: Picture, x: number, y: number, w: number, h: number, level: number): void => {
  for (let row = y; row < y + h; row++) rgb.fill(level, (row * widthPx + x) * 3, (row * widthPx + x + w) * 3);
};

/** Letters need not be readable, only look like letters: 5x7 dots, half of them set, the same for the same letter. */
const drawText = (picture: Picture, text: string, left: number, top: number, dotPx: number): void => {
  [...text].forEach((letter, index) => {
    const dots = new Random(`letter ${letter}`);
    for (let dot = 0; dot < 35; dot++) {
      if (dots.next() < 0.5) continue;
      const x = left + (index * 6 + (dot % 5)) * dotPx;
      fill(picture, x + 1, top + Math.floor(dot / 5) * dotPx + 1, dotPx, dotPx, 10);
      fill(picture, x, top + Math.floor(dot / 5) * dotPx, dotPx, dotPx, 245);
    }
  });
};

const SPECKS = 25;

/** Dark soft spots that stay at the same pixels, as dirt on the housing's window does. */
const drawDirt = ({ rgb, widthPx, heightPx }: Picture, name: string): void => {
  const random = new Random(`dirt ${name}`);
  for (let speck = 0; speck < SPECKS; speck++) {
    const [cx, cy, radius] = [random.whole(widthPx), random.whole(heightPx), random.between(4, 16)];
    const dark = random.between(0.45, 0.85);
    for (let y = Math.max(0, Math.floor(cy - radius)); y < Math.min(heightPx, cy + radius); y++) {
      for (let x = Math.max(0, Math.floor(cx - radius)); x < Math.min(widthPx, cx + radius); x++) {
        const away = Math.hypot(x - cx, y - cy) / radius;
        const keep = 1 - dark * Math.min(1, Math.max(0, 1.6 * (1 - away)));
        for (let at = (y * widthPx + x) * 3, end = at + 3; at < end; at++)
          rgb[at] = rgb[at]! * keep + 30 * (1 - keep);
      }
    }
  }
};

/** Burns in a clock (another time for another `moment`), a logo and a camera name, and adds the dirt of camera `name`. */
export const drawOverlay = (picture: Picture, name: string, moment: number): void => {
  const dotPx = Math.max(2, Math.round(picture.heightPx / 240));
  drawDirt(picture, name);
  const clock = String(20260131000000 + ((moment * 7919) % 86400)).padStart(14, '0');
  drawText(picture, `${clock.slice(0, 8)}-${clock.slice(8)}`, 6 * dotPx, 6 * dotPx, dotPx);
  drawText(
    picture,
    `CAM ${name}`.slice(0, 14),
    picture.widthPx - 90 * dotPx,
    picture.heightPx - 14 * dotPx,
    dotPx,
  );
};

/** Burns in what a webcam's software does: a bar with name and time along one edge, a logo in a corner, and the camera's dirt. */
export const drawCaption = (picture: Picture, name: string, moment: number): void => {
  const { widthPx, heightPx } = picture;
  const random = new Random(`caption ${name}`);
  const dotPx = Math.max(1, Math.round(heightPx / 360));
  const top = random.next() < 0.5 ? 0 : heightPx - 12 * dotPx;
  drawDirt(picture, name);
  fill(picture, 0, top, widthPx, 12 * dotPx, random.next() < 0.5 ? 0 : 90);
  drawText(
    picture,
    `LIVE ${name} 2026.11.25 ${String(100000 + moment * 7919)}`,
    4 * dotPx,
    top + 2 * dotPx,
    dotPx,
  );
  const [left, below] = [widthPx - 66 * dotPx, top === 0 ? heightPx - 60 * dotPx : 10 * dotPx];
  for (let block = 0; block < 100; block++) {
    const [x, y] = [left + (block % 10) * 6 * dotPx, below + Math.floor(block / 10) * 5 * dotPx];
    if (random.next() < 0.6) fill(picture, x, y, 6 * dotPx, 5 * dotPx, random.whole(256));
  }
};

/** Burns in what covers the whole picture: crosses to measure by, a name in large faint letters, and a caption. */
export const drawWatermark = (picture: Picture, name: string, moment: number): void => {
  const { widthPx, heightPx } = picture;
  drawCaption(picture, name, moment);
  const faint = { ...picture, rgb: Uint8ClampedArray.from(picture.rgb) };
  drawText(faint, 'WEBCAM', widthPx * 0.2, heightPx * 0.4, Math.round(widthPx / 60));
  for (let at = 0; at < picture.rgb.length; at++)
    picture.rgb[at] = 0.8 * picture.rgb[at]! + 0.2 * faint.rgb[at]!;
  const arm = Math.round(heightPx / 90);
  for (let cross = 0; cross < 40; cross++) {
    const [x, y] = [((cross % 8) + 0.5) * (widthPx / 8), (Math.floor(cross / 8) + 0.5) * (heightPx / 5)];
    fill(picture, Math.round(x) - arm, Math.round(y), 2 * arm + 1, 1, 230);
    for (let row = -arm; row <= arm; row++) fill(picture, Math.round(x), Math.round(y) + row, 1, 1, 230);
  }
};

/** Pictures that show no place at all. */
export const HOPELESS = ['black', 'noise only', 'sky', 'smear', 'grey'] as const;
export type Hopeless = (typeof HOPELESS)[number];

const PAINTERS: Record<Hopeless, (x: number, y: number, random: Random) => number> = {
  black: (_x, _y, random) => 3 + 3 * random.next(),
  'noise only': (_x, _y, random) => 255 * random.next(),
  sky: (x, y, random) => 150 + 40 * y + 18 * Math.sin(7 * x + 3 * Math.sin(5 * y)) + 2 * random.next(),
  smear: (x, y, random) => 120 + 60 * Math.sin(9 * (y + 0.02 * x) + 4 * Math.sin(23 * y)) + 2 * random.next(),
  grey: (_x, _y, random) => 127 + 2 * random.next(),
};

export const hopelessPicture = (
  kind: Hopeless,
  widthPx: number,
  heightPx: number,
  random: Random,
): Picture => {
  const picture = blankPicture(widthPx, heightPx);
  const [shiftX, shiftY] = [random.next(), random.next()];
  for (let pixel = 0; pixel < widthPx * heightPx; pixel++) {
    const [x, y] = [(pixel % widthPx) / widthPx + shiftX, Math.floor(pixel / widthPx) / heightPx + shiftY];
    picture.rgb.fill(PAINTERS[kind](x, y, random), pixel * 3, pixel * 3 + 3);
  }
  return picture;
};

/** The picture as a mirror shows it: the same texture, no rotation explains it. */
export const mirror = ({ rgb, widthPx, heightPx }: Picture): void => {
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx / 2; x++) {
      const [a, b] = [(y * widthPx + x) * 3, (y * widthPx + widthPx - 1 - x) * 3];
      for (let channel = 0; channel < 3; channel++) {
        [rgb[a + channel], rgb[b + channel]] = [rgb[b + channel]!, rgb[a + channel]!];
      }
    }
  }
};
