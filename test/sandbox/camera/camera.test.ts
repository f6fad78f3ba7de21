import { describe, expect, it } from '@jest/globals';
import type { Panorama } from '../../../src/sandbox/scenery/panorama.js';
import { drawScenery } from '../../../src/sandbox/scenery/draw-scenery.js';
import { createCamera, type Pointing, type CameraOptions } from '../../../src/sandbox/camera/camera.js';
import { IDEAL_POINTING } from '../../../src/sandbox/camera/pointing.js';

const RAD = Math.PI / 180;
const PANO_WIDTH_PX = 4096;

interface Direction {
  readonly panDeg: number;
  readonly tiltDeg: number;
}
interface Pose extends Direction {
  readonly zoom: number;
  readonly yawDeg: number;
  readonly pitchDeg: number;
  readonly rollDeg: number;
}

/** Black, with one soft red dot of a few pixels exactly at `at`. */
const dotPanorama = (at: Direction): Panorama => {
  const [widthPx, heightPx] = [PANO_WIDTH_PX, PANO_WIDTH_PX / 2];
  const rgb = new Uint8Array(widthPx * heightPx * 3);
  const column = ((at.panDeg + 180) / 360) * widthPx;
  const row = ((90 - at.tiltDeg) / 180) * heightPx;
  for (let y = Math.floor(row) - 9; y <= row + 9; y++) {
    for (let x = Math.floor(column) - 9; x <= column + 9; x++) {
      const wide = (x - column) * Math.cos(at.tiltDeg * RAD);
      const level = 250 * Math.exp(-(wide * wide + (y - row) ** 2) / (2 * 2.2 * 2.2));
      rgb[(y * widthPx + ((x + widthPx) % widthPx)) * 3] = Math.round(level);
    }
  }
  return { widthPx, heightPx, rgb };
};

/** Turns (x forward, y right, z down) back by the angle about one axis, written out so as to share nothing with the camera. */
const undoYaw = ([x, y, z]: number[], deg: number): number[] => {
  const [c, s] = [Math.cos(deg * RAD), Math.sin(deg * RAD)];
  return [c * x! + s * y!, -s * x! + c * y!, z!];
};
const undoPitch = ([x, y, z]: number[], deg: number): number[] => {
  const [c, s] = [Math.cos(deg * RAD), Math.sin(deg * RAD)];
  return [c * x! - s * z!, y!, s * x! + c * z!];
};
const undoRoll = ([x, y, z]: number[], deg: number): number[] => {
  const [c, s] = [Math.cos(deg * RAD), Math.sin(deg * RAD)];
  return [x!, c * y! + s * z!, -s * y! + c * z!];
};

interface Optics {
  readonly k1: number;
  readonly k2: number;
  readonly head: Pointing;
}
const STRAIGHT: Optics = { k1: -0.05, k2: 0, head: IDEAL_POINTING };

/**
 * Where the dot must appear, from ALGORITHM and HEAD: earthFromBody = Rz(yaw)·Ry(pitch)·Rx(roll)·Rz(P)·Rx(tilt axis)·Ry(T)·
 * Rz(collimation)·Rx(roll of the sensor). Zooms from 1 to 4.
 */
const expectedPixel = (dot: Direction, pose: Pose, { k1, k2, head }: Optics): [number, number] => {
  let ray = [
    Math.cos(dot.tiltDeg * RAD) * Math.cos(dot.panDeg * RAD),
    Math.cos(dot.tiltDeg * RAD) * Math.sin(dot.panDeg * RAD),
    -Math.sin(dot.tiltDeg * RAD),
  ];
  const { panDeg, tiltDeg } = pose;
  const swayDeg =
    head.eccentricitySinDeg * Math.sin(panDeg * RAD) + head.eccentricityCosDeg * Math.cos(panDeg * RAD);
  ray = undoRoll(undoPitch(undoYaw(ray, pose.yawDeg), pose.pitchDeg), pose.rollDeg);
  ray = undoRoll(undoYaw(ray, panDeg * (1 + head.panGain) + swayDeg), head.tiltAxisDeg);
  ray = undoPitch(ray, tiltDeg * (1 + head.tiltGain) + head.tiltZeroDeg);
  ray = undoRoll(undoYaw(ray, head.collimationDeg), head.rollDeg);
  const [x, y] = [ray[1]! / ray[0]!, ray[2]! / ray[0]!];
  const r2 = x * x + y * y;
  const bend = 1 + k1 * r2 + k2 * r2 * r2;
  const focal = (640 / Math.tan(30 * RAD)) * pose.zoom;
  const way = Math.log2(pose.zoom) / 2;
  const right = (head.principal.xShare + way * head.wander.xShare) * 1280;
  const down = (head.principal.yShare + way * head.wander.yShare) * 1280;
  return [639.5 + right + x * bend * focal, 359.5 + down + y * bend * focal];
};

