import { describe, expect, it } from '@jest/globals';
import { degFromRad } from '../../../src/geometry/angles.js';
import { angleBetween, type Mat3 } from '../../../src/geometry/rotation.js';
import type { SolveAnswer } from '../../../src/solve/model/answer.js';
import type { FrameLight } from '../../../src/solve/model/frame-features.js';
import { gatherLayer } from '../../../src/solve/layers/assemble-layer.js';
import { isSameTie, rotationOf, type LayerFrame } from '../../../src/solve/layers/layer.js';
import { emptyMask } from '../../../src/solve/model/static-overlay-mask.js';
import {
  fittingLayers,
  solveWithLayers,
  type OpenLayer,
} from '../../../src/solve/layers/solve-with-layers.js';
import { SphericalIndex } from '../../../src/solve/model/spherical-index.js';
import { tieLayer, type BuiltLayer } from '../../../src/solve/layers/register-layer.js';
import {
  asFound, captureOf, lookOf, nightWorld, ordinaryCamera, otherWorld, scanOf, seeFeatures, settingOf, solve, turnedLook, turnOf,
  type Look, type Setting, type World,
} from '../../support/synthetic-scan.js'; // prettier-ignore

const STOPS = [-30, 0, 30, 60].map((panDeg) => ({ panDeg, tiltDeg: -4 }));
const primary = settingOf(scanOf(STOPS));
const DAY: FrameLight = { meanLevel: 120, contrast: 50, sharpness: 1 };
const NIGHT: FrameLight = { meanLevel: 35, contrast: 20, sharpness: 1 };
/** Nothing looks as by day, and a few things do. */
const BLACK = nightWorld(0);
const LAMPS = nightWorld(0.15);
const STANCE = turnOf(0.1, -0.05, 0.08);

const frameOf = (look: Look, seed: number, world?: World, light = DAY): LayerFrame => ({
  stop: { file: `images/${look.panDeg}.jpg`, panDeg: look.panDeg, tiltDeg: look.tiltDeg, zoom: 1 },
  features: { ...seeFeatures(look, seed, world), light },
});

const ring = (turnAt: (stop: number) => Mat3): Look[] =>
  STOPS.map(({ panDeg, tiltDeg }, stop) => turnedLook(panDeg, tiltDeg, turnAt(stop)));

interface Scanned {
  readonly world: World;
  readonly turnAt?: (stop: number) => Mat3;
  readonly checkTurn?: Mat3 | null;
}

const layerOf = ({ world, turnAt = () => STANCE, checkTurn = STANCE }: Scanned) =>
  tieLayer(primary, {
    name: 'night',
    frames: ring(turnAt).map((look, i) => frameOf(look, 300 + i, world, NIGHT)),
    mask: { ...emptyMask(640, 360), learned: true },
    check: checkTurn && [{ ...frameOf(turnedLook(12, -3, checkTurn), 77), stop: checkStop }],
  });
const checkStop = { file: 'images/check.jpg', panDeg: 12, tiltDeg: -3, zoom: 1 };

const opened = ({ layer, report }: BuiltLayer): OpenLayer => {
  if (layer === null) throw new Error(report.faults.join(' '));
  const { reference } = layer;
  return { layer, reference, index: new SphericalIndex(reference.landmarks.bearings) };
};

const queryOf = (looks: readonly Look[], world?: World, light = NIGHT) => ({
  ...{ name: 'q', zoomCovered: true, thresholdDeg: 0.5 },
  captures: looks.map((look, i) =>
    asFound(primary.reference, captureOf(look, { ...seeFeatures(look, 900 + i, world), light })),
  ),
});

type Answer = Omit<SolveAnswer, 'solve_ms'>;
const ask = (query: ReturnType<typeof queryOf>, layers: readonly OpenLayer[]): Promise<Answer> =>
  solveWithLayers(primary, query, async () => ({ layers, faults: [] }));

const turnIn = (answer: Answer): Mat3 =>
  rotationOf({ yaw: answer.yaw_offset!, pitch: answer.pitch_offset!, roll: answer.roll_offset! });
const apartDeg = (a: Mat3, b: Mat3): number => degFromRad(angleBetween(a, b));
const sigmaDeg = ({ sigma }: Pick<Answer, 'sigma'>): number => Math.hypot(...Object.values(sigma!));

const KNOCK = turnOf(0.7, -0.4, 0.5);
const nightLook = turnedLook(40, -5, KNOCK);

