import { Jimp, loadFont } from 'jimp';
import { SANS_64_WHITE } from 'jimp/fonts';
import type { Raster } from './canvas.js';

const rasterOf = ({ bitmap }: { bitmap: { width: number; height: number; data: Uint8Array } }): Raster => ({
  widthPx: bitmap.width,
  heightPx: bitmap.height,
  rgba: bitmap.data,
});

const jimpOf = ({ widthPx, heightPx, rgba }: Raster): InstanceType<typeof Jimp> =>
  new Jimp({
    width: widthPx,
    height: heightPx,
    data: Buffer.from(rgba.buffer, rgba.byteOffset, rgba.byteLength),
  });

export const encodePng = (picture: Raster): Promise<Uint8Array> => jimpOf(picture).getBuffer('image/png');

/** Where a letter lies on its sheet, and how it stands on a line, all in pixels of the sheet's own size. */
export interface Glyph {
  readonly x: number;
  readonly y: number;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly left: number;
  readonly top: number;
  readonly advance: number;
}

export interface LetterSheet {
  readonly sheet: Raster;
  readonly sizePx: number;
  readonly glyphs: ReadonlyMap<string, Glyph>;
}

/** The white letters that come with jimp (Open Sans; Latin-1 and the euro). */
export const loadLetters = async (): Promise<LetterSheet> => {
  const font = await loadFont(SANS_64_WHITE);
  const glyphs = Object.values(font.chars).map(
    (char) =>
      [
        String.fromCodePoint(Number(char.id)),
        {
          x: char.x,
          y: char.y,
          widthPx: char.width,
          heightPx: char.height,
          left: char.xoffset,
          top: char.yoffset,
          advance: char.xadvance,
        },
      ] as const,
  );
  return { sheet: rasterOf(font.pages[0]!), sizePx: 64, glyphs: new Map(glyphs) };
};