/** Centre of gravity of the red. */
const seenPixel = (rgb: Buffer, widthPx: number): [number, number] => {
  let [sum, sumX, sumY] = [0, 0, 0];
  for (let at = 0; at < rgb.length; at += 3) {
    const level = rgb[at]!;
    if (level < 3) continue;
    const pixel = at / 3;
    sum += level;
    sumX += level * (pixel % widthPx);
    sumY += level * Math.floor(pixel / widthPx);
  }
  return [sumX / sum, sumY / sum];
};

const settledAt = (target: { panDeg: number; tiltDeg: number; zoom: number }, options: CameraOptions) => {
  const camera = createCamera(options);
  camera.moveTo(target, 0);
  return camera;
};

const none = { yawDeg: 0, pitchDeg: 0, rollDeg: 0 };
const CASES: readonly { pose: Pose; dot: Direction; k1?: number; k2?: number }[] = [
  { pose: { panDeg: 0, tiltDeg: 0, zoom: 1, ...none }, dot: { panDeg: 0, tiltDeg: 0 } },
  { pose: { panDeg: 10, tiltDeg: -12, zoom: 1, ...none }, dot: { panDeg: 32, tiltDeg: -20 } },
  {
    pose: { panDeg: 10, tiltDeg: 8, zoom: 1, ...none },
    dot: { panDeg: -14, tiltDeg: 20 },
    k1: -0.2,
    k2: 0.05,
  },
  { pose: { panDeg: 179, tiltDeg: 3, zoom: 1, ...none }, dot: { panDeg: -170, tiltDeg: 10 } },
  { pose: { panDeg: -60, tiltDeg: -25, zoom: 3, ...none }, dot: { panDeg: -54, tiltDeg: -28 } },
  {
    pose: { panDeg: 40, tiltDeg: -5, zoom: 1, yawDeg: 2, pitchDeg: 0, rollDeg: 0 },
    dot: { panDeg: 50, tiltDeg: 2 },
  },
  {
    pose: { panDeg: 0, tiltDeg: 0, zoom: 2, yawDeg: 0, pitchDeg: 3, rollDeg: 0 },
    dot: { panDeg: 8, tiltDeg: 6 },
  },
  {
    pose: { panDeg: 90, tiltDeg: 0, zoom: 1, yawDeg: 0, pitchDeg: 0, rollDeg: 5 },
    dot: { panDeg: 110, tiltDeg: 0 },
  },
  {
    pose: { panDeg: -120, tiltDeg: -10, zoom: 1.7, yawDeg: -3, pitchDeg: 2, rollDeg: -4 },
    dot: { panDeg: -128, tiltDeg: -13 },
  },
];

/** Everything that is wrong with a head, each wrong in its own way. */
const CROOKED: Pointing = {
  tiltAxisDeg: 0.6,
  tiltZeroDeg: -0.5,
  collimationDeg: 0.4,
  rollDeg: -0.7,
  panGain: 0.003,
  tiltGain: -0.002,
  eccentricitySinDeg: 0.05,
  eccentricityCosDeg: -0.06,
  principal: { xShare: 0.012, yShare: -0.008 },
  wander: { xShare: -0.007, yShare: 0.011 },
};
/** No overlay and no noise that could be taken for the dot, and no play. */
const BARE = { name: 'c', seed: 1, overlay: false, sensorNoiseLevels: 0, backlashDeg: 0 };

