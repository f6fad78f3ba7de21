import type { ScanPlan } from '../../capture/planning/plan-scan.js';
import { counted, durationInWords } from '../../monitor/text/wording.js';

/** Driving, coming to rest and a picture, as cameras in the field take it. */
const STOP_MS = 9_000;

const minus = (valueDeg: number): string => valueDeg.toFixed(0).replace('-', '−');
const rangeInWords = ([low, high]: readonly [number, number]): string => `${minus(low)}° to ${minus(high)}°`;

/** `38 stops in 3 rows of tilt`. */
export const planSize = ({ stops, rowCount }: ScanPlan): string =>
  `${counted(stops.length, 'stop')} in ${counted(rowCount, 'row')} of tilt`;

/** What a plan leaves out of the camera's ranges, a line each. */
export const leftOutInWords = ({ leftOut, panRangeDeg, tiltRangeDeg }: ScanPlan): string[] =>
  leftOut.map((what) =>
    what === 'sky'
      ? `what lies above ${minus(tiltRangeDeg[1])}° is left out as sky; a grid can take it in`
      : `the view is too narrow for all directions: only pan ${rangeInWords(panRangeDeg)}, tilt ${rangeInWords(tiltRangeDeg)} ` +
        'are scanned; give a grid of those that matter',
  );

const zoomedInWords = ({ stops }: ScanPlan): string => {
  const [widest, ...zooms] = [...new Set(stops.map(({ zoom }) => zoom))];
  const zoomed = stops.filter(({ zoom }) => zoom !== widest).length;
  return zooms.length === 0 ? '' : `, ${zoomed} of them at zoom ${zooms.join(' and ')}`;
};

/** What a scan that plans itself is going to do. */
export const planInWords = (name: string, plan: ScanPlan): string => {
  const size = `${plan.hfovDeg.toFixed(1)}° wide; ${planSize(plan)}${zoomedInWords(plan)}`;
  const about = `about ${durationInWords(plan.stops.length * STOP_MS)}`;
  return [`${name}: ${size}, ${about}`, ...leftOutInWords(plan).map((line) => `   ${line}`), ''].join('\n');
};
