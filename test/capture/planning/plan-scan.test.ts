import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { planScan, type ScanPlan, type ScanScope } from '../../../src/capture/planning/plan-scan.js';
import { radFromDeg, wrapDeg } from '../../../src/geometry/angles.js';
import { fromPanTilt, rotate, transpose } from '../../../src/geometry/rotation.js';

/** Two positions in hundredths of a degree, and a little tilt. */
const ROUNDED_DEG = 0.012;
const CIRCLE = [-180, 180] as const;

/** Of a picture of 16:9. */
const vfovOf = (hfovDeg: number): number =>
  (2 * Math.atan((Math.tan(radFromDeg(hfovDeg) / 2) * 9) / 16) * 180) / Math.PI;

const scopeOf = (hfovDeg: number, changes: Partial<ScanScope> = {}): ScanScope => ({
  ...{ panRangeDeg: CIRCLE, tiltRangeDeg: [-30, 20], zoomRange: null },
  ...{ hfovDeg, vfovDeg: vfovOf(hfovDeg) },
  ...changes,
});

/** The rows of one zoom as they are driven, by their tilt. */
const rowsOf = ({ stops }: ScanPlan, zoom = stops[0]!.zoom): { tiltDeg: number; pansDeg: number[] }[] => {
  const rows = new Map<number, number[]>();
  for (const stop of stops.filter((each) => each.zoom === zoom))
    rows.set(stop.tiltDeg, [...(rows.get(stop.tiltDeg) ?? []), stop.panDeg]);
  return [...rows].map(([tiltDeg, pansDeg]) => ({ tiltDeg, pansDeg }));
};

const ascending = (values: readonly number[]): number[] => values.toSorted((a, b) => a - b);
const steps = (values: readonly number[]): number[] => values.slice(1).map((value, i) => value - values[i]!);

const attitudeOf = (panDeg: number, tiltDeg: number) => fromPanTilt(radFromDeg(panDeg), radFromDeg(tiltDeg));
const places = ([low, high]: readonly [number, number], count: number): number[] =>
  Array.from({ length: count + 1 }, (_, i) => low + ((high - low) * i) / count);

/** Directions of the ranges, both ends among them, that no picture of the widest zoom shows. */
const unseen = ({ hfovDeg, vfovDeg }: ScanScope, plan: ScanPlan): [number, number][] => {
  const [wide, high] = [Math.tan(radFromDeg(hfovDeg) / 2), Math.tan(radFromDeg(vfovDeg) / 2)];
  const pictures = plan.stops
    .filter(({ zoom }) => zoom === plan.stops[0]!.zoom)
    .map(({ panDeg, tiltDeg }) => transpose(attitudeOf(panDeg, tiltDeg)));
  const isSeen = (panDeg: number, tiltDeg: number): boolean => {
    const ahead = rotate(attitudeOf(panDeg, tiltDeg), [1, 0, 0]);
    return pictures.some((bodyFromMount) => {
      const [forward, right, down] = rotate(bodyFromMount, ahead);
      const bound = forward + 1e-9;
      return forward > 0 && Math.abs(right) <= wide * bound && Math.abs(down) <= high * bound;
    });
  };
  return places(plan.tiltRangeDeg, 23).flatMap((tiltDeg) =>
    places(plan.panRangeDeg, 41)
      .filter((panDeg) => !isSeen(panDeg, tiltDeg))
      .map((panDeg): [number, number] => [panDeg, tiltDeg]),
  );
};

/** How wide a picture is in pan, along its middle. */
const widthDeg = (hfovDeg: number, tiltDeg: number): number =>
  (2 * Math.atan(Math.tan(radFromDeg(hfovDeg) / 2) / Math.cos(radFromDeg(tiltDeg))) * 180) / Math.PI;

const anyScope = fc
  .record({
    hfovDeg: fc.double({ min: 3, max: 120, noNaN: true }),
    aspect: fc.constantFrom(9 / 16, 3 / 4, 1, 16 / 9),
    panLow: fc.integer({ min: -180, max: 0 }),
    panSpan: fc.constantFrom(2, 40, 120, 200, 340, 355, 360),
    tiltLow: fc.integer({ min: -90, max: 20 }),
    tiltSpan: fc.integer({ min: 2, max: 120 }),
  })
  .map(({ hfovDeg, aspect, panLow, panSpan, tiltLow, tiltSpan }): ScanScope => ({
    hfovDeg,
    vfovDeg: (2 * Math.atan(Math.tan(radFromDeg(hfovDeg) / 2) * aspect) * 180) / Math.PI,
    panRangeDeg: [panLow, panLow + panSpan],
    tiltRangeDeg: [tiltLow, Math.min(90, tiltLow + tiltSpan)],
    zoomRange: null,
  }));

