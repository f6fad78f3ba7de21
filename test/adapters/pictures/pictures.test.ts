import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createPictures } from '../../../src/adapters/pictures/pictures.js';
import type { Raster } from '../../../src/adapters/pictures/canvas.js';
import { radFromDeg } from '../../../src/geometry/angles.js';
import type { ExpectedView, PictureShift, PictureView } from '../../../src/ports/pictures.js';
import type { ResultRow } from '../../../src/ports/results-table.js';
import { attitudeOf, IDEAL_HEAD } from '../../../src/solve/head/pointing-model.js';
import { createPictureTools } from '../../support/picture-tools.js';
import { IDEAL_HEAD_VIEW, ORDINARY_HEAD, renderView, type ViewHead } from '../../support/render-view.js';
import { resultRow } from '../../support/result-row.js';

type Rgb = readonly [number, number, number];
const WIDTH = 480;
const HEIGHT = 270;
const FOCAL = WIDTH / 2 / Math.tan(Math.PI / 6);
const lens = { focalPx: FOCAL, k1: -0.05, k2: 0 };
const pictures = createPictures();
const tools = createPictureTools();
const { decode, jpegOf } = tools;
afterAll(async () => {
  await pictures.close();
  await tools.close();
});

/** Decoded, with a probe of one pixel. */
const opened = ({ rgba, widthPx, heightPx }: Raster) => {
  const at = (x: number, y: number): Rgb => {
    const place = ((y + 0.5) | 0) * widthPx * 4 + ((x + 0.5) | 0) * 4;
    return [rgba[place]!, rgba[place + 1]!, rgba[place + 2]!];
  };
  return { rgba, widthPx, heightPx, at };
};
type Opened = ReturnType<typeof opened>;
const open = async (picture: Buffer): Promise<Opened> => opened(await decode(picture));

const { abs, max } = Math; // looking up globals is slow in the test runner
const differs = (a: Rgb, b: Rgb): number => max(abs(a[0] - b[0]), abs(a[1] - b[1]), abs(a[2] - b[2]));
const ORANGE: Rgb = [245, 159, 10];
const SKY: Rgb = [86, 180, 233];
const GREEN: Rgb = [20, 190, 135];
const VERMILION: Rgb = [235, 104, 44];

/** The pixels of about one colour within a box. */
const find = (picture: Opened, colour: Rgb, box = [0, 0, picture.widthPx, picture.heightPx], within = 40) => {
  const found: (readonly [number, number])[] = [];
  for (let y = box[1]!; y < box[3]!; y++)
    for (let x = box[0]!; x < box[2]!; x++)
      if (differs(picture.at(x, y), colour) < within) found.push([x, y]);
  return found;
};

/** Where a camera looks; with the ideal head things lie where plain angles have them. */
const viewOf = (panDeg: number, tiltDeg: number, head: ViewHead = IDEAL_HEAD_VIEW): PictureView => {
  const at = { panRad: radFromDeg(panDeg), tiltRad: radFromDeg(tiltDeg) };
  const terms = {
    ...IDEAL_HEAD,
    ...{ tiltAxis: radFromDeg(head.tiltAxisDeg), tiltZero: radFromDeg(head.tiltZeroDeg) },
    ...{ collimation: radFromDeg(head.collimationDeg), roll: radFromDeg(head.rollDeg) },
    ...{ panGain: head.panGain, tiltGain: head.tiltGain },
    eccentricitySin: radFromDeg(head.eccentricitySinDeg),
    eccentricityCos: radFromDeg(head.eccentricityCosDeg),
  };
  const [x, y] = head.principalShare;
  return {
    ...{ mountFromBody: [...attitudeOf(terms, at)], ...lens },
    ...{ centreX: (WIDTH - 1) / 2 + x * WIDTH, centreY: (HEIGHT - 1) / 2 + y * WIDTH },
  };
};
/** The camera of rendered frames, whose head is like real ones. */
const cameraAt = (panDeg: number, tiltDeg: number): PictureView => viewOf(panDeg, tiltDeg, ORDINARY_HEAD);
const size = { widthPx: WIDTH, heightPx: HEIGHT };
const frameAt = async (panDeg: number, tiltDeg: number) => {
  const optics = { hfovDeg: 60, k1: -0.05, head: ORDINARY_HEAD };
  const luminance = renderView({ ...size, ...optics, panDeg, tiltDeg });
  return { ...cameraAt(panDeg, tiltDeg), jpeg: await jpegOf(luminance, WIDTH, HEIGHT) };
};
const expected = async (frames: Awaited<ReturnType<typeof frameAt>>[], wanted: PictureView, share = 1) =>
  opened(await tools.expected({ frames, wanted }, size, share));

