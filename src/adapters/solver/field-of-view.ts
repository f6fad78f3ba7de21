import { degFromRad, radFromDeg } from '../../geometry/angles.js';
import { fromPanTilt } from '../../geometry/rotation.js';
import type { FieldOfView, Masks } from '../../ports/calibration-solver.js';
import { selectFeatures, type FrameFeatures } from '../../solve/model/frame-features.js';
import { measureView, type ViewFault } from '../../solve/scan/measure-view.js';
import { emptyMask, isMasked, maskRectangles } from '../../solve/model/static-overlay-mask.js';
import { openCaptureFolder, readFrame } from './capture-folder.js';
import type { OpenCvEyes } from './akaze-features.js';

const WHY: Readonly<Record<ViewFault, string>> = {
  no_texture: 'the pictures show too little that can be recognised from one to the next',
  no_agreement: 'the pictures do not shift as the telemetry says that the camera turned',
};

/** Measures the field of view from the pictures of a query folder, all of one zoom; AppError `unusable_input` for a broken one. */
export const measureFieldOfView = async (
  eyes: OpenCvEyes,
  captureDir: string,
  masks: Masks,
): Promise<FieldOfView> => {
  const folder = await openCaptureFolder(captureDir, 'query');
  const { frames } = folder.manifest;
  const features: FrameFeatures[] = [];
  for (const frame of frames) {
    const seen = eyes.extract(await readFrame(folder, frame, eyes));
    const mask = maskRectangles(emptyMask(seen.widthPx, seen.heightPx), masks);
    features.push(selectFeatures(seen, (i) => !isMasked(mask, seen.x[i]!, seen.y[i]!)));
  }
  const claimed = frames.map(({ telemetry }) =>
    fromPanTilt(radFromDeg(telemetry.pan), radFromDeg(telemetry.tilt)),
  );
  const measured = measureView(features, claimed);
  return 'fault' in measured ? { fault: WHY[measured.fault] } : { hfovDeg: degFromRad(measured.hfovRad) };
};
