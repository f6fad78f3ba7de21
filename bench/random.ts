/** Reproducible random numbers (xorshift128), written apart from the product's. */
export class Random {
  private readonly state: Uint32Array;

  constructor(name: string) {
    let hash = 2166136261;
    for (const letter of name) hash = Math.imul(hash ^ letter.charCodeAt(0), 16777619);
    this.state = Uint32Array.of(hash | 1, hash ^ 0x9e3779b9, 0x6c078965, 0x12345678);
    for (let warm = 0; warm < 20; warm++) this.next();
  }

  /** In [0, 1). */
  next(): number {
    const s = this.state;
    const t = s[3]! ^ (s[3]! << 11);
    s.copyWithin(1, 0, 3);
    s[0] = s[1]! ^ (s[1]! >>> 19) ^ t ^ (t >>> 8);
    return s[0] / 4294967296;
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.next();
  }

  whole(below: number): number {
    return Math.floor(this.next() * below);
  }

  /** Mean 0, deviation 1. */
  gauss(): number {
    return Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
  }
}
