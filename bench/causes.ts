import path from 'node:path';
import process from 'node:process';
import type { CalibrationSolver } from '../src/ports/calibration-solver.js';
import type { Cause, SolveAnswer } from '../src/solve/model/answer.js';
import { alignedText } from './aligned-text.js';
import { writeCapture, type WrittenFrame } from './capture-writer.js';
import { sendAxis, type Build, type Head } from './heads.js';
import { relight, type Light } from './light.js';
import type { Place } from './places.js';
import { Random } from './random.js';
import { slug } from './run-cases.js';
import { buildOf, HD, hfovAt, lensOf, SCANS, writeScan, type ScanPlan } from './scans.js';
import { renderView, type Camera, type Pose } from './view.js';

/** What may have happened to a camera; each is tried in three or four looks all round. */
const CAUSES = [
  ...(['none', 'mount_rotation', 'pan_slip', 'tilt_slip', 'body_reseated'] as const),
  ...(['zoom_change', 'camera_changed'] as const),
];
const SCANS_TRIED = [SCANS.known, SCANS.self] as const;
const LIGHTS_TRIED: readonly Light[] = ['same', 'dusk', 'fog', 'hard shadows'];
const THRESHOLD_DEG = 0.5;
const NEARER = 1.04;

type Angles = readonly [number, number, number];

/** What came of one query of several looks. */
export interface CauseOutcome {
  readonly place: string;
  readonly scan: string;
  readonly happened: Cause;
  readonly looks: number;
  /** What is to be told as yaw, pitch, roll. */
  readonly truthDeg: Angles;
  readonly answer: SolveAnswer;
  /** Found − true, about each axis; null when refused. */
  readonly errorDeg: Angles | null;
}

/** The camera after something has happened to it. */
interface Change {
  /** Of its mount. */
  readonly offsetDeg: Angles;
  readonly build: Build;
  readonly camera: Camera;
  readonly truthDeg: Angles;
}

const far = (random: Random, least: number, most: number): number =>
  random.between(least, most) * (random.next() < 0.5 ? -1 : 1);

const reseated = ({ head, principalPoint }: Build, [yaw, pitch, roll]: Angles): Build => {
  const turned: Head = {
    ...head,
    collimationDeg: head.collimationDeg + yaw,
    tiltZeroDeg: head.tiltZeroDeg + pitch,
    rollDeg: head.rollDeg + roll,
  };
  return { head: turned, principalPoint };
};

/** Crooked about the upright or the sensor's axis, or both; every other time it nods, too: that alone is a slip of the tilt encoder. */
const reseatedBy = (random: Random): Angles => {
  const which = random.whole(3);
  const turn = (is: boolean): number => (is ? far(random, 0.6, 2) : 0);
  return [turn(which !== 1), turn(random.next() < 0.5), turn(which !== 0)];
};

/** An offset told of the mount; of a slipped encoder or a crooked body what it comes to where the camera looks. */
const changeOf = (cause: Cause, build: Build, random: Random): Change => {
  const nothing: Change = { offsetDeg: [0, 0, 0], build, camera: HD, truthDeg: [0, 0, 0] };
  const turned = (by: Angles): Change => ({ ...nothing, offsetDeg: by, truthDeg: by });
  const ofBody = (by: Angles): Change => ({ ...nothing, build: reseated(build, by), truthDeg: by });
  if (cause === 'mount_rotation')
    return turned([far(random, 0, 1.5), far(random, 0.7, 1.5), far(random, 0, 1.5)]);
  if (cause === 'pan_slip') return turned([far(random, 0.7, 2), 0, 0]);
  if (cause === 'tilt_slip') return ofBody([0, far(random, 0.7, 2), 0]);
  if (cause === 'body_reseated') return ofBody(reseatedBy(random));
  if (cause === 'zoom_change') return { ...nothing, camera: { ...HD, hfovDeg: hfovAt(HD, NEARER) } };
  if (cause === 'camera_changed') return { ...nothing, camera: { ...HD, hfovDeg: 63, k1: -0.15 } };
  return nothing;
};

const frameOf = (
  { panorama, name }: Place,
  plan: ScanPlan,
  change: Change,
  pan0Deg: number,
  light: Light,
  random: Random,
): WrittenFrame => {
  const fromEither = (): 1 | -1 => (random.next() < 0.5 ? 1 : -1);
  const pan = sendAxis(plan.encoders, pan0Deg + random.between(-15, 15), fromEither(), random);
  const tilt = sendAxis(plan.encoders, random.between(-20, 8), fromEither(), random);
  const { offsetDeg, build, camera } = change;
  const pose: Pose = { panDeg: pan.axisDeg, tiltDeg: tilt.axisDeg, zoom: 1, offsetDeg };
  const draw = () => {
    const picture = renderView(panorama, camera, build, pose);
    relight(picture, light, new Random(`${name} ${pan.axisDeg}`), new Random(`world of ${name}`));
    return picture;
  };
  return { draw, telemetry: { pan: pan.toldDeg, tilt: tilt.toldDeg, zoom: 1 } };
};

