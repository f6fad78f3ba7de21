import { radFromDeg, degFromRad, wrapDeg } from '../../geometry/angles.js';
import { hfovFromFocal, pixelFromBearing } from '../../geometry/lens.js';
import { fromEuler, multiply, rotate, toEuler, transpose } from '../../geometry/rotation.js';
import type { CaptureFrame, CaptureManifest } from '../../capture/spool/manifest.js';
import type { DeviceSettings } from '../../config/settings.js';
import type { PictureShift, PictureView } from '../../ports/pictures.js';
import type { ReferenceReport, SolveAnswer } from '../../solve/model/answer.js';
import { expectedView, type Pointing } from '../../solve/scan/expected-view.js';
import type { CheckRecord } from '../record/check-record.js';
import { readSpoolFile } from '../record/check-folder.js';
import type { Dependencies } from '../record/dependencies.js';
import type { LocalReference, ReferenceCache } from '../references/reference-cache.js';
import { causeInWords, offsetsInWords } from '../text/wording.js';

/** Most reference frames used for one picture: those farther away are not in it. */
const MAX_FRAMES = 6;

type Capture = SolveAnswer['captures'][number];

/** The capture that shows it best: most inliers. */
const bestCapture = (answer: SolveAnswer): Capture | null =>
  answer.captures.reduce<Capture | null>(
    (best, capture) => (capture.yaw !== null && capture.inliers > (best?.inliers ?? 0) ? capture : best),
    null,
  );

/** Where the centre of the claimed view lies in the picture, and how the scene is rotated about it. */
export const shiftOf = (
  offset: { readonly yaw: number; readonly pitch: number; readonly roll: number },
  view: PictureView,
): PictureShift | null => {
  const claimed = Float64Array.from(view.mountFromBody);
  const turned = fromEuler(radFromDeg(offset.yaw), radFromDeg(offset.pitch), radFromDeg(offset.roll));
  const trueFromClaimed = multiply(transpose(multiply(turned, claimed)), claimed);
  const place = pixelFromBearing(view, rotate(trueFromClaimed, [1, 0, 0]));
  if (place === null) return null;
  const { rollRad } = toEuler(trueFromClaimed);
  return { dx: place[0] - view.centreX, dy: place[1] - view.centreY, rollDeg: degFromRad(rollRad) };
};

/** Where the reference camera points for a given telemetry position. */
export const pictureView = (
  report: ReferenceReport,
  pointing: Pointing,
  widthPx: number,
  heightPx: number,
): PictureView => {
  const { mountFromBody, lens } = expectedView(report, pointing, widthPx, heightPx);
  return { mountFromBody: [...mountFromBody], ...lens };
};

const viewOfFrame = (report: ReferenceReport, { telemetry, width, height }: CaptureFrame): PictureView =>
  pictureView(report, telemetry, width, height);

/** Scan frames that may show part of a view, nearest first. */
const framesNear = (
  scan: CaptureManifest,
  report: ReferenceReport,
  wanted: CaptureFrame,
  focalPx: number,
): CaptureFrame[] => {
  const { pan, tilt } = wanted.telemetry;
  const away = (frame: CaptureFrame): number =>
    Math.hypot(wrapDeg(frame.telemetry.pan - pan) * Math.cos(radFromDeg(tilt)), frame.telemetry.tilt - tilt);
  const reach = (frame: CaptureFrame): number =>
    degFromRad(
      hfovFromFocal(viewOfFrame(report, frame).focalPx, frame.width) + hfovFromFocal(focalPx, frame.width),
    ) / 2;
  return scan.frames
    .filter((frame) => away(frame) < reach(frame))
    .sort((a, b) => away(a) - away(b))
    .slice(0, MAX_FRAMES);
};

/** The picture of a measured check: the expected view beside the actual one; null when there is none to draw. */
export const drawCheck = async (
  deps: Pick<Dependencies, 'pictures' | 'solver'>,
  references: ReferenceCache,
  device: DeviceSettings,
  reference: LocalReference,
  check: { readonly dir: string; readonly manifest: CaptureManifest; readonly record: CheckRecord },
  signal: AbortSignal,
): Promise<Buffer | null> => {
  const { record, manifest, dir } = check;
  const capture = bestCapture(record);
  const frame = manifest.frames.find(({ file }) => file === capture?.file);
  if (capture === null || frame === undefined || record.lens === null) return null;
  const report = await deps.solver.prepareReference(reference.dir, device.masks, signal);
  const { focal_px: focalPx, k1, k2 } = record.lens;
  const wanted: PictureView = { ...viewOfFrame(report, frame), focalPx, k1, k2 };
  const near = framesNear(reference.manifest, report, frame, focalPx);
  const frames = await Promise.all(
    near.map(async (near) => ({
      ...viewOfFrame(report, near),
      jpeg: await references.picture(device, reference, near.file),
    })),
  );
  const { yaw, pitch, roll } = capture;
  const shiftPx =
    yaw === null || pitch === null || roll === null ? null : shiftOf({ yaw, pitch, roll }, wanted);
  return deps.pictures.overlay({
    expected: { frames, wanted },
    queryJpeg: await readSpoolFile(dir, frame.file),
    ...(shiftPx === null ? {} : { shiftPx }),
    title: `${record.deployment_name}/${record.camera_name}  ${record.row.timestamp.slice(0, 16).replace('T', ' ')} UTC`,
    subtitle: `${offsetsInWords(record)}\n${causeInWords(record)}`.trim(),
  });
};
