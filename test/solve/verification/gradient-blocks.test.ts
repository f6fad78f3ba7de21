import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '../../../src/geometry/random.js';
import { log10Tail } from '../../../src/solve/estimation/a-contrario.js';
import type { DecodedFrame } from '../../../src/solve/model/frame-features.js';
import { CHANCE_OF_BLOCK, compareStill } from '../../../src/solve/verification/gradient-blocks.js';

const [widthPx, heightPx] = [640, 360];

/** Blobs of 8 px (a period that no rival tells apart) at random levels, everywhere moved by `shiftPx` to the right. */
const blobs = (seed: number, shiftPx = 0): DecodedFrame => {
  const random = seededRandom(seed);
  const levels = Array.from({ length: 110 * 60 }, () => 255 * random());
  const luminance = Uint8Array.from({ length: widthPx * heightPx }, (_, at) => {
    const [x, y] = [(at % widthPx) - shiftPx + 10, Math.floor(at / widthPx)];
    return levels[Math.floor(y / 8) * 110 + Math.floor(x / 8)]!;
  });
  return { luminance, widthPx, heightPx };
};

/** Another light in which only a part of what is seen is left. */
const faded = (frame: DecodedFrame, other: DecodedFrame, kept: number): DecodedFrame => ({
  ...frame,
  luminance: frame.luminance.map(
    (level, at) => 40 + 0.5 * (kept * level + (1 - kept) * other.luminance[at]!),
  ),
});

/** The edges of a codec's blocks of 8 px, the same in every picture. */
const gridded = (frame: DecodedFrame): DecodedFrame => ({
  ...frame,
  luminance: frame.luminance.map((level, at) => {
    const onEdge = at % 8 === 0 || Math.floor(at / widthPx) % 8 === 0;
    return onEdge ? Math.min(255, 0.5 * level + 120) : 0.5 * level;
  }),
});

const shareThatFits = (frame: DecodedFrame, scan: DecodedFrame, dx = 0): number => {
  const { blocks, fitting } = compareStill(
    frame,
    scan,
    () => [dx, 0],
    () => true,
  );
  expect(blocks).toBeGreaterThan(250);
  return fitting / blocks;
};

describe('the blocks of a picture that stands as the scan did', () => {
  it('fit the same place although most of what is fine has changed', () => {
    expect(shareThatFits(faded(blobs(1), blobs(2), 0.35), blobs(1))).toBeGreaterThan(4 * CHANCE_OF_BLOCK);
  });

  it('fit where the answer says that the picture has moved to', () => {
    expect(shareThatFits(blobs(1, 2), blobs(1), -2)).toBeGreaterThan(0.9);
  });

  it('fit another place as often as chance has it, with the grid of a codec on both as well', () => {
    expect(shareThatFits(blobs(2), blobs(1))).toBeLessThan(CHANCE_OF_BLOCK + 0.08);
    expect(shareThatFits(gridded(blobs(2)), gridded(blobs(1)))).toBeLessThan(CHANCE_OF_BLOCK + 0.08);
  });

  it('are looked at only where they are wanted', () => {
    const left = compareStill(blobs(1), blobs(1), () => [0, 0], (x) => x < widthPx / 2); // prettier-ignore
    const all = compareStill(blobs(1), blobs(1), () => [0, 0], () => true); // prettier-ignore
    expect(left.blocks).toBeGreaterThan(0);
    expect(left.blocks).toBeLessThan(0.6 * all.blocks);
  });
});

describe('the chance of so many hits', () => {
  it('bounds the exact binomial tail closely', () => {
    // P(X ≥ 8) of 10 at 0.3: 45·0.3⁸·0.7² + 10·0.3⁹·0.7 + 0.3¹⁰.
    const exact = Math.log10(45 * 0.3 ** 8 * 0.7 ** 2 + 10 * 0.3 ** 9 * 0.7 + 0.3 ** 10);
    expect(log10Tail(10, 8, 0.3)).toBeGreaterThanOrEqual(exact);
    expect(log10Tail(10, 8, 0.3)).toBeLessThan(exact + 0.01);
  });

  it('is certain for what is to be expected', () => {
    expect(log10Tail(100, 10, 0.11)).toBe(0);
  });
});
