import { degFromRad, radFromDeg } from '../../geometry/angles.js';
import { attitudeByTerms, HEAD_TERMS, type HeadTerms, type PanTilt } from '../head/pointing-model.js';
import { headColumns, layoutSize, lensColumns } from '../estimation/scan-layout.js';
import type { ScanModel } from '../model/reference.js';
import type { FeatureTie } from './tie-points.js';

/** Between a stop and half a picture beside it, answers need not be more exact than this, degrees. */
const GOOD_ENOUGH_DEG = 0.02;
/** Less certain than this, relative, a focal length cannot be told from what the encoders count. */
const MAX_FOCAL_SIGMA = 0.01;
/** Rows at two tilts show how the head is built where they lie so far apart, degrees. */
const SECOND_ROW_DEG = 20;
/** Two stops that look at one another's picture tell their angle about as exactly as this, degrees. */
const TIED_DEG = 0.005;
/** Where more of the points shift between pictures than this, things near by are in most of them. */
const MANY_NEAR = 0.35;

/** Of the head's terms alone, in the order of HEAD_TERMS; what is not estimated is exact. */
const headCovariance = ({ posterior: { layout, covariance } }: ScanModel): Float64Array => {
  const columns = headColumns(layout);
  const [n, size] = [HEAD_TERMS.length, layoutSize(layout)];
  return Float64Array.from({ length: n * n }, (_, at) => {
    const [row, column] = [columns[Math.floor(at / n)]!, columns[at % n]!];
    return row < 0 || column < 0 ? 0 : covariance[row * size + column]!;
  });
};

/** What the attitude at one position, against that at another, owes to each term: rows x, y, z. */
const between = (head: HeadTerms, from: PanTilt, to: PanTilt): number[][] => {
  const [a, b] = [attitudeByTerms(head, from), attitudeByTerms(head, to)];
  return ([0, 1, 2] as const).map((axis) => b.map((turn, term) => turn[axis] - a[term]![axis]));
};

const quadratic = (row: readonly number[], matrix: Float64Array): number =>
  row.reduce(
    (sum, x, i) => sum + x * row.reduce((part, y, j) => part + matrix[i * row.length + j]! * y, 0),
    0,
  );

/** How loosely the head ties one position to another, degrees. */
const looseDeg = (head: HeadTerms, covariance: Float64Array, from: PanTilt, to: PanTilt): number =>
  degFromRad(Math.sqrt(Math.max(...between(head, from, to).map((row) => quadratic(row, covariance)))));

/** The same after pairs of positions have been tied by pictures. */
const tied = (
  head: HeadTerms,
  covariance: Float64Array,
  pairs: readonly (readonly [PanTilt, PanTilt])[],
): Float64Array => {
  const n = HEAD_TERMS.length;
  let left = covariance;
  for (const [from, to] of pairs)
    for (const row of between(head, from, to)) {
      const gained = Array.from({ length: n }, (_, i) =>
        row.reduce((sum, x, j) => sum + left[i * n + j]! * x, 0),
      );
      const spread = quadratic(row, left) + radFromDeg(TIED_DEG) ** 2;
      left = left.map((value, at) => value - (gained[Math.floor(at / n)]! * gained[at % n]!) / spread);
    }
  return left;
};

const positionsOf = ({ stops }: ScanModel): PanTilt[] =>
  stops.map(({ panDeg, tiltDeg }) => ({ panRad: radFromDeg(panDeg), tiltRad: radFromDeg(tiltDeg) }));

/** How loosely a scan ties half a picture beside its stops to them, at the worst. */
const worstBeside = (scan: ScanModel, covariance: Float64Array): number => {
  const { focalPx } = scan.levels[0]!;
  const [asidePan, asideTilt] = [
    Math.atan(scan.widthPx / 2 / focalPx),
    Math.atan(scan.heightPx / 2 / focalPx),
  ];
  const worst = positionsOf(scan).map((at) =>
    Math.max(
      looseDeg(scan.head, covariance, at, { ...at, panRad: at.panRad + asidePan }),
      looseDeg(scan.head, covariance, at, { ...at, tiltRad: at.tiltRad + asideTilt }),
      looseDeg(scan.head, covariance, at, { ...at, tiltRad: at.tiltRad - asideTilt }),
    ),
  );
  return Math.max(...worst);
};

interface Proposal {
  readonly words: string;
  readonly pairs: readonly (readonly [PanTilt, PanTilt])[];
}