/** Mean difference of two pictures over a box. */
const meanDifference = (a: Opened, b: Opened, [left, top, right, bottom]: readonly number[]): number => {
  let sum = 0;
  for (let y = top!; y < bottom!; y++)
    for (let x = left!; x < right!; x++) sum += abs(a.at(x, y)[1] - b.at(x, y)[1]);
  return sum / ((right! - left!) * (bottom! - top!));
};

describe('expected view', () => {
  it('shows a frame from its own view as it is', async () => {
    const frame = await frameAt(10, -5);
    const seen = await expected([frame], cameraAt(10, -5));
    expect(meanDifference(seen, await open(frame.jpeg), [0, 0, WIDTH, HEIGHT])).toBeLessThan(3);
  });

  it('shows what a camera turned there would see, and grey where the frame ends', async () => {
    const seen = await expected([await frameAt(0, 0)], cameraAt(12, 4));
    const truth = await open((await frameAt(12, 4)).jpeg);
    const missed = await open((await frameAt(12.5, 4)).jpeg);
    const shared = [20, 60, 340, 250];
    expect(meanDifference(seen, truth, shared)).toBeLessThan(8);
    expect(meanDifference(seen, missed, shared)).toBeGreaterThan(12);
    expect(differs(seen.at(WIDTH - 3, HEIGHT / 2), [110, 110, 110])).toBeLessThan(6);
  });

  it('moves the middle by focal length times tangent', async () => {
    const dark = new Uint8Array(WIDTH * HEIGHT).fill(30);
    for (let y = 132; y < 138; y++) dark.fill(250, y * WIDTH + 237, y * WIDTH + 243);
    const frame = { ...viewOf(0, 0), k1: 0, jpeg: await jpegOf(dark, WIDTH, HEIGHT) };
    const seen = await expected([frame], { ...viewOf(8, 0), k1: 0 });
    const spot = find(seen, [250, 250, 250], undefined, 90).map(([x]) => x);
    const middle = spot.reduce((sum, x) => sum + x, 0) / spot.length;
    expect(middle).toBeCloseTo((WIDTH - 1) / 2 - FOCAL * Math.tan((8 * Math.PI) / 180), 0);
  });

  it('takes each direction from the frame that looks there most directly', async () => {
    const flat = async (panDeg: number, level: number) => ({
      ...viewOf(panDeg, 0),
      jpeg: await jpegOf(new Uint8Array(WIDTH * HEIGHT).fill(level), WIDTH, HEIGHT),
    });
    const seen = await expected(
      [await flat(-20, 60), await flat(20, 200), await flat(150, 10)],
      viewOf(0, 0),
    );
    expect(seen.at(WIDTH / 2 - 12, 135)[1]).toBeLessThan(70);
    expect(seen.at(WIDTH / 2 + 12, 135)[1]).toBeGreaterThan(190);
  });

  it('shows the same in a smaller picture', async () => {
    const small = await expected([await frameAt(0, 0)], cameraAt(12, 4), 0.5);
    expect([small.widthPx, small.heightPx]).toEqual([WIDTH / 2, HEIGHT / 2]);
    const half = { widthPx: WIDTH / 2, heightPx: HEIGHT / 2, hfovDeg: 60, k1: -0.05, head: ORDINARY_HEAD };
    const renderedAt = async (panDeg: number): Promise<Opened> => {
      const luminance = renderView({ ...half, panDeg, tiltDeg: 4 });
      return open(await jpegOf(luminance, half.widthPx, half.heightPx));
    };
    const shared = [10, 30, 170, 125];
    const [truth, missed] = [await renderedAt(12), await renderedAt(12.5)];
    expect(meanDifference(small, truth, shared)).toBeLessThan(0.7 * meanDifference(small, missed, shared));
  });

  it('says when a frame is no picture', async () => {
    const frame = { ...viewOf(0, 0), jpeg: Buffer.from('no picture') };
    await expect(expected([frame], viewOf(0, 0))).rejects.toMatchObject({
      name: 'AppError',
      code: 'picture_unreadable',
    });
  });
});

