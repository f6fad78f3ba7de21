import { describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Jimp } from 'jimp';
import { drawScenery, panoramaFromFile } from '../../../src/sandbox/scenery/draw-scenery.js';

describe('a drawn scenery', () => {
  it('is the same for the same seed and another for another', () => {
    const [one, again, other] = [4, 4, 5].map((seed) =>
      Buffer.from(drawScenery({ seed, widthPx: 1024 }).rgb),
    );
    expect(one!.equals(again!)).toBe(true);
    expect(one!.equals(other!)).toBe(false);
  });

  it('holds detail all around below tilt 10', () => {
    const { widthPx, rgb } = drawScenery({ seed: 4, widthPx: 2048 });
    const pxPerDeg = widthPx / 360;
    const weak: string[] = [];
    for (let panDeg = 0; panDeg < 360; panDeg += 20) {
      for (const tiltDeg of [0, -8, -20, -40]) {
        const [left, top] = [Math.floor(panDeg * pxPerDeg), Math.floor((90 - tiltDeg) * pxPerDeg)];
        let steps = 0;
        for (let y = top; y < top + 40; y++) {
          for (let x = left; x < left + 100; x++) {
            const at = (y * widthPx + x) * 3 + 1;
            steps += Math.abs(rgb[at]! - rgb[at + 3]!) > 12 ? 1 : 0;
          }
        }
        if (steps < 400) weak.push(`pan ${panDeg - 180} tilt ${tiltDeg}: ${steps}`);
      }
    }
    expect(weak).toEqual([]);
  });
});

describe('a panorama from a file', () => {
  it('comes back as it was, and a wrong shape or no picture is refused', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'panorama-'));
    try {
      const image = new Jimp({ width: 8, height: 4, color: 0x102030ff });
      image.setPixelColor(0xff8040ff, 3, 1);
      await image.write(`${path.join(folder, 'good')}.png`);
      const { widthPx, heightPx, rgb } = await panoramaFromFile(path.join(folder, 'good.png'));
      expect([widthPx, heightPx, ...rgb.subarray(33, 36)]).toEqual([8, 4, 0xff, 0x80, 0x40]);
      await new Jimp({ width: 8, height: 8 }).write(`${path.join(folder, 'square')}.png`);
      const square = panoramaFromFile(path.join(folder, 'square.png'));
      await expect(square).rejects.toMatchObject({ code: 'panorama_shape' });
      await writeFile(path.join(folder, 'text.png'), 'no picture');
      const text = panoramaFromFile(path.join(folder, 'text.png'));
      await expect(text).rejects.toMatchObject({ code: 'panorama_unreadable' });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
