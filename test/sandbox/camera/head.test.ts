import { describe, expect, it } from '@jest/globals';
import { Head } from '../../../src/sandbox/camera/head.js';

const traits = {
  panRangeDeg: [-180, 180],
  tiltRangeDeg: [-30, 30],
  zoomRange: [1, 4],
  maxSpeedDegPerS: 120,
  accelDegPerS2: 300,
  encoderNoiseDeg: 0.005,
  encoderStepDeg: 0.01,
  backlashDeg: 0.02,
  seed: 9,
} as const;

describe('a virtual pan-tilt-zoom head', () => {
  it('speeds up, cruises, slows down and settles', () => {
    const head = new Head(traits);
    head.moveTo({ panDeg: 90, tiltDeg: 0, zoom: 1 }, 0);
    // 120 deg/s reached after 0.4 s and 24 deg; 90 deg take 0.4 + 42/120 + 0.4 s.
    expect(head.mechanical(200).panDeg).toBeCloseTo(6, 6);
    expect(head.mechanical(500).panDeg).toBeCloseTo(36, 6);
    expect(head.mechanical(1150).panDeg).toBeCloseTo(90, 6);
    expect(head.mechanical(1190).panDeg).not.toBeCloseTo(90, 3);
    expect([1540, 1560].map((nowMs) => head.isMoving(nowMs))).toEqual([true, false]);
    expect(head.mechanical(1560)).toEqual({ panDeg: 90, tiltDeg: 0, zoom: 1 });
  });

  it('turns the short way over the seam when it may', () => {
    const head = new Head(traits);
    head.moveTo({ panDeg: 170, tiltDeg: 0, zoom: 1 }, 0);
    head.moveTo({ panDeg: -170, tiltDeg: 0, zoom: 1 }, 10_000);
    expect(Math.abs(head.mechanical(10_250).panDeg)).toBeGreaterThan(169);
    expect(head.mechanical(20_000).panDeg).toBeCloseTo(-170, 9);
  });

  it('turns the long way round an end stop, and no farther than the stop', () => {
    const head = new Head({ ...traits, panRangeDeg: [-175, 175] });
    head.moveTo({ panDeg: 170, tiltDeg: 0, zoom: 1 }, 0);
    head.moveTo({ panDeg: -170, tiltDeg: 0, zoom: 1 }, 10_000);
    expect(Math.abs(head.mechanical(11_500).panDeg)).toBeLessThan(60);
    head.moveTo({ panDeg: 179, tiltDeg: 80, zoom: 9 }, 30_000);
    expect(head.mechanical(60_000)).toEqual({ panDeg: 175, tiltDeg: 30, zoom: 4 });
  });

  it('stops on the way', () => {
    const head = new Head(traits);
    head.moveTo({ panDeg: 170, tiltDeg: 20, zoom: 3 }, 0);
    head.stop(700);
    expect(head.isMoving(2000)).toBe(false);
    const { panDeg } = head.mechanical(2000);
    expect(panDeg).toBeGreaterThan(head.mechanical(700).panDeg);
    expect(panDeg).toBeCloseTo(60 + 24, 1);
  });

  it('reads its encoders with the error it was given, still while it stands', () => {
    const head = new Head(traits);
    const errors: number[] = [];
    for (let stop = 0; stop < 400; stop++) {
      const startMs = stop * 10_000;
      head.moveTo({ panDeg: ((stop * 37) % 340) - 170, tiltDeg: (stop % 50) - 25, zoom: 1 }, startMs);
      const readings = [5000, 6500, 8000, 9500].map((ms) => head.reported(startMs + ms));
      const pans = readings.map(({ panDeg }) => panDeg);
      expect(Math.max(...pans) - Math.min(...pans)).toBeLessThan(0.0101);
      const truth = head.mechanical(startMs + 5000);
      errors.push(pans[0]! - truth.panDeg, readings[0]!.tiltDeg - truth.tiltDeg);
    }
    const rms = Math.sqrt(errors.reduce((sum, error) => sum + error * error, 0) / errors.length);
    expect(rms).toBeGreaterThan(0.004);
    expect(rms).toBeLessThan(0.008);
    expect(Math.abs(errors.reduce((sum, error) => sum + error, 0) / errors.length)).toBeLessThan(0.001);
  });

  /** How far the camera is ahead of its motors after moves from one place to the next, degrees. */
  const leadAfter = (...pans: readonly number[]): { panDeg: number; tiltDeg: number } => {
    const head = new Head(traits);
    pans.forEach((panDeg, move) => head.moveTo({ panDeg, tiltDeg: -panDeg / 10, zoom: 1 }, move * 10_000));
    const nowMs = pans.length * 10_000;
    const [motors, camera] = [head.mechanical(nowMs), head.carried(nowMs)];
    return { panDeg: camera.panDeg - motors.panDeg, tiltDeg: camera.tiltDeg - motors.tiltDeg };
  };

  it('stops short of where its encoders say by half the play, on the side from which it came', () => {
    const fromLeft = leadAfter(-50, 20);
    expect(fromLeft.panDeg).toBeCloseTo(-0.01, 9);
    expect(fromLeft.tiltDeg).toBeCloseTo(0.01, 9);
    const fromRight = leadAfter(-50, 90, 20);
    expect(fromRight.panDeg).toBeCloseTo(0.01, 9);
    expect(fromRight.tiltDeg).toBeCloseTo(-0.01, 9);
  });

  it('turns through its play before the camera follows', () => {
    expect(leadAfter(20, 19.995).panDeg).toBeCloseTo(-0.005, 9);
    expect(leadAfter(20, 19.985).panDeg).toBeCloseTo(0.005, 9);
    expect(leadAfter(20, 19.97).panDeg).toBeCloseTo(0.01, 9);
    expect(leadAfter().panDeg).toBe(0);
  });

  it('keeps the play of a move that was stopped or given another aim on the way', () => {
    const head = new Head(traits);
    head.moveTo({ panDeg: 90, tiltDeg: 0, zoom: 1 }, 0);
    head.stop(700);
    expect(head.carried(5000).panDeg - head.mechanical(5000).panDeg).toBeCloseTo(-0.01, 9);
    head.moveTo({ panDeg: 170, tiltDeg: 0, zoom: 1 }, 5000);
    head.moveTo({ panDeg: 20, tiltDeg: 0, zoom: 1 }, 5500);
    expect(head.carried(10_000).panDeg - head.mechanical(10_000).panDeg).toBeCloseTo(0.01, 9);
  });
});
