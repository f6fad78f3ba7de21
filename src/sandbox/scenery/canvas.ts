import type { NoiseTile } from './noise-tile.js';

// Taken out of the global once: these run for every pixel, and a look-up in a test's own global is slow.
const { abs, ceil, floor, max, min, sqrt } = Math;

export type Rgb = readonly [number, number, number];

export const mix = (from: Rgb, to: Rgb, share: number): Rgb => [
  from[0] + (to[0] - from[0]) * share,
  from[1] + (to[1] - from[1]) * share,
  from[2] + (to[2] - from[2]) * share,
];

export const brighten = (colour: Rgb, factor: number): Rgb => [
  colour[0] * factor,
  colour[1] * factor,
  colour[2] * factor,
];

/** A box of pixels: left, top, width, height. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** Noise laid over a shape: how strong (0..1) and which part of the tile, so that no two shapes look alike. */
export interface Grain {
  readonly strength: number;
  readonly shiftX: number;
  readonly shiftY: number;
}

/** Paints shapes into an equirectangular picture; x goes on over the seam at pan ±180. */
export class Canvas {
  readonly heightPx: number;
  readonly rgb: Uint8ClampedArray;
  readonly pxPerDeg: number;

  constructor(
    readonly widthPx: number,
    private readonly tile: NoiseTile,
  ) {
    this.heightPx = widthPx >> 1;
    this.rgb = new Uint8ClampedArray(widthPx * this.heightPx * 3);
    this.pxPerDeg = widthPx / 360;
  }

  rowOf(tiltDeg: number): number {
    return (90 - tiltDeg) * this.pxPerDeg;
  }

  put(x: number, y: number, colour: Rgb, opacity = 1): void {
    if (y < 0 || y >= this.heightPx) return;
    const column = ((floor(x) % this.widthPx) + this.widthPx) % this.widthPx;
    const at = (floor(y) * this.widthPx + column) * 3;
    this.mixAt(at, colour[0], colour[1], colour[2], opacity);
  }

  /** A box of one colour; with grain its brightness follows the noise. */
  box({ x, y, w, h }: Box, colour: Rgb, opacity = 1, grain?: Grain): void {
    const bottom = min(this.heightPx, floor(y + h));
    const right = floor(x + w);
    for (let row = max(0, floor(y)); row < bottom; row++) {
      for (let column = floor(x); column < right; column++) {
        this.grained(column, row, colour, opacity, grain);
      }
    }
  }

  /** An upright ellipse, its upper left lit and its lower right in shade. */
  blob(
    centreX: number,
    centreY: number,
    rx: number,
    ry: number,
    colour: Rgb,
    opacity = 1,
    relief = 0.3,
  ): void {
    for (let row = ceil(centreY - ry); row <= centreY + ry; row++) {
      const dy = (row - centreY) / ry;
      const half = rx * sqrt(max(0, 1 - dy * dy));
      for (let column = ceil(centreX - half); column <= centreX + half; column++) {
        const lit = 1 - relief * (dy + (0.6 * (column - centreX)) / rx);
        this.put(column, row, [colour[0] * lit, colour[1] * lit, colour[2] * lit], opacity);
      }
    }
  }

  /** A straight stroke, `thick` pixels wide. */
  line(x0: number, y0: number, x1: number, y1: number, colour: Rgb, thick = 1, opacity = 1): void {
    const steps = max(1, ceil(max(abs(x1 - x0), abs(y1 - y0))));
    const steep = abs(y1 - y0) > abs(x1 - x0);
    for (let step = 0; step <= steps; step++) {
      const x = x0 + ((x1 - x0) * step) / steps;
      const y = y0 + ((y1 - y0) * step) / steps;
      for (let side = 0; side < thick; side++) {
        this.put(steep ? x + side : x, steep ? y : y + side, colour, opacity);
      }
    }
  }

  private grained(column: number, row: number, colour: Rgb, opacity: number, grain?: Grain): void {
    if (grain === undefined) {
      this.put(column, row, colour, opacity);
      return;
    }
    const { widthPx, heightPx, values } = this.tile;
    const tx = (((column + grain.shiftX) % widthPx) + widthPx) % widthPx;
    const ty = (row + grain.shiftY) % heightPx;
    const lit = 1 + (grain.strength * values[ty * widthPx + tx]!) / 100;
    const wrapped = ((column % this.widthPx) + this.widthPx) % this.widthPx;
    const at = (row * this.widthPx + wrapped) * 3;
    this.mixAt(at, colour[0] * lit, colour[1] * lit, colour[2] * lit, opacity);
  }

  private mixAt(at: number, red: number, green: number, blue: number, opacity: number): void {
    const { rgb } = this;
    if (opacity >= 1) {
      rgb[at] = red;
      rgb[at + 1] = green;
      rgb[at + 2] = blue;
      return;
    }
    rgb[at]! += (red - rgb[at]!) * opacity;
    rgb[at + 1]! += (green - rgb[at + 1]!) * opacity;
    rgb[at + 2]! += (blue - rgb[at + 2]!) * opacity;
  }
}
