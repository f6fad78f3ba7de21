import type { Panorama } from '../src/sandbox/scenery/panorama.js';
import { writeCapture, type WrittenCapture, type WrittenFrame } from './capture-writer.js';
import { drawCaption, drawOverlay, drawWatermark, mirror } from './foreign.js';
import { EXACT, IDEAL, ordinaryBuild, sendAxis, type Build, type Encoders } from './heads.js';
import { Random } from './random.js';
import { changeSeason } from './season.js';
import { renderView, type Camera, type Picture, type Pose } from './view.js';

export const HD: Camera = { widthPx: 1280, heightPx: 720, hfovDeg: 60, k1: -0.05, k2: 0 };
export const FULL_HD: Camera = { widthPx: 1920, heightPx: 1080, hfovDeg: 55, k1: -0.06, k2: 0.01 };

export interface Stop {
  readonly pan: number;
  readonly tilt: number;
  readonly zoom: number;
}

/** How a reference is taken: which stops, by what a camera, how exact its encoders are, whether the lens is told. */
export interface ScanPlan {
  readonly name: string;
  readonly camera: Camera;
  /** In the order of their visits. */
  readonly stops: readonly Stop[];
  /** What is otherwise with the camera than with the ordinary one drawn for it, each place one of its own. */
  readonly altered?: (ordinary: Build) => Build;
  /** How the mast leans as the scan is taken, and ever after: yaw, pitch, roll; upright when omitted. */
  readonly leanDeg?: Pose['leanDeg'];
  readonly encoders: Encoders;
  /** The head reports a turn from here on; −180 when omitted. */
  readonly lowestPanDeg?: number;
  readonly lensGiven: boolean;
  /** Burnt-in clock, logo and dirt on reference and queries. */
  readonly overlay: boolean;
  /** Set for a webcam that never turns: its pictures are taken in seasons, packed hard, and no one knows its lens. */
  readonly webcam?: 'plain' | 'caption' | 'watermark';
}

/** Rows of stops, to and fro. */
export const toAndFro = (pans: readonly number[], tilts: readonly number[], zoom = 1): Stop[] =>
  tilts.flatMap((tilt, row) =>
    (row % 2 === 0 ? pans : [...pans].reverse()).map((pan) => ({ pan, tilt, zoom })),
  );

/** Rows all around, every other one shifted by half a step. */
const ring = (count: number, tilts: readonly number[], zoom = 1): Stop[] =>
  tilts.flatMap((tilt, row) => {
    const pans = Array.from({ length: count }, (_, i) => ((i + (row % 2) / 2) * 360) / count - 180);
    return toAndFro(row % 2 === 0 ? pans : pans.reverse(), [tilt], zoom);
  });

export const STOPS_36 = ring(12, [-24, -4, 16]);
const ZOOMED = [...STOPS_36, ...ring(20, [-22, -8, 6], 2)];
const noisy = { encoders: { ...EXACT, noiseDeg: 0.02 }, lensGiven: false };
const exact = { encoders: EXACT, lensGiven: true };

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
  'ideal known': {
    ...{ name: 'ideal known', camera: HD, stops: STOPS_36, ...exact, overlay: false },
    altered: () => IDEAL,
  },
  'ideal self': {
    name: 'ideal self',
    camera: HD,
    stops: STOPS_36,
    ...noisy,
    overlay: false,
    altered: () => IDEAL,
  },
  'dirty known': { name: 'dirty known', camera: HD, stops: STOPS_36, ...exact, overlay: true },
  'dirty self': { name: 'dirty self', camera: HD, stops: STOPS_36, ...noisy, overlay: true },
  zoom: { name: 'zoom', camera: HD, stops: ZOOMED, ...noisy, overlay: false },
  'one stop': {
    name: 'one stop',
    camera: HD,
    stops: [{ pan: 20, tilt: -6, zoom: 1 }],
    ...exact,
    overlay: false,
  },
  'one stop dirty': {
    name: 'one stop dirty',
    camera: HD,
    stops: [{ pan: 20, tilt: -6, zoom: 1 }],
    ...exact,
    overlay: true,
  },
  '1080p': { name: '1080p', camera: FULL_HD, stops: ring(15, [-30, -12, 6, 24]), ...noisy, overlay: false },
  'webcam 640x480': webcam(640, 480, 20, 60, 'plain'),
  'webcam 720x485': webcam(720, 485, 75, 52, 'caption'),
  'webcam 800x600': webcam(800, 600, 130, 66, 'caption'),
  'webcam 1024x768': webcam(1024, 768, -175, 60, 'plain'),
  'webcam 1280x720': webcam(1280, 720, -110, 70, 'caption'),
  'webcam 704x576': webcam(704, 576, 100, 60, 'watermark'),
  'webcam 640x360': webcam(640, 360, -50, 57, 'plain'),
} satisfies Record<string, ScanPlan>;

