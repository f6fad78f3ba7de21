import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { drawScenery, panoramaFromFile } from '../src/sandbox/scenery/draw-scenery.js';
import type { Panorama } from '../src/sandbox/scenery/panorama.js';
import type { Place } from './cases.js';

interface Named {
  readonly name: string;
  readonly panorama: Panorama;
}

const PICTURE = /\.(jpe?g|png)$/i;

const readFolder = (dir: string, wanted: RegExp): Promise<Named[]> =>
  Promise.all(
    readdirSync(dir)
      .filter((file) => PICTURE.test(file) && wanted.test(file))
      .sort()
      .map(async (file) => ({
        name: path.parse(file).name,
        panorama: await panoramaFromFile(path.join(dir, file)),
      })),
  );

const drawn = (seed: number): Named => ({ name: `drawn ${seed}`, panorama: drawScenery({ seed }) });

/** The places to try: the equirectangular pictures of a folder, or those of `defaultDir`, and a drawn one. Each gets another to mix it up with. */
export const openPlaces = async (dir: string | null, defaultDir: string): Promise<Place[]> => {
  const defaults = existsSync(defaultDir) ? await readFolder(defaultDir, /panorama/) : [];
  const named = [...(dir === null ? defaults : await readFolder(dir, PICTURE)), drawn(7)];
  const others = named.length > 1 ? named : [...named, drawn(8)];
  return named.map((place, index) => ({ ...place, other: others[(index + 1) % others.length]!.panorama }));
};