/** Three or four looks all round, none within 15° of the ends of pan. */
const lookedAt = (count: number): number[] =>
  Array.from({ length: count }, (_, nth) => -150 + (300 * nth) / (count - 1));

const ask = async (
  solver: CalibrationSolver,
  place: Place,
  plan: ScanPlan,
  [happened, index]: readonly [Cause, number],
  dirs: { readonly referenceDir: string; readonly queryDir: string },
  signal: AbortSignal,
): Promise<CauseOutcome> => {
  const random = new Random(`${place.name} ${plan.name} ${happened} ${index}`);
  const change = changeOf(happened, buildOf(plan, place.name), random);
  const light = LIGHTS_TRIED[index % LIGHTS_TRIED.length]!;
  const looks = 3 + random.whole(2);
  const frames = lookedAt(looks).map((pan) => frameOf(place, plan, change, pan, light, random));
  await writeCapture(dirs.queryDir, { kind: 'query', frames, lens: lensOf(plan), jpegQuality: 75 });
  const { truthDeg } = change;
  const answer = await solver.solve({ ...dirs, thresholdDeg: THRESHOLD_DEG, masks: [] }, signal);
  const errorDeg: Angles | null = answer.success
    ? [
        answer.yaw_offset! - truthDeg[0],
        answer.pitch_offset! - truthDeg[1],
        answer.roll_offset! - truthDeg[2],
      ]
    : null;
  return { place: place.name, scan: plan.name, happened, looks, truthDeg, answer, errorDeg };
};

/** Cases in all where no count is given. */
const IN_ALL = 200;

interface Cell {
  readonly place: Place;
  readonly plan: ScanPlan;
  readonly cause: Cause;
}

/** How often each of `cells` is tried, all of them `IN_ALL` times together. */
const shareOf = (cell: number, cells: number): number =>
  Math.floor(IN_ALL / cells) + (cell < IN_ALL % cells ? 1 : 0);

/**
 * Tries every cause at every place, against a scan with a known lens and exact encoders and one with neither; each `count` times, or
 * {@link IN_ALL} in all.
 */
export const tryCauses = async (
  solver: CalibrationSolver,
  places: readonly Place[],
  count: number | null,
  workDir: string,
  signal: AbortSignal,
): Promise<CauseOutcome[]> => {
  const cells: Cell[] = places.flatMap((place) =>
    SCANS_TRIED.flatMap((plan) => CAUSES.map((cause) => ({ place, plan, cause }))),
  );
  const outcomes: CauseOutcome[] = [];
  for (const [at, { place, plan, cause }] of cells.entries()) {
    const dir = path.join(workDir, slug(place.name));
    const referenceDir = path.join(dir, `scan-${slug(plan.name)}`);
    const { name, panorama, other } = place;
    await writeScan(referenceDir, plan, { name, panorama: () => panorama, other: () => other });
    for (let index = 0; index < (count ?? shareOf(at, cells.length)); index++) {
      const queryDir = path.join(dir, `cause-${slug(plan.name)}-${cause}`, String(index));
      outcomes.push(await ask(solver, place, plan, [cause, index], { referenceDir, queryDir }, signal));
    }
    process.stderr.write(`${place.name}: ${plan.name}, ${cause}\n`);
  }
  return outcomes;
};

const tally = (words: readonly string[]): string =>
  [...new Set(words)].map((word) => `${word} ${words.filter((other) => other === word).length}`).join(', ');

const rowOf = (plan: ScanPlan, cause: Cause, outcomes: readonly CauseOutcome[]): string[] => {
  const some = outcomes.filter(({ scan, happened }) => scan === plan.name && happened === cause);
  const told = some.map(({ answer }) => (answer.success ? answer.cause : 'refused'));
  const right = told.filter((word) => word === cause).length;
  const others = tally(told.filter((word) => word !== cause));
  const errors = some.flatMap(({ errorDeg }) => errorDeg?.map(Math.abs) ?? []);
  const most = errors.length === 0 ? '–' : Math.max(...errors).toFixed(4);
  const lens = plan.lensGiven ? 'known' : 'found';
  return [`lens ${lens}: ${cause}`, `${right}/${some.length}`, most, others || '–'];
};

/** A line for what happened at every scan: how often it was told, what was told instead, and the largest error, degrees. */
export const formatCauses = (outcomes: readonly CauseOutcome[]): string => {
  const lines = SCANS_TRIED.flatMap((plan) => CAUSES.map((cause) => rowOf(plan, cause, outcomes)));
  return alignedText([['what happened', 'told', 'max °', 'told instead'], ...lines]);
};
