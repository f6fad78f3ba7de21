import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { jpegSize } from '../src/adapters/camera/jpeg-size.js';
import { drawScenery, panoramaFromFile } from '../src/sandbox/scenery/draw-scenery.js';
import type { Panorama } from '../src/sandbox/scenery/panorama.js';
import { drawSquare } from './square.js';

export interface Place {
  readonly name: string;
  readonly panorama: Panorama;
  /** Another place: for patches that cover the view, and for queries that must be refused. */
  readonly other: Panorama;
}

/** A place that is opened when it is wanted: drawing one takes seconds. */
export interface NamedPlace {
  readonly name: string;
  readonly open: () => Promise<Panorama>;
}

const PICTURE = /\.(jpe?g|png)$/i;

const once = (open: () => Promise<Panorama>): (() => Promise<Panorama>) => {
  let opened: Promise<Panorama> | null = null;
  return () => (opened ??= open());
};

const inFolder = (dir: string, wanted: RegExp): NamedPlace[] =>
  readdirSync(dir)
    .filter((file) => PICTURE.test(file) && wanted.test(file))
    .sort()
    .map((file) => ({
      name: path.parse(file).name,
      open: once(() => panoramaFromFile(path.join(dir, file))),
    }));

/** Whether a picture shows all directions; others lie in the same folder. */
const isWhole = (file: string): boolean => {
  const size = existsSync(file) ? jpegSize(readFileSync(file)) : null;
  return size !== null && size.widthPx === 2 * size.heightPx;
};

const SQUARE: NamedPlace = { name: 'square 3', open: once(() => Promise.resolve(drawSquare(3))) };
const DRAWN: NamedPlace = { name: 'drawn 7', open: once(() => Promise.resolve(drawScenery({ seed: 7 }))) };

/**
 * The places to try: two drawn ones, one of which repeats itself, and the equirectangular pictures of a folder, or those of
 * `defaultDir`.
 */
export const namedPlaces = (dir: string | null, defaultDir: string): NamedPlace[] => {
  const defaults = existsSync(defaultDir)
    ? inFolder(defaultDir, /panorama/).filter(({ name }) => isWhole(path.join(defaultDir, `${name}.jpg`)))
    : [];
  return [SQUARE, ...(dir === null ? defaults : inFolder(dir, PICTURE)), DRAWN];
};

/** Opens some of all places; each gets the next of all to mix it up with. */
export const openPlaces = (all: readonly NamedPlace[], some: readonly NamedPlace[]): Promise<Place[]> =>
  Promise.all(
    some.map(async (place) => {
      const next = all[(all.indexOf(place) + 1) % all.length]!;
      return { name: place.name, panorama: await place.open(), other: await next.open() };
    }),
  );