describe('overlay', () => {
  const right = { left: 808, top: 200, middleX: 808 + 383.5, middleY: 200 + 215.5, scale: 768 / WIDTH };
  let grey: Buffer;
  let greyView: ExpectedView;
  beforeAll(async () => {
    grey = await jpegOf(new Uint8Array(WIDTH * HEIGHT).fill(120), WIDTH, HEIGHT);
    greyView = { frames: [{ ...viewOf(0, 0), jpeg: grey }], wanted: viewOf(0, 0) };
  });
  const overlay = async (shiftPx?: PictureShift, title = 'site-a'): Promise<Opened> => {
    const texts = { title, subtitle: '31 Jan 2026' };
    const shift = shiftPx === undefined ? {} : { shiftPx };
    return open(await pictures.overlay({ expected: greyView, queryJpeg: grey, ...shift, ...texts }));
  };
  const inPanel = [right.left, right.top, 1576, 200 + 432];

  it('lays two panels on a dark ground, each with the same grid and a cross in its middle', async () => {
    const drawn = await overlay();
    expect([drawn.widthPx, drawn.heightPx]).toEqual([1600, 744]);
    for (const [x, y] of [
      [10, 300],
      [800, 300],
      [1590, 300],
      [700, 735],
    ] as const)
      // prettier-ignore
      expect(max(...drawn.at(x, y))).toBeLessThan(45);
    for (const x of [24, right.left]) {
      expect(differs(drawn.at(x + 70, right.top + 40), [120, 120, 120])).toBeLessThan(14);
      expect(drawn.at(x + 48 * 3 - 1, 224)[1] - drawn.at(x + 48 * 3 + 20, 224)[1]).toBeGreaterThan(12);
      expect(Math.min(...drawn.at(x + 383.5, right.middleY))).toBeGreaterThan(215);
      expect(Math.min(...drawn.at(x + 383.5 + 20, right.middleY))).toBeGreaterThan(190);
    }
  });

  it('points an arrow from the middle to where the scene is', async () => {
    const drawn = await overlay({ dx: 90, dy: -40, rollDeg: 0 });
    const found = find(drawn, ORANGE, inPanel);
    expect(Math.max(...found.map(([x]) => x))).toBeCloseTo(right.middleX + 90 * right.scale, -1);
    expect(Math.min(...found.map(([, y]) => y))).toBeCloseTo(right.middleY - 40 * right.scale, -1);
    expect(find(drawn, SKY, inPanel)).toEqual([]);
    expect(find(drawn, ORANGE, [24, 200, 792, 632])).toEqual([]);
  });

  it('enlarges small shifts by a factor, in words as well', async () => {
    const drawn = await overlay({ dx: 8, dy: 0, rollDeg: 0 });
    const tip = Math.max(...find(drawn, ORANGE, inPanel).map(([x]) => x));
    expect(Math.abs(tip - (right.middleX + 8 * right.scale * 8))).toBeLessThan(4);
    const words = find(drawn, ORANGE, [right.left, 640, 1600, 700]);
    const whole = find(await overlay({ dx: 90, dy: 0, rollDeg: 0 }), ORANGE, [right.left, 640, 1600, 700]);
    expect(Math.max(...words.map(([x]) => x)) - Math.max(...whole.map(([x]) => x))).toBeGreaterThan(80);
  });

  it('keeps a long arrow within its panel', async () => {
    const found = find(await overlay({ dx: -2000, dy: 300, rollDeg: 0 }), ORANGE, [0, 200, 1600, 632]);
    expect(Math.min(...found.map(([x]) => x))).toBeGreaterThan(right.left + 15);
  });

  it.each([
    ['clockwise', 3, 1],
    ['counter-clockwise', -3, -1],
  ])('draws an arc %s when the scene has turned', async (_, rollDeg, side) => {
    const found = find(await overlay({ dx: 0, dy: 0, rollDeg }), SKY, inPanel);
    const beside = found.map(([x]) => (x - right.middleX) * side);
    expect(Math.max(...beside)).toBeGreaterThan(40);
    expect(Math.min(...beside)).toBeGreaterThan(-5);
    expect(Math.max(...found.map(([, y]) => y))).toBeLessThan(right.middleY);
  });

  it('draws no mark without a shift, nor for one below half a pixel', async () => {
    for (const shift of [undefined, { dx: 0.2, dy: 0.1, rollDeg: 0.02 }]) {
      const drawn = await overlay(shift);
      expect(find(drawn, ORANGE, [0, 200, 1600, 744])).toEqual([]);
      expect(find(drawn, SKY, [0, 200, 1600, 744])).toEqual([]);
    }
  });

  it('turns the verdict of the title into a badge and cuts what is too long', async () => {
    const drawn = await overlay(undefined, '🚨✅⚠️ a');
    for (const colour of [
      [224, 58, 62],
      [38, 160, 101],
      [245, 180, 40],
    ] as const)
      // prettier-ignore
      expect(find(drawn, colour, [24, 20, 220, 95]).length).toBeGreaterThan(200);
    const long = await overlay(undefined, 'W'.repeat(300));
    expect(find(long, [240, 242, 244], [1400, 20, 1576, 80]).length).toBeGreaterThan(100);
    expect(find(long, [240, 242, 244], [1577, 20, 1600, 80])).toEqual([]);
  });

  it('breaks long words of advice into lines', async () => {
    const subtitle = `yaw\n${'straighten it '.repeat(12)}`;
    const drawn = await open(
      await pictures.overlay({ expected: greyView, queryJpeg: grey, title: 'a', subtitle }),
    );
    expect(drawn.heightPx).toBe(744 + 2 * 54);
    expect(find(drawn, [168, 175, 183], [1577, 20, 1600, 300])).toEqual([]);
  });

  it('takes pictures of other shapes', async () => {
    const wide = await jpegOf(new Uint8Array(96 * 48).fill(200), 96, 48);
    const request = { expected: greyView, queryJpeg: wide, title: 'a', subtitle: 'b' };
    const drawn = await open(await pictures.overlay(request));
    expect([drawn.widthPx, drawn.heightPx]).toEqual([1600, 200 + 384 + 112]);
  });
});

