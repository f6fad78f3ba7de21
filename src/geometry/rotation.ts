/**
 * Rotations as row-major 3x3 matrices. `aFromB` turns coordinates of frame b into frame a.
 * Frames: mount x forward at pan 0, y right, z down; body x forward, y right, z down.
 */
export type Mat3 = Float64Array;
export type Vec3 = readonly [number, number, number];

// Taken out of the global once: a look-up in a test's own global is slow.
const { sqrt } = Math;

export const identity = (): Mat3 => Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);

export const multiply = (a: Mat3, b: Mat3): Mat3 => {
  const out = new Float64Array(9);
  for (let row = 0; row < 3; row++) {
    for (let col = 0; col < 3; col++) {
      out[row * 3 + col] =
        a[row * 3]! * b[col]! + a[row * 3 + 1]! * b[3 + col]! + a[row * 3 + 2]! * b[6 + col]!;
    }
  }
  return out;
};

export const transpose = (a: Mat3): Mat3 =>
  Float64Array.of(a[0]!, a[3]!, a[6]!, a[1]!, a[4]!, a[7]!, a[2]!, a[5]!, a[8]!);

export const rotate = (a: Mat3, v: Vec3): Vec3 => [
  a[0]! * v[0] + a[1]! * v[1] + a[2]! * v[2],
  a[3]! * v[0] + a[4]! * v[1] + a[5]! * v[2],
  a[6]! * v[0] + a[7]! * v[1] + a[8]! * v[2],
];

export const cross = (a: Vec3, b: Vec3): Vec3 => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];

export const dot = (a: Vec3, b: Vec3): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

export const norm = (v: Vec3): number => sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);

/** The vector at length 1; a null vector stays null. */
export const normalize = (v: Vec3): Vec3 => {
  const length = norm(v);
  return length === 0 ? v : [v[0] / length, v[1] / length, v[2] / length];
};

/** R = Rz(yaw)·Ry(pitch)·Rx(roll), intrinsic z-y'-x''; radians; yaw right, pitch up, roll right side down. */
export const fromEuler = (yawRad: number, pitchRad: number, rollRad: number): Mat3 => {
  const [cy, sy] = [Math.cos(yawRad), Math.sin(yawRad)];
  const [cp, sp] = [Math.cos(pitchRad), Math.sin(pitchRad)];
  const [cr, sr] = [Math.cos(rollRad), Math.sin(rollRad)];
  return Float64Array.of(
    cy * cp,
    cy * sp * sr - sy * cr,
    cy * sp * cr + sy * sr,
    sy * cp,
    sy * sp * sr + cy * cr,
    sy * sp * cr - cy * sr,
    -sp,
    cp * sr,
    cp * cr,
  );
};

interface EulerRad {
  readonly yawRad: number;
  readonly pitchRad: number;
  readonly rollRad: number;
}

/** Inverse of {@link fromEuler}; at pitch ±90° yaw and roll are not separable and roll carries a share of yaw. */
export const toEuler = (a: Mat3): EulerRad => ({
  yawRad: Math.atan2(a[3]!, a[0]!),
  pitchRad: Math.asin(Math.min(1, Math.max(-1, -a[6]!))),
  rollRad: Math.atan2(a[7]!, a[8]!),
});

/** What telemetry claims: mountFromBody = Rz(pan)·Ry(tilt). */
export const fromPanTilt = (panRad: number, tiltRad: number): Mat3 => fromEuler(panRad, tiltRad, 0);

/** Rodrigues: the rotation by |w| radians about w. */
export const exponential = (w: Vec3): Mat3 => {
  const angle = norm(w);
  const a = angle < 1e-8 ? 1 - (angle * angle) / 6 : Math.sin(angle) / angle;
  const b = angle < 1e-8 ? 0.5 : (1 - Math.cos(angle)) / (angle * angle);
  const [x, y, z] = w;
  return Float64Array.of(
    1 - b * (y * y + z * z),
    b * x * y - a * z,
    b * x * z + a * y,
    b * x * y + a * z,
    1 - b * (x * x + z * z),
    b * y * z - a * x,
    b * x * z - a * y,
    b * y * z + a * x,
    1 - b * (x * x + y * y),
  );
};

/** The rotation vector of {@link exponential}; near 180° the axis is taken from the diagonal. */
export const logarithm = (a: Mat3): Vec3 => {
  const v: Vec3 = [a[7]! - a[5]!, a[2]! - a[6]!, a[3]! - a[1]!];
  const sine = norm(v) / 2;
  const cosine = (a[0]! + a[4]! + a[8]! - 1) / 2;
  const angle = Math.atan2(sine, cosine);
  if (sine > 1e-9)
    return [(v[0] / (2 * sine)) * angle, (v[1] / (2 * sine)) * angle, (v[2] / (2 * sine)) * angle];
  if (cosine > 0) return [v[0] / 2, v[1] / 2, v[2] / 2];
  const axis: Vec3 = [0, 4, 8].map((i) => Math.sqrt(Math.max(0, (a[i]! + 1) / 2))) as [
    number,
    number,
    number,
  ];
  const signed: Vec3 = [axis[0], a[1]! < 0 ? -axis[1] : axis[1], a[2]! < 0 ? -axis[2] : axis[2]];
  return [signed[0] * angle, signed[1] * angle, signed[2] * angle];
};

/** The angle between two rotations, radians. */
export const angleBetween = (a: Mat3, b: Mat3): number => norm(logarithm(multiply(transpose(a), b)));

/** The orthonormal triad of two directions: columns u, n, u×n with n along u×v. */
const triad = (u: Vec3, v: Vec3): Mat3 | null => {
  const n = cross(u, v);
  if (norm(n) < 1e-4) return null;
  const e1 = normalize(u);
  const e2 = normalize(n);
  const e3 = cross(e1, e2);
  return Float64Array.of(e1[0], e2[0], e3[0], e1[1], e2[1], e3[1], e1[2], e2[2], e3[2]);
};

/**
 * The rotation R with R·c1 ≈ l1 and R·c2 ≈ l2 (unit vectors); null when the two directions nearly coincide.
 * Symmetric in both pairs: the triads are built on the bisector.
 */
export const fromTwoBearings = (c1: Vec3, c2: Vec3, l1: Vec3, l2: Vec3): Mat3 | null => {
  const middle = (a: Vec3, b: Vec3): Vec3 => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
  const from = triad(middle(c1, c2), c1);
  const to = triad(middle(l1, l2), l1);
  return from === null || to === null ? null : multiply(to, transpose(from));
};
