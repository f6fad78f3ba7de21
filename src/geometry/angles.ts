const DEG_PER_RAD = 180 / Math.PI;

export const radFromDeg = (angleDeg: number): number => angleDeg / DEG_PER_RAD;
export const degFromRad = (angleRad: number): number => angleRad * DEG_PER_RAD;

/** The same direction in [-180, 180). */
export const wrapDeg = (angleDeg: number): number => {
  const turned = (angleDeg + 180) % 360;
  return (turned < 0 ? turned + 360 : turned) - 180;
};
