import type { Vec3 } from '../geometry/rotation.js';

const BAND_RAD = Math.PI / 120;

/** Finds unit bearings near a direction: bands of elevation, cells of azimuth of about the same width. */
export class SphericalIndex {
  private readonly bands: number;
  private readonly cellsOfBand: Int32Array;
  private readonly firstCell: Int32Array;
  private readonly starts: Int32Array;
  private readonly members: Int32Array;

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
    const cells = Int32Array.from({ length: count }, (_, i) => this.cellOf(i));
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

  /** Calls `visit` with the index of every bearing within `radiusRad` of the unit direction. */
  forEachNear(direction: Vec3, radiusRad: number, visit: (index: number) => void): void {
    const cosine = Math.cos(radiusRad);
    const elevation = Math.asin(Math.max(-1, Math.min(1, direction[2])));
    const azimuth = Math.atan2(direction[1], direction[0]) + Math.PI;
    const last = this.bandAt(elevation + radiusRad);
    for (let band = this.bandAt(elevation - radiusRad); band <= last; band++) {
      this.visitBand(band, azimuth, this.halfWidth(band, elevation, radiusRad), direction, cosine, visit);
    }
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

  private visitBand(
    band: number,
    azimuth: number,
    half: number,
    direction: Vec3,
    cosine: number,
    visit: (index: number) => void,
  ): void {
    const cells = this.cellsOfBand[band]!;
    const perRad = cells / (2 * Math.PI);
    const from = Math.floor((azimuth - half) * perRad);
    const span = Math.min(cells, Math.floor((azimuth + half) * perRad) - from + 1);
    const b = this.bearings;
    for (let step = 0; step < span; step++) {
      const cell = this.firstCell[band]! + ((((from + step) % cells) + cells) % cells);
      for (let at = this.starts[cell]!; at < this.starts[cell + 1]!; at++) {
        const i = this.members[at]!;
        if (b[i * 3]! * direction[0] + b[i * 3 + 1]! * direction[1] + b[i * 3 + 2]! * direction[2] >= cosine)
          visit(i);
      }
    }
  }
}
