import path from 'node:path';
import type { CalibrationSolver } from '../src/ports/calibration-solver.js';
import type { Cause, SolveAnswer } from '../src/solve/answer.js';
import { writeCapture, type WrittenFrame } from './capture-writer.js';
import type { Place } from './cases.js';
import { relight, type Light } from './light.js';
import { Random } from './random.js';
import { slug } from './run-cases.js';
import { HD, lensOf, SCANS, writeScan, type ScanPlan } from './scans.js';
import { renderView, type Camera, type Pose } from './view.js';

/** What may have happened to a camera; each is tried in four looks all round. */
const CAUSES = ['none', 'mount_rotation', 'pan_slip', 'tilt_slip', 'zoom_change', 'camera_changed'] as const;
const SCANS_TRIED = ['known', 'self'] as const;
const PANS_DEG = [-140, -50, 35, 120];
const LIGHTS_TRIED: readonly Light[] = ['same', 'dusk', 'fog', 'hard shadows'];
const THRESHOLD_DEG = 0.5;

type Angles = readonly [number, number, number];

/** What came of one query of several looks. */
export interface CauseOutcome {
  readonly place: string;
  readonly scan: string;
  readonly happened: Cause;
  readonly answer: SolveAnswer;
  /** Found − true, about each axis; null when refused. */
  readonly errorDeg: Angles | null;
}

/** How far the camera is off: its mount, its tilt encoder, its lens. */
interface Change {
  readonly offsetDeg: Angles;
  readonly tiltSlipDeg: number;
  readonly camera: Camera;
}

const NEARER = 1.04;
const hfovAt = (zoom: number): number =>
  (2 * Math.atan(Math.tan((HD.hfovDeg * Math.PI) / 360) / zoom) * 180) / Math.PI;

const changeOf = (cause: Cause, random: Random): Change => {
  const far = (least: number, most: number): number =>
    random.between(least, most) * (random.next() < 0.5 ? -1 : 1);
  const nothing: Change = { offsetDeg: [0, 0, 0], tiltSlipDeg: 0, camera: HD };
  if (cause === 'mount_rotation') return { ...nothing, offsetDeg: [far(0, 1.5), far(0.7, 1.5), far(0, 1.5)] };
  if (cause === 'pan_slip') return { ...nothing, offsetDeg: [far(0.7, 2), 0, 0] };
  if (cause === 'tilt_slip') return { ...nothing, tiltSlipDeg: far(0.7, 2) };
  if (cause === 'zoom_change') return { ...nothing, camera: { ...HD, hfovDeg: hfovAt(NEARER) } };
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
  const [panDeg, tiltDeg] = [pan0Deg + random.between(-15, 15), random.between(-20, 8)];
  const telemetry = {
    pan: panDeg + plan.encoderNoiseDeg * random.gauss(),
    tilt: tiltDeg + plan.encoderNoiseDeg * random.gauss(),
    zoom: 1,
  };
  const { offsetDeg, tiltSlipDeg, camera } = change;
  const pose: Pose = { panDeg, tiltDeg: tiltDeg + tiltSlipDeg, zoom: 1, offsetDeg };
  const draw = () => {
    const picture = renderView(panorama, camera, pose);
    relight(picture, light, new Random(`${name} ${panDeg}`), new Random(`world of ${name}`));
    return picture;
  };
  return { draw, telemetry };
};

const ask = async (
  solver: CalibrationSolver,
  place: Place,
  plan: ScanPlan,
  [happened, index]: readonly [Cause, number],
  dirs: { readonly referenceDir: string; readonly queryDir: string },
  signal: AbortSignal,
): Promise<CauseOutcome> => {
  const random = new Random(`${place.name} ${plan.name} ${happened} ${index}`);
  const change = changeOf(happened, random);
  const light = LIGHTS_TRIED[index % LIGHTS_TRIED.length]!;
  const frames = PANS_DEG.map((pan) => frameOf(place, plan, change, pan, light, random));
  await writeCapture(dirs.queryDir, { kind: 'query', frames, lens: lensOf(plan), jpegQuality: 75 });
  const answer = await solver.solve({ ...dirs, thresholdDeg: THRESHOLD_DEG, masks: [] }, signal);
  // A slip of the tilt encoder is told as the pitch that it is wherever the camera looks.
  const [yaw, pitch, roll] = change.offsetDeg;
  const errorDeg: Angles | null = answer.success
    ? [
        answer.yaw_offset! - yaw,
        answer.pitch_offset! - pitch - change.tiltSlipDeg,
        answer.roll_offset! - roll,
      ]
    : null;
  return { place: place.name, scan: plan.name, happened, answer, errorDeg };
};

/** Tries every cause `count` times at a place, against a scan with a known lens and exact encoders and one with neither. */
export const tryCauses = async (
  solver: CalibrationSolver,
  place: Place,
  count: number,
  workDir: string,
  signal: AbortSignal,
): Promise<CauseOutcome[]> => {
  const outcomes: CauseOutcome[] = [];
  for (const scan of SCANS_TRIED) {
    const plan: ScanPlan = SCANS[scan];
    const dir = path.join(workDir, slug(place.name));
    const referenceDir = path.join(dir, `scan-${plan.name}`);
    await writeScan(referenceDir, plan, () => place.panorama);
    for (const cause of CAUSES) {
      for (let index = 0; index < count; index++) {
        const queryDir = path.join(dir, `cause-${plan.name}-${cause}`, String(index));
        outcomes.push(await ask(solver, place, plan, [cause, index], { referenceDir, queryDir }, signal));
      }
      process.stderr.write(`${place.name}: ${plan.name}, ${cause}\n`);
    }
  }
  return outcomes;
};

const tally = (words: readonly string[]): string =>
  [...new Set(words)].map((word) => `${word} ${words.filter((other) => other === word).length}`).join(', ');

/** A line for what happened at every scan: how often it was told, what was told instead, and the largest error, degrees. */
export const formatCauses = (outcomes: readonly CauseOutcome[]): string => {
  const lines = SCANS_TRIED.flatMap((scan) =>
    CAUSES.map((cause) => {
      const some = outcomes.filter(({ scan: at, happened }) => at === SCANS[scan].name && happened === cause);
      const told = some.map(({ answer }) => (answer.success ? answer.cause : 'refused'));
      const right = told.filter((word) => word === cause).length;
      const others = tally(told.filter((word) => word !== cause));
      const most = Math.max(0, ...some.flatMap(({ errorDeg }) => errorDeg?.map(Math.abs) ?? []));
      return [`lens ${scan === 'known' ? 'known' : 'found'}: ${cause}`, `${right}/${some.length}`, most.toFixed(4), others || '–']; // prettier-ignore
    }),
  );
  const rows = [['what happened', 'told', 'max °', 'told instead'], ...lines];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    ) // prettier-ignore
    .join('\n');
};