describe('a night that shares nothing with the day', () => {
  const byCheck = layerOf({ world: BLACK });

  it('is refused by the primary scan', async () => {
    const answer = await ask(queryOf([nightLook], BLACK), []);
    expect(answer).toMatchObject({ success: false, layer: null });
  });

  it('is answered by a layer that a check ties, within its standard error', async () => {
    expect(byCheck.report).toMatchObject({ usable: true, tie: { by: 'check' } });
    const answer = await ask(queryOf([nightLook], BLACK), [opened(byCheck)]);
    expect(answer).toMatchObject({ success: true, layer: 'night', verdict: 'drifted' });
    expect(apartDeg(turnIn(answer), KNOCK)).toBeLessThan(3 * sigmaDeg(answer));
    // The tie's own error is part of it.
    expect(answer.sigma!.yaw).toBeGreaterThan(byCheck.report.tie!.sigma.yaw);
  });

  it('leaves the answers of the primary to the primary', async () => {
    const open = opened(byCheck);
    const query = queryOf([turnedLook(40, -5, KNOCK)], undefined, DAY);
    const answer = await solveWithLayers(primary, query, () => {
      throw new Error('no layer is needed');
    });
    expect(answer.layer).toBe('primary');
    expect(await ask(query, [open])).toEqual(answer);
  });

  it.each<{ what: string; scanned: Scanned; fault: RegExp }>([
    { what: 'without a check', scanned: { world: BLACK, checkTurn: null }, fault: /Nothing ties it .* dusk/ },
    {
      what: 'when the mount moved between check and scan',
      scanned: { world: BLACK, checkTurn: turnOf(0.5, -0.05, 0.08) },
      fault: /lies elsewhere .* the mount moved/,
    },
    {
      what: 'when the mount leaned between check and scan',
      scanned: { world: BLACK, checkTurn: turnOf(0.1, 0.9, 0.08) },
      fault: /lies elsewhere .* the mount moved/,
    },
    {
      what: 'when the mount moved during the scan',
      scanned: { world: BLACK, turnAt: (stop) => (stop < 2 ? STANCE : turnOf(0.4, -0.05, 0.08)) },
      fault: /the mount moved/,
    },
    {
      what: 'of the pictures of another camera',
      scanned: { world: otherWorld() },
      fault: /Nothing in its pictures confirms/,
    },
  ])('is refused as a layer $what', ({ scanned, fault }) => {
    const { layer, report } = layerOf(scanned);
    expect(layer).toBeNull();
    expect(report.usable).toBe(false);
    expect(report.faults[0]).toMatch(fault);
  });
});

const byFrames = layerOf({ world: LAMPS, checkTurn: null });

describe('a layer some of whose frames match', () => {
  it('is tied by them, as exactly as it says', () => {
    expect(byFrames.report).toMatchObject({ usable: true, tie: { by: 'frames' } });
    const tie = byFrames.report.tie!;
    expect(tie.evidence.length).toBeGreaterThan(2);
    expect(apartDeg(rotationOf(tie), STANCE)).toBeLessThan(3 * sigmaDeg(tie));
  });

  it('is refused when they tell of a mount that moved', () => {
    const turnAt = (stop: number): Mat3 => (stop < 2 ? STANCE : turnOf(0.1, 0.4, 0.08));
    const { layer, report } = layerOf({ world: LAMPS, turnAt, checkTurn: null });
    expect(layer).toBeNull();
    expect(report.faults[0]).toMatch(/the mount moved|do not tie it/);
  });

  it('is not believed when its tie is written down otherwise', () => {
    const tie = byFrames.report.tie!;
    expect(isSameTie(tie, tie)).toBe(true);
    expect(isSameTie({ ...tie, yaw: tie.yaw + 0.2 }, tie)).toBe(false);
    expect(isSameTie({ ...tie, sigma: { yaw: 1e-6, pitch: 1e-6, roll: 1e-6 } }, tie)).toBe(false);
    const evidence = tie.evidence.map((picture) => ({ ...picture, pitch: picture.pitch + 1 }));
    expect(isSameTie({ ...tie, evidence }, tie)).toBe(false);
  });

  it('leaves out stops that nothing holds', () => {
    const stops = [-30, 0, 30, 150].map((panDeg) => turnedLook(panDeg, -4, STANCE));
    // What the last one shows matches neither the primary nor, since it looks elsewhere, the others.
    const frames = stops.map((look, i) => frameOf(look, 300 + i, i === 3 ? BLACK : LAMPS, NIGHT));
    const mask = { ...emptyMask(640, 360), learned: true };
    const { report, layer } = tieLayer(primary, { name: 'night', frames, mask, check: null });
    expect(report.faults.join(' ')).toContain(
      'Left out, since nothing ties them to the rest: images/150.jpg.',
    );
    expect(layer?.reference.stops).toHaveLength(3);
  });
});