describe('history plot', () => {
  const START = Date.UTC(2026, 0, 24);
  const at = (hour: number, differing: Partial<ResultRow> = {}): ResultRow =>
    resultRow({
      timestamp: new Date(START + hour * 3_600_000).toISOString(),
      ...{ yaw_offset: 0.4, pitch_offset: 0, roll_offset: -0.4 },
      ...differing,
    });
  const failed = { yaw_offset: null, pitch_offset: null, roll_offset: null, success: false };
  const plot = async (rows: ResultRow[]): Promise<Opened> =>
    open(await pictures.historyPlot({ rows, thresholdDeg: 0.5, title: 'site-a / north-mast' }));
  const area = [104, 128, 1168, 470];
  const strip = [104, 480, 1168, 506];
  const columnsOf = (found: readonly (readonly [number, number])[]): Set<number> =>
    new Set(found.map(([x]) => x));

  it('draws each angle in its colour at its height', async () => {
    const drawn = await plot(Array.from({ length: 24 }, (_, hour) => at(hour)));
    expect([drawn.widthPx, drawn.heightPx]).toEqual([1200, 600]);
    const [middle, perDegree] = [299, 171 / (1.15 * 1.25 * 0.5)];
    for (const [colour, angleDeg] of [
      [ORANGE, 0.4],
      [SKY, 0],
      [GREEN, -0.4],
    ] as const) {
      // prettier-ignore
      const rows = find(drawn, colour, area).map(([, y]) => y);
      const mean = rows.reduce((sum, y) => sum + y, 0) / rows.length;
      expect(Math.abs(mean - (middle - angleDeg * perDegree))).toBeLessThan(2);
    }
  });

  it('shades the band within the threshold', async () => {
    const drawn = await plot([at(0), at(100)]);
    const [inside, outside] = [drawn.at(140, 330), drawn.at(140, 460)];
    expect(inside[1] - outside[1]).toBeGreaterThan(8);
  });

  it('leaves gaps where nothing was measured and marks the checks that failed', async () => {
    const rows = Array.from({ length: 100 }, (_, hour) => at(hour, hour >= 40 && hour < 60 ? failed : {}));
    const drawn = await plot(rows);
    const line = columnsOf(find(drawn, ORANGE, area));
    const marks = columnsOf(find(drawn, VERMILION, strip));
    for (const x of [550, 600, 700])
      expect([line.has(x), [...marks].some((m) => Math.abs(m - x) < 8)]).toEqual([false, true]);
    for (const x of [200, 400, 900])
      expect([line.has(x), [...marks].some((m) => Math.abs(m - x) < 8)]).toEqual([true, false]);
  });

  it('draws no line across a time without checks', async () => {
    const drawn = await plot([0, 1, 2, 3, 4, 50, 51, 52, 53].map((hour) => at(hour)));
    const line = columnsOf(find(drawn, ORANGE, area));
    expect([line.has(600), line.has(140), line.has(1130)]).toEqual([false, true, true]);
  });

  it('draws a bar of one standard error to either side', async () => {
    const sigma = { yaw: 0.1, pitch: 0.001, roll: 0.001 };
    const drawn = await open(
      await pictures.historyPlot({ rows: [{ ...at(0), sigma }], thresholdDeg: 0.5, title: 'a' }),
    );
    const perDegree = 171 / (1.15 * 1.25 * 0.5);
    const marked = (angleDeg: number): boolean => {
      const [red, , blue] = drawn.at(636, 299 - angleDeg * perDegree);
      return red - blue > 60;
    };
    expect([0.32, 0.38, 0.42, 0.48].map(marked)).toEqual([true, true, true, true]);
    expect([0.27, 0.53].map(marked)).toEqual([false, false]);
  });

  it('marks where the reference changed, and draws no line across', async () => {
    const rows = Array.from({ length: 20 }, (_, hour) => at(hour));
    const half = new Date(Date.parse(at(9).timestamp) + 1_800_000).toISOString();
    const drawn = await open(
      await pictures.historyPlot({ rows, references: [half], thresholdDeg: 0.5, title: 'a' }),
    );
    const line = columnsOf(find(drawn, ORANGE, area));
    expect([620, 636, 650].map((x) => line.has(x))).toEqual([false, false, false]);
    expect([580, 690].map((x) => line.has(x))).toEqual([true, true]);
    expect(Math.min(...drawn.at(636, area[1]! + 2))).toBeGreaterThan(110);
  });

  it('stands with no check, one check, and one that failed', async () => {
    expect(find(await plot([]), ORANGE, area)).toEqual([]);
    const one = find(await plot([at(0)]), ORANGE, area);
    expect(one.length).toBeGreaterThan(30);
    expect(one[0]![0]).toBeCloseTo(636, -1);
    const unmeasured = await plot([at(0, failed)]);
    expect(find(unmeasured, ORANGE, area)).toEqual([]);
    expect(find(unmeasured, VERMILION, strip).length).toBeGreaterThan(20);
  });

  it('draws ten thousand checks, in any order', async () => {
    const rows = Array.from({ length: 10_000 }, (_, hour) => at(hour, { yaw_offset: 30 })).reverse();
    const line = columnsOf(find(await plot(rows), ORANGE, area));
    expect(line.size).toBeGreaterThan(1000);
  });
});

