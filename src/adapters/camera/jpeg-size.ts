const SOI = 0xffd8;
const EOI = 0xffd9;
const SOS = 0xda;

/** Start-of-frame markers, without the tables (C4, CC) and the reserved one (C8) in their midst. */
const isFrameStart = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);

/** Width and height of a whole JPEG; null for anything that is cut short or is none. */
export const jpegSize = (jpeg: Buffer): { widthPx: number; heightPx: number } | null => {
  if (jpeg.length < 4 || jpeg.readUInt16BE(0) !== SOI || jpeg.readUInt16BE(jpeg.length - 2) !== EOI)
    return null;
  for (let at = 2; at + 9 <= jpeg.length; at += 2 + jpeg.readUInt16BE(at + 2)) {
    const marker = jpeg[at + 1] ?? 0;
    if (jpeg[at] !== 0xff || marker === SOS) return null;
    if (!isFrameStart(marker)) continue;
    const heightPx = jpeg.readUInt16BE(at + 5);
    const widthPx = jpeg.readUInt16BE(at + 7);
    return widthPx > 0 && heightPx > 0 ? { widthPx, heightPx } : null;
  }
  return null;
};
