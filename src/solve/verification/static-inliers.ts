import type { Refined } from '../estimation/rotation-refinement.js';
import type { Motion, Pixel } from '../localization/overlay-motion.js';
import type { Observation } from '../model/observation.js';

/** What is burnt in is found again within this of its pixels, px; compression shifts it by less. */
const STILL_PX = 0.4;
/** So many points are due to what stands still at least, before any are taken away: standard deviations of their number. */
const EXCESS_SIGMAS = 3;
/** With fewer of them left, it is those that stand still which tell the answer. */
const LEAST_LEFT = 0.6;
const ROUNDS = 4;
/**
 * What is left lies about the answer, well away from standing still: so many spreads. Points of a faint watermark lie about standing
 * still, scattered; without their middle they would seem to agree beside it.
 */
const APART_SPREADS = 2;
/** Nearer to standing still, the place's own points are taken for what stands still, and the rest for an answer farther off, px. */
const APART_PX = 0.6;

const isWithin = ({ x, y }: Observation, pixel: Pixel): boolean =>
  Math.hypot(pixel[0] - x, pixel[1] - y) < STILL_PX;

/** By how many pixels an answer moves the landmarks of points from where the scan's picture has them, in the median. */
export const offPx = (
  observations: readonly Observation[],
  { still, answered }: Motion,
  refined: Pick<Refined, 'rotation' | 'focalScale'>,
): number => {
  const lengths = observations.map((observation) => {
    const [from, to] = [still(observation), answered(observation, refined)];
    return from && to ? Math.hypot(to[0] - from[0], to[1] - from[1]) : Infinity;
  });
  return lengths.sort((a, b) => a - b)[lengths.length >> 1] ?? Infinity;
};

/**
 * What agrees with a camera that hardly moved, without what stands still on the screen: letters and dirt lie so close to the answer
 * that they pull it towards "nothing moved". Points at their own pixels are left away, and as many on the other side of the answer:
 * to leave away those on one side alone would push it. Null where hardly more of them stand still than by chance, or where most do.
 */
export const refineWithoutStill = (
  observations: readonly Observation[],
  motion: Motion,
  refine: (kept: readonly Observation[]) => Refined,
): { readonly refined: Refined; readonly observations: readonly Observation[] } | null => {
  const moving = observations.filter((observation) => {
    const still = motion.still(observation);
    return still === null || !isWithin(observation, still);
  });
  const stillCount = observations.length - moving.length;
  if (stillCount < EXCESS_SIGMAS ** 2 || moving.length < LEAST_LEFT * observations.length) return null;
  let refined = refine(moving);
  for (let round = 0; round < ROUNDS; round++) {
    const beyond = moving.filter((observation) => {
      const [still, there] = [motion.still(observation), motion.answered(observation, refined)];
      if (still === null || there === null) return false;
      return isWithin(observation, [2 * there[0] - still[0], 2 * there[1] - still[1]]);
    });
    if (stillCount - beyond.length < EXCESS_SIGMAS * Math.sqrt(stillCount + beyond.length)) return null;
    const left = new Set(beyond);
    refined = refine(moving.filter((observation) => !left.has(observation)));
  }
  const isApart = offPx(moving, motion, refined) > Math.max(APART_PX, APART_SPREADS * refined.sigmaPx);
  return isApart ? { refined, observations: moving } : null;
};
