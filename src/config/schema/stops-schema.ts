import { z } from 'zod';
import { list, number, range, section, whole, withOneOf, withRule } from './fields.js';
import { must } from './wording.js';

const angleBound = number('a number of degrees from -720 to 720', -720, 720);
export const magnification = number('an optical magnification from 1 to 1000', 1, 1000);
export const degrees = range('[lowest, highest] in degrees', angleBound);
export const magnifications = range('[lowest, highest] magnification', magnification);
export const sign = z.literal([1, -1], must('1 or -1'));

const panDeg = number('a pan from -360 to 360 degrees', -360, 360);
const tiltDeg = number('a tilt from -180 to 180 degrees', -180, 180);

const span = (bound: z.ZodNumber) => {
  const schema = section({
    from: bound.describe('First position'),
    to: bound.describe('Last position; a full circle does not repeat its first'),
    step: number('a step from 0.1 to 360', 0.1, 360).optional().describe('Distance between positions'),
    count: whole('a whole number from 2 to 360', 2, 360)
      .optional()
      .describe('How many positions instead of step'),
  });
  const ordered = withRule(schema, {
    holds: ({ from, to }) => !(from > to),
    message: 'must not be below from',
    at: 'to',
  });
  const turning = withRule(ordered, {
    holds: ({ from, to }) => !(to - from > 360),
    message: 'must be at most a full circle beyond from',
    at: 'to',
  });
  return withOneOf(turning, ['step', 'count']);
};

const positions = (bound: z.ZodNumber) => {
  const what = 'a list of positions, or a section with from, to and step or count';
  return z.union(
    [list(what, bound).min(1, must('a list of at least one position')), span(bound)],
    must(what),
  );
};

export const stop = z.tuple([panDeg, tiltDeg, magnification], must('a stop [pan, tilt, zoom]'));

const listedScan = withOneOf(
  section({
    grid: section({
      pan: positions(panDeg).describe('Pans in degrees'),
      tilt: positions(tiltDeg).describe('Tilts in degrees'),
      zoom: positions(magnification).default([1]).describe('Magnifications'),
    })
      .optional()
      .describe('All combinations of pans, tilts and zooms, visited along the shortest way'),
    stops: list('a list of stops [pan, tilt, zoom]', stop)
      .min(1, must('a list of at least one stop [pan, tilt, zoom]'))
      .optional()
      .describe('Stops one by one'),
  }),
  ['grid', 'stops'],
);

export const referenceScan = z.union(
  [z.literal('auto'), listedScan],
  must('auto, or a section with grid or stops'),
);
