/** 5x7 letters, five columns each, lowest bit on top. */
const GLYPHS: Readonly<Record<string, string>> = {
  '0': '3E5149453E', '1': '00427F4000', '2': '4261514946', '3': '2141454B31', '4': '1814127F10', '5': '2745454539',
  '6': '3C4A494930', '7': '0171090503', '8': '3649494936', '9': '064949291E', A: '7E1111117E', B: '7F49494936',
  C: '3E41414122', D: '7F4141221C', E: '7F49494941', F: '7F09090901', G: '3E4149497A', H: '7F0808087F', I: '00417F4100',
  J: '2040413F01', K: '7F08142241', L: '7F40404040', M: '7F020C027F', N: '7F0408107F', O: '3E4141413E', P: '7F09090906',
  Q: '3E4151215E', R: '7F09192946', S: '4649494931', T: '01017F0101', U: '3F4040403F', V: '1F2040201F', W: '3F4038403F',
  X: '6314081463', Y: '0708700807', Z: '6151494543', '-': '0808080808', ':': '0036360000', '.': '0060600000',
}; // prettier-ignore

/** A packed RGB picture to draw on. */
interface Sheet {
  readonly rgb: Uint8Array;
  readonly widthPx: number;
  readonly heightPx: number;
}

const fill = (
  { rgb, widthPx, heightPx }: Sheet,
  x: number,
  y: number,
  w: number,
  h: number,
  level: number,
): void => {
  for (let row = Math.max(0, y); row < Math.min(heightPx, y + h); row++) {
    const start = (row * widthPx + Math.max(0, x)) * 3;
    const end = (row * widthPx + Math.min(widthPx, x + w)) * 3;
    if (end > start) rgb.fill(level, start, end);
  }
};

const drawGlyph = (
  sheet: Sheet,
  letter: string,
  x: number,
  y: number,
  scale: number,
  level: number,
): void => {
  const columns = GLYPHS[letter];
  if (columns === undefined) return;
  for (let column = 0; column < 5; column++) {
    const bits = Number.parseInt(columns.slice(column * 2, column * 2 + 2), 16);
    for (let row = 0; row < 7; row++) {
      if ((bits >> row) & 1) fill(sheet, x + column * scale, y + row * scale, scale, scale, level);
    }
  }
};

/** White letters with a dark shadow, as cameras burn them in; returns nothing, draws at (x, y) = top left. */
const drawText = (sheet: Sheet, text: string, x: number, y: number, scale: number): void => {
  for (const [level, shift] of [
    [16, Math.max(1, scale >> 1)],
    [245, 0],
  ] as const) {
    [...text.toUpperCase()].forEach((letter, index) =>
      drawGlyph(sheet, letter, x + index * 6 * scale + shift, y + shift, scale, level),
    );
  }
};

const drawLogo = (sheet: Sheet, text: string, scale: number): void => {
  const textWidth = text.length * 6 * scale;
  const x = sheet.widthPx - textWidth - 6 * scale;
  const y = sheet.heightPx - 12 * scale;
  const radius = 5 * scale;
  const centreX = x - radius - 3 * scale;
  const centreY = y + 3.5 * scale;
  for (let row = -radius; row <= radius; row++) {
    for (let column = -radius; column <= radius; column++) {
      const out = Math.hypot(column, row) / radius;
      if (out > 1) continue;
      const level = out > 0.72 || Math.abs(column + row) < scale ? 240 : 24;
      fill(sheet, Math.round(centreX + column), Math.round(centreY + row), 1, 1, level);
    }
  }
  drawText(sheet, text, x, y, scale);
};

const clockText = (time: Date): string => time.toISOString().slice(0, 19).replace('T', ' ');

/** Burns in what cameras burn in: the time (UTC) at the top left, a logo with the camera's name at the bottom right. */
export const drawOverlay = (sheet: Sheet, time: Date, name: string): void => {
  const scale = Math.max(1, Math.round(sheet.heightPx / 240));
  drawText(sheet, clockText(time), 6 * scale, 6 * scale, scale);
  drawLogo(sheet, name.slice(0, 16), scale);
};
