import { describe, expect, it } from '@jest/globals';
import { distanceBetween, StillnessTracker } from '../../../src/capture/head/stillness.js';
import type { TelemetrySample } from '../../../src/ports/telemetry.js';

const sample = (panDeg: number, receivedAtMs: number, retained = false): TelemetrySample => ({
  panDeg,
  tiltDeg: 0,
  zoom: 1,
  yawDeg: null,
  pitchDeg: null,
  rollDeg: null,
  receivedAtMs,
  retained,
});

/** How long the head is known to have rested, ms; null when nothing is known. */
const restMs = (tracker: StillnessTracker): number | null => {
  const state = tracker.state();
  return state.kind === 'known' ? state.provenMs - state.stillSinceMs : null;
};

const after = (samples: readonly TelemetrySample[]): StillnessTracker => {
  const tracker = new StillnessTracker(0.01);
  for (const one of samples) tracker.sample(one);
  return tracker;
};

describe('stillness', () => {
  it('forgives jitter of the last digit', () => {
    expect(restMs(after([sample(10, 0), sample(10.01, 500), sample(9.99, 1000)]))).toBe(1000);
  });

  it('starts anew with every movement', () => {
    expect(restMs(after([sample(10, 0), sample(11, 500), sample(11, 900)]))).toBe(400);
  });

  it('sees a creep slower than the jitter', () => {
    const creep = Array.from({ length: 10 }, (_, i) => sample(10 + i * 0.008, i * 100));
    expect(restMs(after(creep))).toBeLessThan(200);
  });

  it('takes 180 and −180 for the same pan', () => {
    expect(distanceBetween(sample(179.999, 0), sample(-179.999, 0))).toBeCloseTo(0.002, 9);
    expect(restMs(after([sample(180, 0), sample(-180, 700)]))).toBe(700);
  });

  it('never takes silence for rest', () => {
    const tracker = after([sample(10, 0), sample(10, 400)]);
    expect(restMs(tracker)).toBe(400);
    expect(tracker.silentForMs(60_000)).toBe(59_600);
  });

  it('waits for a sign of life after a kept message, whose age nobody knows', () => {
    const tracker = after([sample(10, 0, true)]);
    expect(restMs(tracker)).toBeNull();
    tracker.sample(sample(10, 800));
    expect(restMs(tracker)).toBe(0);
  });

  it('forgets what it knew when the connection breaks', () => {
    const tracker = after([sample(10, 0), sample(10, 400)]);
    tracker.lost();
    expect(restMs(tracker)).toBeNull();
  });
});
