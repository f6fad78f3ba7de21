import type { PtzPosition } from '../../ports/telemetry.js';
import type { CameraModel } from './camera-model.js';
import { halfPanorama, type Panorama } from '../scenery/panorama.js';
import { hashOf } from '../scenery/random.js';
import { earthFromCamera, type MountOffset } from './attitude.js';
import { turnsEndlessly, Head } from './head.js';
import { lensFromFov, type RayGrid, rayGrid } from './lens.js';
import { applyLight, drawStreaks, type Light } from './light.js';
import { addSensorNoise } from './sensor-noise.js';
import { drawOverlay } from './overlay.js';
import {
  choosePointing,
  drawBacklashDeg,
  mountFromBody,
  principalPointAt,
  type HeadChoice,
  type Pointing,
} from './pointing.js';
import { createView, renderView } from './view-renderer.js';

export type { Light } from './light.js';
export type { Pointing } from './pointing.js';

export interface CameraOptions {
  readonly name: string;
  readonly panorama: Panorama;
  readonly seed: number;
  readonly widthPx?: number;
  readonly heightPx?: number;
  /** Horizontal field of view at zoom 1, of the pinhole without its distortion. */
  readonly hfovDeg?: number;
  readonly k1?: number;
  readonly k2?: number;
  readonly zoomRange?: readonly [number, number];
  /** A range of exactly 360 turns endlessly. */
  readonly panRangeDeg?: readonly [number, number];
  readonly tiltRangeDeg?: readonly [number, number];
  /** Axes, encoders' zeros and scales, and the lens's principal point (default `drawn` by the seed: ordinary, not ideal). */
  readonly head?: HeadChoice;
  readonly encoderNoiseDeg?: number;
  readonly encoderStepDeg?: number;
  /** Play of both axes (default up to 0.02, drawn by the seed); an ideal head has it too unless it is 0. */
  readonly backlashDeg?: number;
  readonly maxSpeedDegPerS?: number;
  readonly accelDegPerS2?: number;
  readonly light?: Light;
  /** Burn in the time and a logo (default yes). */
  readonly overlay?: boolean;
  /** Brightness noise, rms in 8-bit levels; 0 for none. */
  readonly sensorNoiseLevels?: number;
  readonly wallClock?: () => Date;
}

/** Where the camera truly is: its axes' angles with play and slip, as encoders count them, and how its mount is turned. */
interface Truth extends PtzPosition {
  readonly mountOffset: MountOffset;
  readonly light: Light;
}

export interface Camera extends CameraModel {
  /** How its head and lens differ from ideal ones; nothing that it sends tells of it. */
  readonly pointing: Pointing;
  setLight(light: Light): void;
  truth(nowMs: number): Truth;
}

const DEFAULTS = {
  widthPx: 1280,
  heightPx: 720,
  hfovDeg: 60,
  k1: -0.05,
  k2: 0,
  zoomRange: [1, 4],
  panRangeDeg: [-180, 180],
  tiltRangeDeg: [-30, 30],
  head: 'drawn',
  encoderNoiseDeg: 0.005,
  encoderStepDeg: 0.01,
  maxSpeedDegPerS: 120,
  accelDegPerS2: 300,
  light: 'day',
  overlay: true,
  sensorNoiseLevels: 1.5,
  wallClock: () => new Date(),
} as const;

type Traits = Required<Omit<CameraOptions, 'head'>> & { readonly pointing: Pointing };

const traitsOf = (options: CameraOptions): Traits => {
  const backlashDeg = drawBacklashDeg(options.seed);
  const { head, ...traits } = { ...DEFAULTS, backlashDeg, ...options };
  return { ...traits, pointing: choosePointing(head, traits.seed, turnsEndlessly(traits.panRangeDeg)) };
};

/** Renders poses; keeps the last picture and the rays of the last zoom, since a camera mostly stands still. */
const createRenderer = (traits: Traits): ((truth: Truth) => Uint8Array) => {
  const { widthPx, heightPx, panorama, seed, sensorNoiseLevels, pointing } = traits;
  const lens = lensFromFov(widthPx, heightPx, traits.hfovDeg, traits.k1, traits.k2);
  const raysAt = (zoom: number): RayGrid =>
    rayGrid(lens, zoom, principalPointAt(pointing, traits.zoomRange, zoom));
  const view = createView(widthPx, heightPx);
  const picture = new Uint8Array(view.rgb.buffer);
  let rays: { zoom: number; grid: RayGrid } | null = null;
  let shown = '';
  return (truth) => {
    const pose = JSON.stringify(truth);
    if (pose === shown) return picture;
    if (rays?.zoom !== truth.zoom) rays = { zoom: truth.zoom, grid: raysAt(truth.zoom) };
    // A picture much coarser than the panorama would flicker: take it from one of half the size.
    const coarse = lens.focalPx * truth.zoom < (0.6 * panorama.widthPx) / (2 * Math.PI);
    const body = mountFromBody(pointing, truth.panDeg, truth.tiltDeg);
    const attitude = earthFromCamera(truth.mountOffset, body);
    renderView(coarse ? halfPanorama(panorama) : panorama, rays.grid, attitude, coarse ? 0.25 : 0, view);
    applyLight(view, truth.light);
    const noise = truth.light === 'infrared_night' ? 2 * sensorNoiseLevels : sensorNoiseLevels;
    if (noise > 0)
      addSensorNoise(view.rgb, noise, hashOf(seed, ...[...pose].map((letter) => letter.charCodeAt(0))));
    shown = pose;
    return picture;
  };
};

/** A camera that exists only here: it turns its head, reads its encoders and takes pictures of a panorama. */
export const createCamera = (options: CameraOptions): Camera => {
  const traits = traitsOf(options);
  const { name, widthPx, heightPx, panRangeDeg, tiltRangeDeg, zoomRange, pointing } = traits;
  const head = new Head(traits);
  const render = createRenderer(traits);
  const frame = Buffer.alloc(widthPx * heightPx * 3);
  let mountOffset: MountOffset = { yawDeg: 0, pitchDeg: 0, rollDeg: 0 };
  let slip = { panDeg: 0, tiltDeg: 0 };
  let light = traits.light;

  const truth = (nowMs: number): Truth => {
    const { panDeg, tiltDeg, zoom } = head.carried(nowMs);
    return { panDeg: panDeg + slip.panDeg, tiltDeg: tiltDeg + slip.tiltDeg, zoom, mountOffset, light };
  };
  const renderRgb = (nowMs: number): Buffer => {
    frame.set(render(truth(nowMs)));
    if (light === 'rain') drawStreaks(frame, widthPx, heightPx, Math.floor(nowMs));
    if (traits.overlay) drawOverlay({ rgb: frame, widthPx, heightPx }, traits.wallClock(), name);
    return frame;
  };
  return {
    ...{ name, widthPx, heightPx, panRangeDeg, tiltRangeDeg, zoomRange, pointing },
    reportedPosition: (nowMs) => head.reported(nowMs),
    isMoving: (nowMs) => head.isMoving(nowMs),
    moveTo: (target, nowMs) => head.moveTo(target, nowMs),
    stop: (nowMs) => head.stop(nowMs),
    renderRgb,
    setMountOffset: (offset) => {
      mountOffset = { ...offset };
    },
    setEncoderSlip: (turned) => {
      slip = { ...turned };
    },
    setLight: (chosen) => {
      light = chosen;
    },
    truth,
  };
};