const spanOf = (values: readonly number[]): number => Math.max(...values) - Math.min(...values);

/** What may be added to a scan, the least first. */
const proposalsFor = (scan: ScanModel): Proposal[] => {
  const at = positionsOf(scan);
  const stepRad = Math.atan(scan.widthPx / 2 / scan.levels[0]!.focalPx);
  const rowRad = radFromDeg(SECOND_ROW_DEG);
  const chain = (row: readonly PanTilt[]): (readonly [PanTilt, PanTilt])[] =>
    row.slice(1).map((stop, i) => [row[i]!, stop] as const);
  const row =
    at.length > 1 ? at : [-1, 0, 1].map((k) => ({ ...at[0]!, panRad: at[0]!.panRad + k * stepRad }));
  const second = row.map((stop) => ({ ...stop, tiltRad: stop.tiltRad - rowRad }));
  const upDown = row.map((stop, i) => [stop, second[i]!] as const);
  const isOneRow = spanOf(at.map(({ tiltRad }) => tiltRad)) < radFromDeg(10);
  const wide = [-2, -1, 0, 1, 2].map((k) => ({ ...at[0]!, panRad: at[0]!.panRad + k * stepRad }));
  const low = wide.map((stop) => ({ ...stop, tiltRad: stop.tiltRad - rowRad }));
  const rows = `about ${SECOND_ROW_DEG}° below or above`;
  return [
    ...(isOneRow
      ? [
          {
            words:
              at.length === 1
                ? `stops to both sides and a row of three stops ${rows}`
                : `a row of ${second.length} stops ${rows}`,
            pairs: [...chain(row), ...chain(second), ...upDown],
          },
        ]
      : []),
    {
      words: `two rows of five stops half a picture apart, one ${rows},`,
      pairs: [...chain(wide), ...chain(low), ...wide.map((stop, i) => [stop, low[i]!] as const)],
    },
  ];
};

/** What to add to a scan that shows too little of the head, and what that would bring; empty where it shows enough. */
const aboutHead = (scan: ScanModel): string[] => {
  const covariance = headCovariance(scan);
  const nowDeg = worstBeside(scan, covariance);
  if (nowDeg < GOOD_ENOUGH_DEG) return [];
  const better = proposalsFor(scan)
    .map(({ words, pairs }) => ({ words, thenDeg: worstBeside(scan, tied(scan.head, covariance, pairs)) }))
    .find(({ thenDeg }, i, all) => thenDeg < nowDeg / 3 || i === all.length - 1);
  const now = `The scan shows little of how the head is built: half a picture beside its stops answers are uncertain by ${nowDeg.toFixed(2)}°.`;
  if (better === undefined || better.thenDeg > 0.7 * nowDeg) return [now];
  return [`${now} Add ${better.words} and it will be ${Math.max(0.01, better.thenDeg).toFixed(2)}°.`];
};

/** Things near by shift between stops, since the lens lies off the axes. */
const aboutNearThings = (ties: readonly FeatureTie[], fitting: number): string[] => {
  const share = ties.length === 0 ? 0 : 1 - fitting / ties.length;
  return share > MANY_NEAR
    ? [
        `${(100 * share).toFixed(0)} % of the points that two stops share shift between them, as things near the camera do: ` +
          'checks rest on what is farther away. Let the stops look past what is near.',
      ]
    : [];
};

/** How a scan could be made better. */
export const adviceOn = (scan: ScanModel, tried: readonly FeatureTie[], fitting: number): string[] => [
  ...aboutHead(scan),
  ...aboutNearThings(tried, fitting),
];

/** Why a scan that was to find its lens cannot tell it from its head; null where it can. */
export const lensFault = ({ posterior: { layout, covariance, zooms } }: ScanModel): string | null => {
  const size = layoutSize(layout);
  const sigmas = zooms.map(({ zoom }, level) => {
    const [column] = lensColumns(layout, level);
    return { zoom, sigma: column! < 0 ? 0 : Math.sqrt(covariance[column! * size + column!]!) };
  });
  const worst = sigmas.reduce((a, b) => (b.sigma > a.sigma ? b : a));
  if (worst.sigma < MAX_FOCAL_SIGMA) return null;
  return (
    `The scan cannot tell the lens at zoom ${worst.zoom} from what the head counts: its focal length is uncertain by ` +
    `${(100 * worst.sigma).toFixed(1)} %. Scan with closer steps and at a second tilt, or give \`lens\` in devices.yaml.`
  );
};
