import type { Panorama } from '../src/sandbox/scenery/panorama.js';
import { writeCapture, type WrittenFrame } from './capture-writer.js';
import { drawCaption, drawOverlay, drawWatermark, mirror } from './foreign.js';
import { Random } from './random.js';
import { changeSeason } from './season.js';
import { renderView, type Camera, type Picture, type Pose } from './view.js';

export const HD: Camera = { widthPx: 1280, heightPx: 720, hfovDeg: 60, k1: -0.05, k2: 0 };
export const FULL_HD: Camera = { widthPx: 1920, heightPx: 1080, hfovDeg: 55, k1: -0.06, k2: 0.01 };

interface Stop {
  readonly pan: number;
  readonly tilt: number;
  readonly zoom: number;
}

/** How a reference is taken: which stops, how exact the encoders are, whether the lens is told. */
export interface ScanPlan {
  readonly name: string;
  readonly camera: Camera;
  readonly stops: readonly Stop[];
  readonly encoderNoiseDeg: number;
  readonly lensGiven: boolean;
  /** Burnt-in clock, logo and dirt on reference and queries. */
  readonly overlay: boolean;
  /** Set for a webcam that never turns: its pictures are taken in seasons, packed hard, and no one knows its lens. */
  readonly webcam?: 'plain' | 'caption' | 'watermark';
}

const ring = (count: number, tilts: readonly number[], zoom = 1): Stop[] =>
  tilts.flatMap((tilt, row) =>
    Array.from({ length: count }, (_, i) => ({ pan: ((i + (row % 2) / 2) * 360) / count - 180, tilt, zoom })),
  );

const STOPS_36 = ring(12, [-24, -4, 16]);
const ZOOMED = [...STOPS_36, ...ring(20, [-22, -8, 6], 2)];
const noisy = { encoderNoiseDeg: 0.02, lensGiven: false };
const exact = { encoderNoiseDeg: 0, lensGiven: true };

/** What is told of a webcam's lens whatever it is. */
const ASSUMED_HFOV_DEG = 60;

/** A webcam of a size; every one looks elsewhere. */
const webcam = (
  widthPx: number,
  heightPx: number,
  pan: number,
  hfovDeg: number,
  kind: NonNullable<ScanPlan['webcam']>,
): ScanPlan => ({
  name: `webcam ${widthPx}x${heightPx}`,
  camera: { widthPx, heightPx, hfovDeg, k1: -0.06, k2: 0 },
  stops: [{ pan, tilt: -4, zoom: 1 }],
  ...exact,
  overlay: kind !== 'plain',
  webcam: kind,
});

export const SCANS = {
  known: { name: 'known', camera: HD, stops: STOPS_36, ...exact, overlay: false },
  self: { name: 'self', camera: HD, stops: STOPS_36, ...noisy, overlay: false },
  'dirty known': { name: 'dirty-known', camera: HD, stops: STOPS_36, ...exact, overlay: true },
  'dirty self': { name: 'dirty-self', camera: HD, stops: STOPS_36, ...noisy, overlay: true },
  zoom: { name: 'zoom', camera: HD, stops: ZOOMED, ...noisy, overlay: false },
  'one stop': {
    name: 'one-stop',
    camera: HD,
    stops: [{ pan: 20, tilt: -6, zoom: 1 }],
    ...exact,
    overlay: false,
  },
  'one stop dirty': {
    name: 'one-dirty',
    camera: HD,
    stops: [{ pan: 20, tilt: -6, zoom: 1 }],
    ...exact,
    overlay: true,
  },
  '1080p': { name: 'full-hd', camera: FULL_HD, stops: ring(15, [-30, -12, 6, 24]), ...noisy, overlay: false },
  'webcam 640x480': webcam(640, 480, 20, 60, 'plain'),
  'webcam 720x485': webcam(720, 485, 75, 52, 'caption'),
  'webcam 800x600': webcam(800, 600, 130, 66, 'caption'),
  'webcam 1024x768': webcam(1024, 768, -175, 60, 'plain'),
  'webcam 1280x720': webcam(1280, 720, -110, 70, 'caption'),
  'webcam 704x576': webcam(704, 576, 100, 60, 'watermark'),
  'webcam 640x360': webcam(640, 360, -50, 57, 'plain'),
} satisfies Record<string, ScanPlan>;
export type ScanName = keyof typeof SCANS;

/** Draws what is burnt in or sticks to the glass, where the plan has any. */
export const overlayOn = (picture: Picture, plan: ScanPlan, moment: number): void => {
  if (!plan.overlay) return;
  const draw = { plain: drawOverlay, caption: drawCaption, watermark: drawWatermark }[plan.webcam ?? 'plain'];
  draw(picture, plan.name, moment);
};

/** A webcam's picture of its place in summer. What stands in front of it is mirrored: of the other place itself it shows nothing. */
const ownSummer = (
  picture: Picture,
  { camera }: ScanPlan,
  other: Panorama,
  pose: Pose,
  random: Random,
): void => {
  const foreign = renderView(other, camera, pose);
  mirror(foreign);
  changeSeason(picture, 'summer', foreign, random);
};

export const lensOf = (
  plan: ScanPlan,
): { zoom_to_hfov_deg: [number, number][]; k1: number; k2: number } | null =>
  plan.lensGiven
    ? plan.webcam
      ? { zoom_to_hfov_deg: [[1, ASSUMED_HFOV_DEG]], k1: 0, k2: 0 }
      : { zoom_to_hfov_deg: [[1, plan.camera.hfovDeg]], k1: plan.camera.k1, k2: plan.camera.k2 }
    : null;

/** Takes the scan of a place into a folder; cars and people in front of a webcam are taken from `other`. */
export const writeScan = async (
  dir: string,
  plan: ScanPlan,
  panorama: () => Panorama,
  jpegQuality = plan.webcam ? 60 : 85,
  other = panorama,
): Promise<void> => {
  const random = new Random(`encoders ${plan.name}`);
  const frames = plan.stops.map((stop, index): WrittenFrame => {
    const pan = stop.pan + plan.encoderNoiseDeg * random.gauss();
    const tilt = stop.tilt + plan.encoderNoiseDeg * random.gauss();
    const draw = () => {
      const pose = { panDeg: pan, tiltDeg: tilt, zoom: stop.zoom, offsetDeg: [0, 0, 0] as const };
      const picture = renderView(panorama(), plan.camera, pose);
      if (plan.webcam) ownSummer(picture, plan, other(), pose, random);
      overlayOn(picture, plan, index);
      return picture;
    };
    return { draw, telemetry: stop };
  });
  await writeCapture(dir, { kind: 'reference', frames, lens: lensOf(plan), jpegQuality });
};
