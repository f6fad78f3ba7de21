import { aboutX, aboutY, aboutZ, product, type Matrix3 } from './matrix.js';

/** Body (x forward, y right, z down) seen from camera axes (x right, y down, z along the optical axis). */
const BODY_FROM_CAMERA: Matrix3 = [0, 0, 1, 1, 0, 0, 0, 1, 0];

export interface MountOffset {
  readonly yawDeg: number;
  readonly pitchDeg: number;
  readonly rollDeg: number;
}

/** earthFromCamera of a camera whose head holds it at `mountFromBody` on a mount turned by R(yaw, pitch, roll); camera axes in. */
export const earthFromCamera = (
  { yawDeg, pitchDeg, rollDeg }: MountOffset,
  mountFromBody: Matrix3,
): Matrix3 => product(aboutZ(yawDeg), aboutY(pitchDeg), aboutX(rollDeg), mountFromBody, BODY_FROM_CAMERA);
