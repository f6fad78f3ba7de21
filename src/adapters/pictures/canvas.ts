/** Red, green, blue, 0–255, and how opaque, 0–1. */
export type Colour = readonly [red: number, green: number, blue: number, alpha?: number];
export type Point = readonly [x: number, y: number];

export interface Size {
  readonly widthPx: number;
  readonly heightPx: number;
}

/** A packed RGBA picture. */
export interface Raster extends Size {
  readonly rgba: Uint8Array;
}

/** A box of pixels to be painted and how much of each is covered, 0–255, row by row. */
export interface Coverage {
  readonly x: number;
  readonly y: number;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly levels: Uint8Array;
}

/** Distance from a point to the line between two others. */
const distanceToSegment = (x: number, y: number, [ax, ay]: Point, [bx, by]: Point): number => {
  const [dx, dy] = [bx - ax, by - ay];
  const length2 = dx * dx + dy * dy;
  const along = length2 === 0 ? 0 : ((x - ax) * dx + (y - ay) * dy) / length2;
  const t = along < 0 ? 0 : along > 1 ? 1 : along;
  return Math.sqrt((x - ax - t * dx) ** 2 + (y - ay - t * dy) ** 2);
};

/** Draws smooth shapes. Coordinates: the middle of the top left pixel is (0, 0). */
export class Canvas implements Raster {
  readonly rgba: Uint8Array;
  /** The same, four bytes at once. */
  private readonly pixels: Uint32Array;

  constructor(
    readonly widthPx: number,
    readonly heightPx: number,
    background: Colour,
  ) {
    this.rgba = new Uint8Array(widthPx * heightPx * 4);
    this.pixels = new Uint32Array(this.rgba.buffer);
    this.fillRect(0, 0, widthPx, heightPx, background);
  }

  /** Whole pixels: columns x to x + width − 1. */
  fillRect(x: number, y: number, width: number, height: number, colour: Colour): void {
    const [left, right] = [Math.max(0, x), Math.min(this.widthPx, x + width)];
    const bottom = Math.min(this.heightPx, y + height);
    const [red, green, blue, alpha = 1] = colour;
    const opaque = new Uint32Array(Uint8Array.of(red + 0.5, green + 0.5, blue + 0.5, 255).buffer)[0]!;
    for (let v = Math.max(0, y); v < bottom; v++) {
      const row = v * this.widthPx;
      if (alpha >= 1) this.pixels.fill(opaque, row + left, row + Math.max(left, right));
      else for (let u = left; u < right; u++) this.blend(u, v, colour, 1);
    }
  }

  /** One line through all points, its own crossings not darker. */
  strokeLine(points: readonly Point[], widthPx: number, colour: Colour): void {
    if (points.length === 0) return;
    const reach = widthPx / 2 + 1;
    const box = this.boxOf(points, reach);
    const [first] = points;
    const pairs =
      points.length === 1
        ? [[first!, first!] as const]
        : points.slice(1).map((to, i) => [points[i]!, to] as const);
    for (const [from, to] of pairs) {
      const part = this.boxOf([from, to], reach);
      this.cover(box, part, (x, y) => widthPx / 2 - distanceToSegment(x, y, from, to));
    }
    this.paint(box, colour);
  }

  fillCircle([centreX, centreY]: Point, radius: number, colour: Colour): void {
    const box = this.boxOf([[centreX, centreY]], radius + 1);
    this.cover(box, box, (x, y) => radius - Math.hypot(x - centreX, y - centreY));
    this.paint(box, colour);
  }

  /** A convex shape, its corners clockwise as seen. */
  fillConvex(corners: readonly Point[], colour: Colour): void {
    const box = this.boxOf(corners, 1);
    const edges = corners.map((a, i) => {
      const b = corners[(i + 1) % corners.length]!;
      const length = Math.hypot(b[0] - a[0], b[1] - a[1]) || 1;
      return [a, (a[1] - b[1]) / length, (b[0] - a[0]) / length] as const;
    });
    this.cover(box, box, (x, y) =>
      edges.reduce((inside, [[ax, ay], nx, ny]) => Math.min(inside, (x - ax) * nx + (y - ay) * ny), Infinity),
    );
    this.paint(box, colour);
  }

  /** Lays an opaque picture with its top left corner at (x, y). */
  place(picture: Raster, x: number, y: number): void {
    for (let v = 0; v < picture.heightPx; v++) {
      const row = picture.rgba.subarray(v * picture.widthPx * 4, (v + 1) * picture.widthPx * 4);
      this.rgba.set(row, ((y + v) * this.widthPx + x) * 4);
    }
  }

  paint(box: Coverage, colour: Colour): void {
    for (let v = 0, at = 0; v < box.heightPx; v++)
      for (let u = 0; u < box.widthPx; u++, at++) {
        const level = box.levels[at]!;
        if (level > 0) this.blend(box.x + u, box.y + v, colour, level / 255);
      }
  }

  /** An empty box around points, cut to the canvas. */
  private boxOf(points: readonly Point[], reach: number): Coverage {
    let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
    for (const [x, y] of points) {
      [left, right] = [Math.min(left, x), Math.max(right, x)];
      [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
    }
    const x = Math.max(0, Math.floor(left - reach));
    const y = Math.max(0, Math.floor(top - reach));
    const widthPx = Math.max(0, Math.min(this.widthPx, Math.ceil(right + reach) + 1) - x);
    const heightPx = Math.max(0, Math.min(this.heightPx, Math.ceil(bottom + reach) + 1) - y);
    return { x, y, widthPx, heightPx, levels: new Uint8Array(widthPx * heightPx) };
  }

  /** Raises the levels of `box` within `part` where `inside` (pixels from the edge, positive within) says so. */
  private cover(box: Coverage, part: Coverage, inside: (x: number, y: number) => number): void {
    for (let y = part.y; y < part.y + part.heightPx; y++)
      for (let x = part.x; x < part.x + part.widthPx; x++) {
        const level = Math.round(255 * Math.min(1, Math.max(0, inside(x, y) + 0.5)));
        const at = (y - box.y) * box.widthPx + x - box.x;
        if (level > box.levels[at]!) box.levels[at] = level;
      }
  }

  private blend(x: number, y: number, [red, green, blue, alpha = 1]: Colour, covered: number): void {
    if (x < 0 || y < 0 || x >= this.widthPx || y >= this.heightPx) return;
    const at = (y * this.widthPx + x) * 4;
    const share = alpha * covered;
    const { rgba } = this;
    rgba[at] = rgba[at]! + (red - rgba[at]!) * share + 0.5;
    rgba[at + 1] = rgba[at + 1]! + (green - rgba[at + 1]!) * share + 0.5;
    rgba[at + 2] = rgba[at + 2]! + (blue - rgba[at + 2]!) * share + 0.5;
    rgba[at + 3] = 255;
  }
}
