import type { Vec3 } from '../../geometry/rotation.js';

const BAND_RAD = Math.PI / 120;

/** Finds unit bearings near a direction: bands of elevation, cells of azimuth of about the same width. */
export class SphericalIndex {
  private readonly bands: number;
  private readonly cellsOfBand: Int32Array;
  private readonly firstCell: Int32Array;
  private readonly starts: Int32Array;
  private readonly members: Int32Array;
  /** What {@link collectNear} found last. */
  readonly found: Int32Array;

  /** `bearings`: x, y, z in turn, unit length. */
  constructor(private readonly bearings: Float64Array) {
    this.bands = Math.ceil(Math.PI / BAND_RAD);
    this.cellsOfBand = new Int32Array(this.bands);
    this.firstCell = new Int32Array(this.bands + 1);
    for (let band = 0; band < this.bands; band++) {
      const ring = Math.cos((band + 0.5) * BAND_RAD - Math.PI / 2);
      this.cellsOfBand[band] = Math.max(1, Math.round((2 * Math.PI * ring) / BAND_RAD));
      this.firstCell[band + 1] = this.firstCell[band]! + this.cellsOfBand[band]!;
    }
    const count = bearings.length / 3;
    this.found = new Int32Array(count);
    // Written out: made by a function for each, as arrays can be, it takes three times as long.
    const cells = new Int32Array(count);
    for (let i = 0; i < count; i++) cells[i] = this.cellOf(i);
    this.starts = new Int32Array(this.firstCell[this.bands]! + 1);
    for (const cell of cells) this.starts[cell + 1] = this.starts[cell + 1]! + 1;
    for (let i = 1; i < this.starts.length; i++) this.starts[i] = this.starts[i]! + this.starts[i - 1]!;
    this.members = new Int32Array(count);
    const next = Int32Array.from(this.starts);
    for (let i = 0; i < count; i++) {
      const cell = cells[i]!;
      this.members[next[cell]!] = i;
      next[cell] = next[cell]! + 1;
    }
  }

  private bandAt(elevation: number): number {
    return Math.min(this.bands - 1, Math.max(0, Math.floor((elevation + Math.PI / 2) / BAND_RAD)));
  }

  private cellOf(i: number): number {
    const b = this.bearings;
    const band = this.bandAt(Math.asin(Math.max(-1, Math.min(1, b[i * 3 + 2]!))));
    const cells = this.cellsOfBand[band]!;
    const azimuth = Math.atan2(b[i * 3 + 1]!, b[i * 3]!) + Math.PI;
    return this.firstCell[band]! + Math.min(cells - 1, Math.floor((azimuth / (2 * Math.PI)) * cells));
  }

  /**
   * Collects every bearing within `radiusRad` of the unit direction and answers how many; they stand in {@link found} until
   * the next call.
   */
  collectNear(direction: Vec3, radiusRad: number): number {
    const elevation = Math.asin(Math.max(-1, Math.min(1, direction[2])));
    const azimuth = Math.atan2(direction[1], direction[0]) + Math.PI;
    const last = this.bandAt(elevation + radiusRad);
    let count = 0;
    for (let band = this.bandAt(elevation - radiusRad); band <= last; band++) {
      const half = this.halfWidth(band, elevation, radiusRad);
      count = this.collectBand(band, azimuth, half, direction, Math.cos(radiusRad), count);
    }
    return count;
  }

  /** Half the azimuth that a disc can span in a band. */
  private halfWidth(band: number, elevation: number, radiusRad: number): number {
    const edge = Math.max(
      Math.abs(band * BAND_RAD - Math.PI / 2),
      Math.abs((band + 1) * BAND_RAD - Math.PI / 2),
    );
    const ring = Math.sqrt(Math.max(0, Math.cos(edge) * Math.cos(elevation)));
    const chord = Math.sin(radiusRad / 2) / Math.max(1e-9, ring);
    return chord >= 1 ? Math.PI : 2 * Math.asin(chord) + BAND_RAD;
  }

  private collectBand(
    band: number,
    azimuth: number,
    half: number,
    [x, y, z]: Vec3,
    cosine: number,
    count: number,
  ): number {
    const { bearings: b, starts, members, found } = this;
    const cells = this.cellsOfBand[band]!;
    const perRad = cells / (2 * Math.PI);
    const from = Math.floor((azimuth - half) * perRad);
    const span = Math.min(cells, Math.floor((azimuth + half) * perRad) - from + 1);
    let collected = count;
    for (let step = 0; step < span; step++) {
      const cell = this.firstCell[band]! + ((((from + step) % cells) + cells) % cells);
      for (let at = starts[cell]!; at < starts[cell + 1]!; at++) {
        const i = members[at]!;
        if (b[i * 3]! * x + b[i * 3 + 1]! * y + b[i * 3 + 2]! * z >= cosine) found[collected++] = i;
      }
    }
    return collected;
  }
}