describe('coverage map', () => {
  const TOP = 156;
  const [LEFT, RIGHT] = [96, 1568];
  const stop = (
    panDeg: number,
    tiltDeg: number,
    weakness: string | null = null,
    ties: number | null = 900,
  ) => ({
    ...{
      ...viewOf(panDeg, tiltDeg),
      ...{ panDeg, tiltDeg },
      label: String(panDeg),
      widthPx: WIDTH,
      heightPx: HEIGHT,
      ties,
      weakness,
    },
  });
  const none = Array.from({ length: 36 }, () => '.'.repeat(72));
  const draw = async (stops: ReturnType<typeof stop>[], answered = none): Promise<Opened> =>
    open(
      await pictures.coverageMap({
        ...{ title: 'site-a/north', subtitle: '12 stops', stops, answered },
        sigmaDeg: answered.map((row) => [...row].map((letter) => (letter === '#' ? 0.02 : null))),
      }),
    );
  const around = Array.from({ length: 12 }, (_, i) => stop(i * 30 - 180, 0));
  const columns = (found: readonly (readonly [number, number])[]): [number, number] => {
    const xs = found.map(([x]) => x);
    return [Math.min(...xs), Math.max(...xs)];
  };

  it('shows the whole circle, and green where a check is answered', async () => {
    const rows = [...none];
    // Tilt 0 to +5°, pan 0 to +90°.
    rows[17] = '.'.repeat(36) + '#'.repeat(18) + '.'.repeat(18);
    const drawn = await draw(around, rows);
    const perDeg = (RIGHT - LEFT) / 360;
    const green: Rgb = [29, 83, 70];
    const [from, to] = columns(find(drawn, green, [LEFT, TOP, RIGHT, drawn.heightPx - 200], 12));
    expect(abs(from - (LEFT + 180 * perDeg))).toBeLessThan(8);
    expect(abs(to - (LEFT + 270 * perDeg))).toBeLessThan(8);
  });

  it('draws each stop as wide as it sees, and the weak ones so that nobody overlooks them', async () => {
    const weak = stop(90, 0, 'is almost black: scan by day or with light.');
    const drawn = await draw([...around.filter(({ panDeg }) => panDeg !== 90), weak]);
    const panel = [LEFT, TOP, RIGHT, TOP + 250];
    const perDeg = (RIGHT - LEFT) / 360;
    const [from, to] = columns(find(drawn, VERMILION, panel));
    const half = 30.4; // 60° wide, and a little more through its barrel
    expect(abs(from - (LEFT + (270 - half) * perDeg))).toBeLessThan(5);
    expect(abs(to - (LEFT + (270 + half) * perDeg))).toBeLessThan(5);
    expect(find(drawn, SKY, panel).length).toBeGreaterThan(2000);
    const without = await draw(around);
    expect(drawn.heightPx - without.heightPx).toBe(32);
    expect(find(without, VERMILION)).toEqual([]);
  });

  it('colours stops by the points that they share', async () => {
    const few = await draw([stop(0, 0, null, 30), stop(30, 0, null, 30)]);
    const panel = [LEFT, TOP, RIGHT, 900];
    expect(find(few, ORANGE, panel).length).toBeGreaterThan(500);
    expect(find(few, SKY, panel)).toEqual([]);
  });

  it('shows a part of the circle larger, also across pan 180°', async () => {
    for (const pan of [0, 180]) {
      const drawn = await draw([stop(pan - 15, 0), stop(pan + 15, 0)]);
      const [from, to] = columns(find(drawn, SKY, [LEFT, TOP, RIGHT, 900]));
      expect(to - from).toBeGreaterThan(1000);
    }
  });

  it('stands with one stop, at the zenith too', async () => {
    for (const tiltDeg of [0, 90]) {
      const drawn = await draw([stop(0, tiltDeg, null, null)]);
      expect(find(drawn, SKY).length).toBeGreaterThan(300);
    }
  });
});

