import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { expandGrid, gridSize } from '../../src/config/stop-grid.js';

const panTilt = (grid: Parameters<typeof expandGrid>[0]): [number, number][] =>
  expandGrid(grid).map(({ panDeg, tiltDeg }) => [panDeg, tiltDeg]);

describe('the grid of a reference scan', () => {
  it('goes forth and back along the shorter way', () => {
    expect(panTilt({ pan: [0, 10, 20], tilt: [-50, 0], zoom: [1] })).toEqual([
      [0, -50],
      [10, -50],
      [20, -50],
      [20, 0],
      [10, 0],
      [0, 0],
    ]);
    expect(panTilt({ pan: [0, 100], tilt: [-10, 0, 10], zoom: [1] })).toEqual([
      [0, -10],
      [0, 0],
      [0, 10],
      [100, 10],
      [100, 0],
      [100, -10],
    ]);
  });

  it('goes the way back with the next zoom', () => {
    expect(expandGrid({ pan: [0, 10], tilt: [0], zoom: [1, 4] })).toEqual([
      { panDeg: 0, tiltDeg: 0, zoom: 1 },
      { panDeg: 10, tiltDeg: 0, zoom: 1 },
      { panDeg: 10, tiltDeg: 0, zoom: 4 },
      { panDeg: 0, tiltDeg: 0, zoom: 4 },
    ]);
  });

  it('steps up to the end and no further', () => {
    const pans = (axis: Parameters<typeof expandGrid>[0]['pan']): number[] =>
      panTilt({ pan: axis, tilt: [0], zoom: [1] }).map(([panDeg]) => panDeg);
    expect(pans({ from: 0, to: 100, step: 30 })).toEqual([0, 30, 60, 90]);
    expect(pans({ from: 0, to: 0.3, step: 0.1 })).toEqual([0, 0.1, 0.2, 0.3]);
    expect(pans({ from: -90, to: 90, count: 3 })).toEqual([-90, 0, 90]);
    expect(pans({ from: 5, to: 5, step: 1 })).toEqual([5]);
  });

  it('does not repeat the seam of a full circle', () => {
    expect(panTilt({ pan: { from: -180, to: 180, step: 90 }, tilt: [0], zoom: [1] })).toEqual([
      [-180, 0],
      [-90, 0],
      [0, 0],
      [90, 0],
    ]);
    expect(gridSize({ pan: { from: 0, to: 360, count: 7 }, tilt: [0, 1], zoom: [1] })).toBe(14);
  });

  it('has every combination once', () => {
    const axis = fc.uniqueArray(fc.integer({ min: -90, max: 90 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(axis, axis, axis, (pan, tilt, zoom) => {
        const stops = expandGrid({ pan, tilt, zoom });
        const names = new Set(stops.map(({ panDeg, tiltDeg, zoom: at }) => `${panDeg} ${tiltDeg} ${at}`));
        expect(names.size).toBe(pan.length * tilt.length * zoom.length);
        expect(stops).toHaveLength(names.size);
        expect(gridSize({ pan, tilt, zoom })).toBe(names.size);
      }),
      { seed: 7, numRuns: 50 },
    );
  });
});
