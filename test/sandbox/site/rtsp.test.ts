import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startSite, type Site } from '../../../src/sandbox/site/site.js';
import { BARS, colourBarsCamera, type Colour } from '../colour-bars-camera.js';
import { grabPicture } from '../sandbox-clients.js';

const model = colourBarsCamera();
const PICTURE_BYTES = model.widthPx * model.heightPx * 3;
let site: Site;

const login = { username: 'viewer', password: 'p@ss' };
beforeAll(async () => {
  site = await startSite({
    name: 'rtsp',
    cameras: [
      { model, deviceId: 'cam-1', ...login },
      { model: colourBarsCamera(), deviceId: 'cam-2', ...login, rtspAuth: 'basic' },
    ],
    mqtt: {},
  });
});
afterAll(() => site.close());
beforeEach(() => site.setFault(0, null));

/** Colour in the middle of each bar. */
const barsOf = (picture: Buffer): Colour[] =>
  BARS.map((_, bar) => {
    const x = Math.floor(((bar + 0.5) * model.widthPx) / BARS.length);
    const at = ((model.heightPx / 2) * model.widthPx + x) * 3;
    return [picture[at]!, picture[at + 1]!, picture[at + 2]!];
  });

const worstDifference = (seen: readonly Colour[], shift: number): number =>
  Math.max(
    ...seen.flatMap((colour, bar) => colour.map((v, i) => Math.abs(v - BARS[(bar + shift) % 8]![i]!))),
  );

describe('the RTSP server', () => {
  it.each([{ extra: ['-probesize', '32'] }, { extra: [] }])(
    'gives ffmpeg $extra the right picture',
    async (how) => {
      const run = await grabPicture(site.cameras[0]!, how);
      expect(run.stdout.length).toBe(PICTURE_BYTES);
      expect(worstDifference(barsOf(run.stdout), 0)).toBeLessThan(8);
      expect(run.stderr).not.toMatch(/corrupt|error while decoding/i);
      // With its default settings ffmpeg looks at thirty pictures first: just over a second on an idle machine.
      expect(run.durationMs).toBeLessThan(how.extra.length > 0 ? 1_500 : 4_000);
    },
  );

  it('serves only pictures rendered after the request, also from an encoder that rested', async () => {
    await grabPicture(site.cameras[0]!);
    model.shift = 3;
    const run = await grabPicture(site.cameras[0]!);
    model.shift = 0;
    expect(worstDifference(barsOf(run.stdout), 3)).toBeLessThan(8);
  });

  it('asks for Basic when told to', async () => {
    const run = await grabPicture(site.cameras[1]!);
    expect(run.stdout.length).toBe(PICTURE_BYTES);
  });

  it('rejects a wrong password and a wrong path', async () => {
    const [stranger, lost, basic] = await Promise.all([
      grabPicture(site.cameras[0]!, { login: 'viewer:wrong' }),
      grabPicture(site.cameras[0]!, { path: '/elsewhere' }),
      grabPicture(site.cameras[1]!, { login: 'viewer:wrong' }),
    ]);
    expect(stranger.stderr).toContain('401 Unauthorized');
    expect(basic.stderr).toContain('401 Unauthorized');
    expect(lost.stderr).toContain('404 Not Found');
  });

  it('refuses, rejects and loses the path on demand, and recovers', async () => {
    site.setFault(0, { protocol: 'rtsp', kind: 'refuse' });
    expect((await grabPicture(site.cameras[0]!)).stderr).toContain('Connection refused');
    site.setFault(0, { protocol: 'rtsp', kind: 'badPassword' });
    expect((await grabPicture(site.cameras[0]!)).stderr).toContain('401 Unauthorized');
    site.setFault(0, { protocol: 'rtsp', kind: 'notFound' });
    expect((await grabPicture(site.cameras[0]!)).stderr).toContain('404 Not Found');
    site.setFault(0, null);
    expect((await grabPicture(site.cameras[0]!)).stdout.length).toBe(PICTURE_BYTES);
  });

  it('hangs, stalls and drops on demand', async () => {
    const camera = site.cameras[0]!;
    site.setFault(0, { protocol: 'rtsp', kind: 'hang' });
    expect((await grabPicture(camera, { timeoutMs: 500 })).timedOut).toBe(true);
    site.setFault(0, { protocol: 'rtsp', kind: 'stall', afterPackets: 1 });
    const stalled = await grabPicture(camera, { timeoutMs: 1_000 });
    expect(stalled.timedOut).toBe(true);
    expect(stalled.stdout.length).toBe(0);
    site.setFault(0, { protocol: 'rtsp', kind: 'drop', afterPackets: 1 });
    const dropped = await grabPicture(camera, { timeoutMs: 3_000 });
    expect(dropped.timedOut).toBe(false);
    expect(dropped.stdout.length).toBe(0);
  });
});
