import { coverWithPatches } from './foreign.js';
import { addNoise } from './light.js';
import type { Random } from './random.js';
import {
  castShadows,
  clouds,
  decorrelate,
  halveLines,
  haze,
  regrow,
  relief,
  sharpen,
  snow,
  tone,
  wet,
} from './season-parts.js';
import type { Picture } from './view.js';

/** The times of a year at which a fixed webcam looks at its place. */
export const SEASONS = ['summer', 'autumn', 'bare', 'snow', 'low sun', 'overcast', 'haze', 'dusk'] as const;
export type Season = (typeof SEASONS)[number];

const cast = (random: Random): number[] => [
  random.between(0.85, 1.15),
  random.between(0.9, 1.1),
  random.between(0.8, 1.2),
];

const CHANGES: Record<Season, (picture: Picture, random: Random) => void> = {
  summer: (picture, random) => {
    regrow(picture, random.between(0.15, 0.35), random);
    castShadows(picture, 5, 0.5, random);
  },
  autumn: (picture, random) => {
    regrow(picture, random.between(0.3, 0.5), random);
    castShadows(picture, 6, 0.5, random);
    wet(picture, 0.3, random);
  },
  bare: (picture, random) => {
    regrow(picture, random.between(0.5, 0.7), random);
    castShadows(picture, 4, 0.4, random);
  },
  snow: (picture, random) => {
    regrow(picture, random.between(0.2, 0.4), random);
    snow(picture, random.between(0.4, 0.7), random);
  },
  'low sun': (picture, random) => {
    regrow(picture, random.between(0.2, 0.4), random);
    castShadows(picture, 18, 0.72, random);
  },
  overcast: (picture, random) => {
    regrow(picture, random.between(0.3, 0.5), random);
    wet(picture, 0.5, random);
    tone(picture, 0.8, 0.8, [1, 1, 1]);
  },
  haze: (picture, random) => {
    regrow(picture, random.between(0.2, 0.4), random);
    haze(picture, random.between(0.7, 0.88));
  },
  dusk: (picture, random) => {
    regrow(picture, random.between(0.2, 0.4), random);
    tone(picture, 1.2, 0.3, [0.9, 0.9, 1.2]);
  },
};

/**
 * The picture as the webcam takes it in a season; patches of `foreign` are cars and people. `farApart` changes all that is fine and
 * lights everything from another side, so that only what is large stays.
 */
export const changeSeason = (
  picture: Picture,
  season: Season,
  foreign: Picture,
  random: Random,
  farApart = false,
): void => {
  if (farApart) {
    relief(picture, random.between(0.1, 0.3), random);
    decorrelate(picture, 0, 0.5, random);
  }
  clouds(picture, random);
  coverWithPatches(picture, foreign, random.between(0.02, 0.12), random);
  CHANGES[season](picture, random);
  tone(picture, random.between(0.75, 1.35), random.between(0.85, 1.1), cast(random));
  if (random.next() < 0.5) sharpen(picture, random.between(0.6, 1.6));
  if (random.next() < 0.25) halveLines(picture);
  addNoise(picture, random.between(1, 6), random);
};