describe('the drawing process', () => {
  it('leaves the event loop free', async () => {
    let longestMs = 0;
    let before = performance.now();
    const watch = setInterval(() => {
      const now = performance.now();
      [longestMs, before] = [Math.max(longestMs, now - before), now];
    }, 5);
    const frames = [await frameAt(0, 0)];
    [longestMs, before] = [0, performance.now()];
    const queryJpeg = frames[0]!.jpeg;
    await pictures.overlay({
      expected: { frames, wanted: cameraAt(3, 0) },
      queryJpeg,
      title: 'a',
      subtitle: 'b',
    });
    clearInterval(watch);
    expect(longestMs).toBeLessThan(250);
  });

  it('rejects what waits when it is closed, and may be closed twice', async () => {
    const own = createPictures();
    const drawn = own.historyPlot({ rows: [], thresholdDeg: 0.5, title: 'a' });
    const settled = expect(drawn).rejects.toMatchObject({ name: 'AppError', code: 'picture_failed' });
    await own.close();
    await own.close();
    await settled;
  });

  it('rejects the call that crashed it and draws the next one', async () => {
    const own = createPictures();
    const queryJpeg = await jpegOf(new Uint8Array(64 * 36), 64, 36);
    const expected = { frames: [], wanted: viewOf(0, 0) };
    // No picture can be so high.
    const subtitle = '\n'.repeat(100_000);
    const broken = own.overlay({ expected, queryJpeg, title: 'a', subtitle });
    await expect(broken).rejects.toMatchObject({ name: 'AppError', code: 'picture_failed' });
    const next = await own.historyPlot({ rows: [], thresholdDeg: 0.5, title: 'a' });
    expect(next.subarray(1, 4).toString()).toBe('PNG');
    await own.close();
  });
});