describe('two layers', () => {
  const one = opened(byFrames);
  const alike: OpenLayer = {
    ...one,
    layer: { ...one.layer, name: 'winter' },
    reference: { ...one.reference, layer: { ...one.reference.layer!, name: 'winter' } },
  };
  const turn = turnOf(0.6, 0, 0);
  const { reference } = one;
  // As if its tie were not true, and nothing had noticed.
  const landmarks = { ...reference.landmarks, bearings: new Float64Array(reference.landmarks.bearings) };
  for (let at = 0; at < landmarks.bearings.length; at += 3) {
    const [x, y] = [landmarks.bearings[at]!, landmarks.bearings[at + 1]!];
    landmarks.bearings[at] = turn[0]! * x + turn[1]! * y;
    landmarks.bearings[at + 1] = turn[3]! * x + turn[4]! * y;
  }
  const untrue: OpenLayer = {
    layer: { ...one.layer, name: 'snow' },
    reference: { ...reference, landmarks, layer: { ...reference.layer!, name: 'snow' } },
    index: new SphericalIndex(landmarks.bearings),
  };
  const query = queryOf([nightLook], BLACK);

  it('that agree give the surest answer', async () => {
    const answer = await ask(query, [one, alike]);
    expect(['night', 'winter']).toContain(answer.layer);
    expect(apartDeg(turnIn(answer), KNOCK)).toBeLessThan(3 * sigmaDeg(answer));
  });

  it('that disagree give none', async () => {
    const answer = await ask(query, [one, untrue]);
    expect(answer).toMatchObject({ success: false, layer: null, yaw_offset: null });
    expect(answer.failure_log).toMatch(/layers disagree: .*night says .*rebuild or drop/);
  });

  it('are asked in the order of their light, and not in another one', () => {
    const dusk = { ...alike, layer: { ...alike.layer, lights: [{ ...DAY, meanLevel: 60 }] } };
    const noon = { ...alike, layer: { ...alike.layer, lights: [{ ...DAY, meanLevel: 250 }] } };
    expect(fittingLayers([noon, dusk, one], query)).toEqual([one, dusk]);
    expect(fittingLayers([noon], query)).toEqual([noon]);
  });
});

describe('a layer of single pictures', () => {
  const stance = turnOf(0.1, 0.02, -0.05);
  const shown = (panDeg: number, world: World): LayerFrame => ({
    ...frameOf(turnedLook(panDeg, -4, stance), 500 + panDeg, world, NIGHT),
  });

  it('measures each of them on the primary, and answers where the primary cannot', async () => {
    const built = gatherLayer(primary, 'grown', [shown(30, LAMPS), shown(50, LAMPS)]);
    expect(built.report).toMatchObject({ usable: true, tie: { by: 'each_frame', yaw: 0 } });
    const [first] = built.report.tie!.evidence;
    expect(apartDeg(rotationOf(first!), stance)).toBeLessThan(0.1);
    const answer = await ask(queryOf([nightLook], BLACK), [opened(built)]);
    expect(answer.layer).toBe('grown');
    expect(apartDeg(turnIn(answer), KNOCK)).toBeLessThan(3 * sigmaDeg(answer));
  });

  it('takes in none that the primary does not answer', () => {
    const mixed = gatherLayer(primary, 'grown', [shown(30, LAMPS), shown(60, BLACK)]);
    expect(mixed.report.tie?.evidence.map(({ file }) => file)).toEqual(['images/30.jpg']);
    expect(mixed.report.faults[0]).toContain('images/60.jpg is not answered by the primary');
    const none = gatherLayer(primary, 'grown', [shown(60, BLACK)]);
    expect(none).toMatchObject({ layer: null, report: { usable: false, tie: null } });
  });
});

describe('a layer of a camera whose head the primary’s few stops hardly tell', () => {
  const camera = ordinaryCamera(3);
  const own = settingOf(scanOf(STOPS.map(({ panDeg, tiltDeg }) => lookOf(camera, panDeg, tiltDeg))));
  const frames = STOPS.map(({ panDeg, tiltDeg }, i) =>
    frameOf(lookOf(camera, panDeg, tiltDeg, { turn: STANCE }), 300 + i, LAMPS, NIGHT),
  );
  const mask = { ...emptyMask(640, 360), learned: true };
  const scanned = opened(tieLayer(own, { name: 'night', frames, mask, check: null }));
  const grown = opened(gatherLayer(own, 'grown', frames));
  /** Ten degrees below the row of stops. */
  const look = lookOf(camera, 40, -14, { turn: KNOCK });
  const offBy = (setting: Setting, world: World | undefined): { sigmas: number; sigmaDeg: number } => {
    const answer = solve(setting, [captureOf(look, seeFeatures(look, 900, world))], 3);
    expect(answer.success).toBe(true);
    return {
      sigmas: apartDeg(turnIn(answer), KNOCK) / sigmaDeg(answer),
      sigmaDeg: sigmaDeg(answer),
    };
  };

  it('is answered by the primary within its standard error', () => {
    expect(offBy(own, undefined).sigmas).toBeLessThan(4.5);
  });

  it.each([
    { what: 'that was scanned', layer: scanned },
    { what: 'of single pictures', layer: grown },
  ])('$what tells no more of it than the primary can', ({ layer }) => {
    const { sigmas, sigmaDeg: told } = offBy(layer, BLACK);
    expect(sigmas).toBeLessThan(4.5);
    expect(told).toBeGreaterThan(0.7 * offBy(own, undefined).sigmaDeg);
  });
});