/** The camera that takes a scan of a place, and its queries. */
export const buildOf = ({ altered, name }: ScanPlan, place: string): Build => {
  const ordinary = ordinaryBuild(`${place} ${name}`);
  return altered?.(ordinary) ?? ordinary;
};

/** Draws what is burnt in or sticks to the glass, where the plan has any. */
export const overlayOn = (picture: Picture, plan: ScanPlan, moment: number): void => {
  if (!plan.overlay) return;
  const draw = { plain: drawOverlay, caption: drawCaption, watermark: drawWatermark }[plan.webcam ?? 'plain'];
  draw(picture, plan.name, moment);
};

/** A webcam's picture of its place in summer. What stands in front of it is mirrored: of the other place itself it shows nothing. */
const ownSummer = (picture: Picture, foreign: Picture, random: Random): void => {
  mirror(foreign);
  changeSeason(picture, 'summer', foreign, random);
};

/** The true angle that the picture is wide. */
export const hfovAt = ({ hfovDeg }: Camera, zoom: number): number =>
  (2 * Math.atan(Math.tan((hfovDeg * Math.PI) / 360) / zoom) * 180) / Math.PI;

/** What is told of the lens: as it is, a guess for a webcam, or nothing. */
export const lensOf = ({ lensGiven, webcam, camera, stops }: ScanPlan): WrittenCapture['lens'] => {
  if (!lensGiven) return null;
  if (webcam) return { zoom_to_hfov_deg: [[1, ASSUMED_HFOV_DEG]], k1: 0, k2: 0 };
  const zooms = [...new Set(stops.map(({ zoom }) => zoom))];
  const { k1, k2 } = camera;
  return { zoom_to_hfov_deg: zooms.map((zoom) => [zoom, hfovAt(camera, zoom)]), k1, k2 };
};

/** Where a scan is taken, opened when it is drawn; cars and people in front of a webcam are taken from the other place. */
export interface ScannedPlace {
  readonly name: string;
  readonly panorama: () => Panorama;
  readonly other: () => Panorama;
}

/** From which side a stop of a scan is come to: the head moved last in that direction. */
const approachOf = (stops: readonly Stop[], index: number, axis: 'pan' | 'tilt'): 1 | -1 => {
  const to = stops[index]![axis];
  const from = stops.slice(0, index).findLast((stop) => stop[axis] !== to);
  return from === undefined || from[axis] < to ? 1 : -1;
};

/** Takes the scan of a place into a folder. */
export const writeScan = async (
  dir: string,
  plan: ScanPlan,
  place: ScannedPlace,
  jpegQuality = plan.webcam ? 60 : 85,
): Promise<void> => {
  const random = new Random(`encoders ${place.name} ${plan.name}`);
  const build = buildOf(plan, place.name);
  const frames = plan.stops.map((stop, index): WrittenFrame => {
    const pan = sendAxis(plan.encoders, stop.pan, approachOf(plan.stops, index, 'pan'), random);
    const tilt = sendAxis(plan.encoders, stop.tilt, approachOf(plan.stops, index, 'tilt'), random);
    const draw = () => {
      const pose: Pose = {
        panDeg: pan.axisDeg,
        tiltDeg: tilt.axisDeg,
        zoom: stop.zoom,
        offsetDeg: [0, 0, 0],
        leanDeg: plan.leanDeg,
      };
      const picture = renderView(place.panorama(), plan.camera, build, pose);
      if (plan.webcam) ownSummer(picture, renderView(place.other(), plan.camera, build, pose), random);
      overlayOn(picture, plan, index);
      return picture;
    };
    return { draw, telemetry: { pan: pan.toldDeg, tilt: tilt.toldDeg, zoom: stop.zoom } };
  });
  await writeCapture(dir, { kind: 'reference', frames, lens: lensOf(plan), jpegQuality });
};