describe('a planned scan', () => {
  it('of a usual camera on a mast is some 40 stops in three rows', () => {
    const plan = planScan(scopeOf(60.1, { zoomRange: [1, 30] }));
    expect(plan).toMatchObject({ rowCount: 3, leftOut: [], hfovDeg: 60.1 });
    expect(plan.stops).toHaveLength(38);
    expect(rowsOf(plan).map(({ tiltDeg, pansDeg }) => [tiltDeg, pansDeg.length])).toEqual([
      [-23.03, 8],
      [-5, 9],
      [13.03, 9],
    ]);
  });

  it('shows every direction that it says to cover, and stays within the ranges', () => {
    fc.assert(
      fc.property(anyScope, (scope) => {
        const plan = planScan(scope);
        expect(unseen(scope, plan)).toEqual([]);
        for (const { panDeg, tiltDeg } of plan.stops) {
          expect(panDeg).toBeGreaterThanOrEqual(scope.panRangeDeg[0]);
          expect(panDeg).toBeLessThanOrEqual(scope.panRangeDeg[1]);
          expect(tiltDeg).toBeGreaterThanOrEqual(scope.tiltRangeDeg[0]);
          expect(tiltDeg).toBeLessThanOrEqual(scope.tiltRangeDeg[1]);
        }
      }),
      { numRuns: 60, seed: 7 },
    );
  });

  it('covers all of the ranges but the sky, unless the view is too narrow', () => {
    fc.assert(
      fc.property(anyScope, (scope) => {
        const plan = planScan(scope);
        if (plan.leftOut.includes('narrow_view')) return;
        expect(plan.panRangeDeg).toEqual(scope.panRangeDeg);
        expect(plan.tiltRangeDeg[0]).toBe(scope.tiltRangeDeg[0]);
        const least = Math.min(scope.tiltRangeDeg[1], 25);
        expect(plan.tiltRangeDeg[1]).toBeGreaterThanOrEqual(least);
      }),
      { numRuns: 150, seed: 8 },
    );
  });

  it('has two rows at least, three pans in each, 150 stops at most', () => {
    fc.assert(
      fc.property(anyScope, (scope) => {
        const plan = planScan(scope);
        expect(plan.rowCount).toBeGreaterThanOrEqual(2);
        for (const { pansDeg } of rowsOf(plan)) expect(pansDeg.length).toBeGreaterThanOrEqual(3);
        expect(plan.stops.length).toBeLessThanOrEqual(150);
        expect(new Set(plan.stops.map((stop) => JSON.stringify(stop))).size).toBe(plan.stops.length);
      }),
      { numRuns: 300, seed: 9 },
    );
  });

  it('overlaps neighbours by 30 % at least; by more than half only in small ranges and steep rows', () => {
    fc.assert(
      fc.property(anyScope, (scope) => {
        const plan = planScan(scope);
        const rows = rowsOf(plan);
        for (const step of steps(rows.map(({ tiltDeg }) => tiltDeg)))
          expect(step).toBeLessThan(0.7 * scope.vfovDeg + ROUNDED_DEG);
        for (const { tiltDeg, pansDeg } of rows)
          for (const step of steps(ascending(pansDeg)))
            expect(step).toBeLessThan(0.7 * widthDeg(scope.hfovDeg, tiltDeg) + ROUNDED_DEG);
      }),
      { numRuns: 150, seed: 10 },
    );
    const roomy = planScan(scopeOf(60));
    expect(steps(rowsOf(roomy).map(({ tiltDeg }) => tiltDeg)).every((step) => step > 17.9)).toBe(true);
    for (const { tiltDeg, pansDeg } of rowsOf(roomy))
      for (const step of steps(ascending(pansDeg))) expect(step / widthDeg(60, tiltDeg)).toBeGreaterThan(0.5);
  });

  it('takes few more stops than their area asks for', () => {
    // A third row for the head's sake makes the first one large.
    for (const [hfovDeg, tiltRangeDeg, most] of [
      [60, [-30, 20], 1.7],
      [40, [-60, 20], 1.5],
      [30, [-30, 15], 1.5],
      [90, [-90, 20], 1.5],
    ] as const) {
      const vfovDeg = vfovOf(hfovDeg);
      const { stops } = planScan(scopeOf(hfovDeg, { tiltRangeDeg }));
      const [low, high] = tiltRangeDeg.map((tilt) => Math.sin(radFromDeg(tilt))) as [number, number];
      const area = radFromDeg(360) * (high - low);
      const least = area / (0.7 * 0.7 * radFromDeg(hfovDeg) * radFromDeg(vfovDeg));
      expect(stops.length / least).toBeLessThan(most);
    }
  });

  it('closes the circle without repeating its first stop, staggers its rows, and drives forth and back', () => {
    const plan = planScan(scopeOf(60));
    const rows = rowsOf(plan);
    for (const { pansDeg } of rows) {
      const around = steps([...ascending(pansDeg), ascending(pansDeg)[0]! + 360]);
      for (const step of around) expect(step).toBeCloseTo(360 / pansDeg.length, 1);
    }
    const [first, second] = rows.map(({ pansDeg }) => ascending(pansDeg));
    expect(wrapDeg(second![0]! - first![0]!)).toBeGreaterThan(15);
    const ways = rows.map(({ pansDeg }) => Math.sign(pansDeg[1]! - pansDeg[0]!));
    expect(ways).toEqual([1, -1, 1]);
    const turns = steps(plan.stops.map(({ panDeg }) => panDeg)).map(Math.abs);
    expect(Math.max(...turns)).toBeLessThan(60);
  });

  it('goes nearly to the ends of a head with end stops, and never against them', () => {
    const scope = scopeOf(60, { panRangeDeg: [-170, 170] });
    const rows = rowsOf(planScan(scope)).map(({ pansDeg }) => ascending(pansDeg));
    for (const pansDeg of rows) {
      expect(170 - pansDeg.at(-1)!).toBeGreaterThanOrEqual(1);
      // Two thirds of a picture taken at the very end are covered.
      expect(170 - pansDeg.at(-1)!).toBeLessThan(0.36 * widthDeg(60, -23));
      expect(pansDeg[0]).toBeCloseTo(-pansDeg.at(-1)!, 1);
    }
    expect(rows[1]!.at(-1)).toBe(169);
  });

  it('takes fewer stops towards the poles', () => {
    const rows = rowsOf(planScan(scopeOf(60, { tiltRangeDeg: [-90, 20] })));
    expect(rows.map(({ pansDeg }) => pansDeg.length)).toEqual([4, 6, 8, 9, 9]);
  });

  it('leaves the sky out, and says so; of a head that only looks up it leaves something', () => {
    const plan = planScan(scopeOf(60, { tiltRangeDeg: [-20, 90] }));
    expect(plan).toMatchObject({ leftOut: ['sky'], tiltRangeDeg: [-20, 25] });
    expect(Math.max(...plan.stops.map(({ tiltDeg }) => tiltDeg))).toBeLessThan(25);
    expect(planScan(scopeOf(60, { tiltRangeDeg: [-20, 30] })).leftOut).toEqual([]);
    expect(planScan(scopeOf(60, { tiltRangeDeg: [30, 90] })).stops.length).toBeGreaterThan(10);
  });

  it('spreads out in a small range as far as it goes', () => {
    const plan = planScan(scopeOf(60, { panRangeDeg: [-5, 5], tiltRangeDeg: [-2, 2] }));
    expect(rowsOf(plan)).toEqual([
      { tiltDeg: -1.8, pansDeg: [-4.5, 0, 4.5] },
      { tiltDeg: 1.8, pansDeg: [4.5, 0, -4.5] },
    ]);
  });

  it('with a narrow view takes fewer rows of the whole circle, then a sector, and says so', () => {
    const fewer = planScan(scopeOf(20));
    expect(fewer).toMatchObject({ rowCount: 5, leftOut: ['narrow_view'], panRangeDeg: CIRCLE });
    expect(fewer.tiltRangeDeg[0]).toBeGreaterThan(-30);
    for (const hfovDeg of [5, 1.5, 0.1]) {
      const sector = planScan(scopeOf(hfovDeg, { aroundPanDeg: 150, panRangeDeg: [-170, 170] }));
      expect(sector).toMatchObject({ rowCount: 2, leftOut: ['narrow_view'] });
      expect(sector.stops.length).toBeGreaterThan(140);
      expect(sector.stops.length).toBeLessThanOrEqual(150);
      expect(sector.panRangeDeg[0]).toBeLessThan(150);
      expect(sector.panRangeDeg[1]).toBeGreaterThan(150);
    }
  });

  it.each([
    { zoomRange: [1, 30], zooms: [1, 2, 4] },
    { zoomRange: [1, 3], zooms: [1, 1.73, 3] },
    { zoomRange: [1, 1.5], zooms: [1, 1.5] },
    { zoomRange: [2, 20], zooms: [2, 4, 8] },
    { zoomRange: [1, 1.1], zooms: [1] },
    { zoomRange: null, zooms: [1] },
  ] as const)('visits the zooms $zooms of the range $zoomRange', ({ zoomRange, zooms }) => {
    const plan = planScan(scopeOf(60, { zoomRange }));
    expect([...new Set(plan.stops.map(({ zoom }) => zoom))]).toEqual(zooms);
    for (const zoom of zooms.slice(1)) {
      const [row, ...others] = rowsOf(plan, zoom);
      expect(others).toEqual([]);
      expect(row!.pansDeg).toHaveLength(6);
      const width = (widthDeg(60, 0) * zooms[0]) / zoom;
      // Neighbours at one of two places.
      const near = steps(ascending(row!.pansDeg)).filter((step) => step < width);
      expect(near).toHaveLength(4);
    }
  });
});
