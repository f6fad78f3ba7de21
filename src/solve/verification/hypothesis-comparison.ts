import { radFromDeg } from '../../geometry/angles.js';
import { angleBetween } from '../../geometry/rotation.js';
import type { Fit } from '../model/fit.js';
import { type FrameFeatures, selectFeatures } from '../model/frame-features.js';

const key = (x: number, y: number): string => `${x},${y}`;
const keysOf = ({ observations }: Fit): Set<string> => new Set(observations.map(({ x, y }) => key(x, y)));

/** The features that an answer leaves unexplained. */
export const unexplained = (features: FrameFeatures, answer: Fit): FrameFeatures => {
  const explained = keysOf(answer);
  return selectFeatures(features, (i) => !explained.has(key(features.x[i]!, features.y[i]!)));
};

const without = (some: Set<string>, others: Set<string>): number =>
  [...some].filter((one) => !others.has(one)).length;

const SAME_RAD = radFromDeg(0.25);
/** So many times more that only the one explains leave no doubt. */
const CLEARLY_MORE = 2;

/**
 * Which of two rotations explains a picture, by the features that the other one does not explain: all windows of a house agree
 * with both, what hangs between them with the true one. `unclear` where either has some.
 */
export const whichExplains = (first: Fit, rival: Fit): 'first' | 'rival' | 'unclear' => {
  if (angleBetween(first.refined.rotation, rival.refined.rotation) < SAME_RAD) return 'first';
  const [ofFirst, ofRival] = [keysOf(first), keysOf(rival)];
  const onlyFirst = without(ofFirst, ofRival);
  const onlyRival = without(ofRival, ofFirst);
  if (onlyRival > CLEARLY_MORE * onlyFirst) return 'rival';
  return onlyFirst > CLEARLY_MORE * onlyRival ? 'first' : 'unclear';
};
