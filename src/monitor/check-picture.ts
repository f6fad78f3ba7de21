import { radFromDeg, degFromRad, wrapDeg } from '../geometry/angles.js';
import { centredLens, hfovFromFocal, pixelFromBearing } from '../geometry/lens.js';
import { fromEuler, fromPanTilt, multiply, rotate, toEuler, transpose } from '../geometry/rotation.js';
import type { CaptureFrame, CaptureManifest } from '../capture/manifest.js';
import type { DeviceSettings } from '../config/settings.js';
import type { PictureShift, PictureView } from '../ports/pictures.js';
import type { ReferenceReport, SolveAnswer } from '../solve/answer.js';
import { lensAtZoom } from '../solve/lens-model.js';
import type { CheckRecord } from './check-record.js';
import { readSpoolFile } from './check-spool.js';
import type { Dependencies } from './dependencies.js';
import type { LocalReference, LocalReferences } from './local-reference.js';
import { causeInWords, offsetsInWords } from './words.js';

/** Reference frames that are looked at for one picture: what is farther away is not in it. */
const MAX_FRAMES = 6;

type Capture = SolveAnswer['captures'][number];

/** The capture that shows it best: most inliers. */
const bestCapture = (answer: SolveAnswer): Capture | null =>
  answer.captures.reduce<Capture | null>(
    (best, capture) => (capture.yaw !== null && capture.inliers > (best?.inliers ?? 0) ? capture : best),
    null,
  );

/** Where the middle of what telemetry claims to see lies in the picture, and how the scene is turned about it. */
export const shiftOf = (
  offset: { readonly yaw: number; readonly pitch: number; readonly roll: number },
  view: PictureView,
  size: { readonly widthPx: number; readonly heightPx: number },
): PictureShift | null => {
  const claimed = fromPanTilt(radFromDeg(view.panDeg), radFromDeg(view.tiltDeg));
  const turned = fromEuler(radFromDeg(offset.yaw), radFromDeg(offset.pitch), radFromDeg(offset.roll));
  const trueFromClaimed = multiply(transpose(multiply(turned, claimed)), claimed);
  const lens = centredLens(view.focalPx, view.k1, view.k2, size.widthPx, size.heightPx);
  const place = pixelFromBearing(lens, rotate(trueFromClaimed, [1, 0, 0]));
  if (place === null) return null;
  const { rollRad } = toEuler(trueFromClaimed);
  return { dx: place[0] - lens.centreX, dy: place[1] - lens.centreY, rollDeg: degFromRad(rollRad) };
};

const viewOf = (report: ReferenceReport, frame: CaptureFrame): PictureView => {
  const { pan, tilt, zoom } = frame.telemetry;
  const levels = report.lens.map(({ zoom: level, focal_px, k1, k2 }) => ({
    zoom: level,
    focalPx: focal_px,
    k1,
    k2,
  }));
  const { focalPx, k1, k2 } = lensAtZoom(levels, zoom, frame.width, frame.height);
  return { panDeg: pan, tiltDeg: tilt, focalPx, k1, k2 };
};

/** Frames of the scan that may show part of a view, the nearest first. */
const framesNear = (scan: CaptureManifest, report: ReferenceReport, view: PictureView): CaptureFrame[] => {
  const away = (frame: CaptureFrame): number =>
    Math.hypot(
      wrapDeg(frame.telemetry.pan - view.panDeg) * Math.cos(radFromDeg(view.tiltDeg)),
      frame.telemetry.tilt - view.tiltDeg,
    );
  const reach = (frame: CaptureFrame): number =>
    degFromRad(
      hfovFromFocal(viewOf(report, frame).focalPx, frame.width) + hfovFromFocal(view.focalPx, frame.width),
    ) / 2;
  return scan.frames
    .filter((frame) => away(frame) < reach(frame))
    .sort((a, b) => away(a) - away(b))
    .slice(0, MAX_FRAMES);
};

/** The picture of a measured check: what the reference expects beside what is seen; null when there is none to draw. */
export const drawCheck = async (
  deps: Pick<Dependencies, 'pictures' | 'solver'>,
  references: LocalReferences,
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
  const { pan, tilt } = frame.telemetry;
  const { focal_px: focalPx, k1, k2 } = record.lens;
  const wanted: PictureView = { panDeg: pan, tiltDeg: tilt, focalPx, k1, k2 };
  const near = framesNear(reference.manifest, report, wanted);
  const frames = await Promise.all(
    near.map(async (near) => ({
      ...viewOf(report, near),
      jpeg: await references.picture(device, reference, near.file),
    })),
  );
  const size = { widthPx: frame.width, heightPx: frame.height };
  const { yaw, pitch, roll } = capture;
  const shiftPx =
    yaw === null || pitch === null || roll === null ? null : shiftOf({ yaw, pitch, roll }, wanted, size);
  return deps.pictures.overlay({
    expected: { frames, wanted },
    queryJpeg: await readSpoolFile(dir, frame.file),
    ...(shiftPx === null ? {} : { shiftPx }),
    title: `${record.deployment_name}/${record.camera_name}  ${record.row.timestamp.slice(0, 16).replace('T', ' ')} UTC`,
    subtitle: `${offsetsInWords(record)}\n${causeInWords(record)}`.trim(),
  });
};
