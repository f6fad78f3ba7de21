import { drawBadge, type Badge } from './badges.js';
import type { Canvas, Colour, Coverage } from './canvas.js';
import type { Glyph, LetterSheet } from './jimp-codec.js';

/** How a line of text stands to its x. */
type Align = 'left' | 'middle' | 'right';

interface TextStyle {
  readonly sizePx: number;
  readonly colour: Colour;
  readonly align?: Align;
  /** Longer text is made smaller, down to this share of its size, then cut. */
  readonly maxWidthPx?: number;
}

const SMALLEST_SHARE = 0.72;

const BADGES: Readonly<Record<string, Badge>> = {
  '🚨': 'alarm', '🔴': 'alarm', '❌': 'alarm', '✅': 'good', '🟢': 'good', '⚠': 'warning', '🟡': 'warning',
}; // prettier-ignore

/** What the letters lack and can be said with those they have. */
const SPELLED: Readonly<Record<string, string>> = {
  '−': '-', '–': '-', '—': '-', '‑': '-', '…': '...', '’': "'", '‘': "'", '“': '"', '”': '"', '„': '"', '•': '·',
  '→': '>', '←': '<', '↑': '^', '≥': '>=', '≤': '<=', '≈': '~', 'σ': 's', 'ß': 'ß', 'ł': 'l', 'Ł': 'L', 'đ': 'd',
  'Đ': 'D', 'ı': 'i', 'œ': 'oe', 'Œ': 'OE', '\u202f': ' ', '\u2009': ' ', '\n': ' ', '\t': ' ',
}; // prettier-ignore
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/u;

type Piece = { readonly glyph: Glyph } | { readonly badge: Badge };

/** Text in the letters of a sheet; ° and umlauts stand, emoji of verdicts become badges, the rest is spelled or «?». */
export class TextPainter {
  /** Capitals, in the sheet's pixels: where lines stand and how high letters look. */
  private readonly baseline: number;
  private readonly capitalHeight: number;

  constructor(private readonly letters: LetterSheet) {
    const capital = letters.glyphs.get('H')!;
    this.baseline = capital.top + capital.heightPx;
    this.capitalHeight = capital.heightPx;
  }

  widthOf(text: string, sizePx: number): number {
    const scale = sizePx / this.letters.sizePx;
    return this.piecesOf(text).reduce((width, piece) => width + this.advanceOf(piece) * scale, 0);
  }

  /** The text in lines no wider than that, broken between words. */
  wrap(text: string, sizePx: number, maxWidthPx: number): string[] {
    const lines: string[] = [];
    for (const word of text.split(' ')) {
      const longer = lines.length === 0 ? word : `${lines.at(-1)} ${word}`;
      if (lines.length > 0 && this.widthOf(longer, sizePx) <= maxWidthPx) lines[lines.length - 1] = longer;
      else lines.push(word);
    }
    return lines;
  }

  /** Draws one line whose letters stand on row `baselineY`; answers the x after it. */
  draw(canvas: Canvas, text: string, x: number, baselineY: number, style: TextStyle): number {
    const fitted = this.fit(text, style.sizePx, style.maxWidthPx ?? Infinity);
    const scale = fitted.sizePx / this.letters.sizePx;
    const width = this.widthOf(fitted.text, fitted.sizePx);
    let pen = style.align === 'right' ? x - width : style.align === 'middle' ? x - width / 2 : x;
    for (const piece of this.piecesOf(fitted.text)) {
      if ('badge' in piece) {
        const radius = 0.66 * this.capitalHeight * scale;
        drawBadge(canvas, piece.badge, [pen + radius, baselineY - (this.capitalHeight / 2) * scale], radius);
      } else {
        canvas.paint(this.scaled(piece.glyph, pen, baselineY, scale), style.colour);
      }
      pen += this.advanceOf(piece) * scale;
    }
    return pen;
  }

  private fit(text: string, sizePx: number, maxWidthPx: number): { text: string; sizePx: number } {
    const share = Math.min(1, maxWidthPx / this.widthOf(text, sizePx));
    const smaller = sizePx * Math.max(SMALLEST_SHARE, share);
    let shown = text;
    for (let kept = [...text]; this.widthOf(shown, smaller) > maxWidthPx && kept.length > 0;) {
      kept = kept.slice(0, -1);
      shown = `${kept.join('').trimEnd()}...`;
    }
    return { text: shown, sizePx: smaller };
  }

  private piecesOf(text: string): Piece[] {
    return [...text.normalize('NFC')].flatMap((letter): Piece[] => {
      if (INVISIBLE.test(letter)) return [];
      const badge = BADGES[letter];
      if (badge !== undefined) return [{ badge }];
      const { glyphs } = this.letters;
      const plain = SPELLED[letter] ?? (glyphs.has(letter) ? letter : letter.normalize('NFD').slice(0, 1));
      return [...plain].map((each) => ({ glyph: glyphs.get(each) ?? glyphs.get('?')! }));
    });
  }

  private advanceOf(piece: Piece): number {
    return 'badge' in piece ? 1.4 * this.capitalHeight : piece.glyph.advance;
  }

  /** A letter scaled by averaging the sheet below each pixel. */
  private scaled(glyph: Glyph, pen: number, baselineY: number, scale: number): Coverage {
    const left = pen + glyph.left * scale;
    const top = baselineY + 1 - (this.baseline - glyph.top) * scale;
    const [x, y] = [Math.floor(left), Math.floor(top)];
    const widthPx = Math.ceil(left + glyph.widthPx * scale) - x;
    const heightPx = Math.ceil(top + glyph.heightPx * scale) - y;
    const levels = new Uint8Array(Math.max(0, widthPx * heightPx));
    for (let v = 0; v < heightPx; v++)
      for (let u = 0; u < widthPx; u++) {
        levels[v * widthPx + u] = this.average(
          glyph,
          (x + u - left) / scale,
          (y + v - top) / scale,
          1 / scale,
        );
      }
    return { x, y, widthPx, heightPx, levels };
  }

  /** Mean opacity of the square of side `side` at (left, top) of a letter, outside counting as empty. */
  private average(glyph: Glyph, left: number, top: number, side: number): number {
    const { rgba, widthPx } = this.letters.sheet;
    let sum = 0;
    for (let v = Math.max(0, Math.floor(top)); v < Math.min(glyph.heightPx, top + side); v++) {
      const high = Math.min(v + 1, top + side) - Math.max(v, top);
      for (let u = Math.max(0, Math.floor(left)); u < Math.min(glyph.widthPx, left + side); u++) {
        const wide = Math.min(u + 1, left + side) - Math.max(u, left);
        sum += high * wide * rgba[((glyph.y + v) * widthPx + glyph.x + u) * 4 + 3]!;
      }
    }
    return Math.round(sum / (side * side));
  }
}