describe('what a virtual camera sees', () => {
  const expectDot = (
    { pose, dot, k1 = -0.05, k2 = 0 }: (typeof CASES)[number],
    options: Partial<CameraOptions>,
  ): void => {
    const camera = settledAt(pose, { ...BARE, panorama: dotPanorama(dot), k1, k2, ...options });
    camera.setMountOffset(pose);
    const [u, v] = seenPixel(camera.renderRgb(60_000), 1280);
    const [expectedU, expectedV] = expectedPixel(dot, pose, { k1, k2, head: camera.pointing });
    expect(Math.hypot(u - expectedU, v - expectedV)).toBeLessThan(0.12 * pose.zoom);
  };

  it.each(CASES)('puts a landmark where the model says, case %#: ideal head', (example) => {
    expectDot(example, { head: 'ideal' });
  });
  it.each(CASES)('puts a landmark where the model says, case %#: head of its own', (example) => {
    expectDot(example, {});
  });
  it.each(CASES)('puts a landmark where the model says, case %#: crooked head', (example) => {
    expectDot(example, { head: CROOKED, panRangeDeg: [-179.5, 179.5] });
  });

  it('keeps its ray grids apart by zoom, where the principal point wanders', () => {
    const [dot, pose] = [
      { panDeg: 2, tiltDeg: 3 },
      { panDeg: 0, tiltDeg: 0, ...none },
    ];
    const camera = settledAt({ ...pose, zoom: 4 }, { ...BARE, panorama: dotPanorama(dot) });
    camera.renderRgb(60_000);
    camera.moveTo({ ...pose, zoom: 1 }, 60_000);
    const [u, v] = seenPixel(camera.renderRgb(120_000), 1280);
    const [expectedU, expectedV] = expectedPixel(
      dot,
      { ...pose, zoom: 1 },
      { ...STRAIGHT, head: camera.pointing },
    );
    expect(Math.hypot(u - expectedU, v - expectedV)).toBeLessThan(0.12);
  });

  it('keeps the place when the picture is taken from the smaller panorama', () => {
    const dot = { panDeg: 12, tiltDeg: 4 };
    const options: CameraOptions = { ...BARE, panorama: dotPanorama(dot), head: 'ideal' };
    const camera = settledAt({ panDeg: 5, tiltDeg: 1, zoom: 1 }, { ...options, widthPx: 320, heightPx: 180 });
    const [u, v] = seenPixel(camera.renderRgb(60_000), 320);
    const [fullU, fullV] = expectedPixel(dot, { panDeg: 5, tiltDeg: 1, zoom: 1, ...none }, STRAIGHT);
    expect(u).toBeCloseTo((fullU + 0.5) / 4 - 0.5, 1);
    expect(v).toBeCloseTo((fullV + 0.5) / 4 - 0.5, 1);
  });

  it('lags by the play of its gears, which the encoders do not tell', () => {
    const camera = settledAt(
      { panDeg: 20, tiltDeg: -4, zoom: 1 },
      { ...BARE, panorama: dotPanorama({ panDeg: 0, tiltDeg: 0 }), backlashDeg: 0.5, encoderNoiseDeg: 0 },
    );
    expect(camera.reportedPosition(60_000)).toEqual({ panDeg: 20, tiltDeg: -4, zoom: 1 });
    expect(camera.truth(60_000)).toMatchObject({ panDeg: 19.75, tiltDeg: -3.75 });
  });

  it('turns the true view by a slip that the encoders do not tell', () => {
    const camera = settledAt(
      { panDeg: 20, tiltDeg: -4, zoom: 1 },
      { ...BARE, panorama: dotPanorama({ panDeg: 0, tiltDeg: 0 }) },
    );
    camera.setEncoderSlip({ panDeg: 1.5, tiltDeg: -0.5 });
    expect(camera.reportedPosition(60_000).panDeg).toBeCloseTo(20, 1);
    expect(camera.truth(60_000)).toMatchObject({ panDeg: 21.5, tiltDeg: -4.5 });
  });
});

describe('pictures of a virtual camera', () => {
  const panorama = drawScenery({ seed: 3, widthPx: 1024 });
  const wallClock = (): Date => new Date('2026-11-24T12:00:01Z');
  const options = { name: 'north-mast', panorama, seed: 5, widthPx: 320, heightPx: 180, wallClock };

  it('are the same for the same seed, pose and time', () => {
    // Without play: one of them comes back to its place, the other never left it.
    const exact = { ...options, backlashDeg: 0 };
    const [one, two] = [createCamera(exact), createCamera(exact)];
    expect(one.renderRgb(0).equals(two.renderRgb(0))).toBe(true);
    one.moveTo({ panDeg: 50, tiltDeg: -5, zoom: 2 }, 0);
    expect(one.renderRgb(9000).equals(two.renderRgb(9000))).toBe(false);
    one.moveTo({ panDeg: 0, tiltDeg: 0, zoom: 1 }, 9000);
    expect(one.renderRgb(20_000).equals(two.renderRgb(20_000))).toBe(true);
  });

  it('change only in the clock while the camera stands still', () => {
    let time = wallClock();
    const camera = createCamera({ ...options, wallClock: () => time });
    const before = Buffer.from(camera.renderRgb(0));
    time = new Date('2026-11-24T12:00:02Z');
    const after = camera.renderRgb(1000);
    const changed = [...before.keys()]
      .filter((at) => before[at] !== after[at])
      .map((at) => Math.floor(at / 3 / 320));
    expect(changed.length).toBeGreaterThan(3);
    expect(Math.max(...changed)).toBeLessThan(30);
  });

  it.each(['dusk', 'infrared_night', 'fog', 'rain'] as const)('look different in %s', (light) => {
    const camera = createCamera({ ...options, overlay: false });
    const day = Buffer.from(camera.renderRgb(0));
    camera.setLight(light);
    const other = camera.renderRgb(0);
    const difference = day.reduce((sum, level, at) => sum + Math.abs(level - other[at]!), 0) / day.length;
    expect(difference).toBeGreaterThan(8);
    camera.setLight('day');
    expect(camera.renderRgb(0).equals(day)).toBe(true);
  });
});
