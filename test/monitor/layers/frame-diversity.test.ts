import { describe, expect, it } from '@jest/globals';
import type { CaptureFrame } from '../../../src/capture/spool/manifest.js';
import { framesToKeep, unlikeness } from '../../../src/monitor/layers/frame-diversity.js';

const frame = (at: string, pan: number, zoom = 1): CaptureFrame => ({
  ...{ file: `${at}-${pan}.jpg`, captured_at: at, width: 1280, height: 720, commanded: null },
  telemetry: { pan, tilt: -4, zoom, yaw: null, pitch: null, roll: null, at },
});

const DUSK = '2026-01-31T17:00:00.000Z';

describe('what a grown layer keeps', () => {
  it('is everything while there is room, oldest first', () => {
    const frames = [frame('2026-02-01T17:00:00.000Z', 0), frame(DUSK, 0)];
    expect(framesToKeep(frames)).toEqual([frames[1], frames[0]]);
  });

  it('drops the older of the two most similar, never a unique one', () => {
    const [alone, older, newer] = [
      frame('2025-07-01T03:00:00.000Z', 90),
      frame(DUSK, 10),
      frame('2026-02-01T17:10:00.000Z', 12),
    ];
    expect(framesToKeep([alone, older, newer], 2)).toEqual([alone, newer]);
  });

  it('never exceeds the limit, and spreads over directions', () => {
    const many = Array.from({ length: 60 }, (_, i) =>
      frame(new Date(Date.parse(DUSK) + i * 86_400_000).toISOString(), i < 30 ? 0 : (i - 30) * 12),
    );
    const kept = framesToKeep(many);
    expect(kept).toHaveLength(24);
    expect(kept.filter(({ telemetry }) => telemetry.pan === 0).length).toBeLessThan(6);
  });
});

describe('unlikeness', () => {
  it('counts directions round the circle, the hour round the day, and the season round the year', () => {
    const at = frame(DUSK, 179);
    expect(unlikeness(at, frame(DUSK, 179))).toBeCloseTo(0);
    expect(unlikeness(at, frame(DUSK, -179))).toBeLessThan(0.1);
    expect(
      unlikeness(frame('2026-01-31T23:50:00.000Z', 0), frame('2026-02-01T00:10:00.000Z', 0)),
    ).toBeLessThan(0.2);
    expect(unlikeness(at, frame('2027-01-31T23:00:00.000Z', 179))).toBeGreaterThan(2);
    expect(unlikeness(at, frame('2027-01-31T17:00:00.000Z', 179))).toBeLessThan(0.2);
    expect(unlikeness(at, frame('2026-07-31T17:00:00.000Z', 179))).toBeGreaterThan(3);
    expect(unlikeness(at, frame(DUSK, 179, 3))).toBeGreaterThan(1);
  });
});
