import { afterEach, describe, expect, it } from '@jest/globals';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createFfmpegFrameSource } from '../../../src/adapters/camera/ffmpeg-frame-source.js';
import { createSystemClock } from '../../../src/adapters/runtime/system-clock.js';
import type { AppError } from '../../../src/ports/app-error.js';
import type { GrabbedFrame } from '../../../src/ports/frame-source.js';
import { LoopbackServer } from '../../../src/sandbox/site/loopback-server.js';
import { grabbersOf, never } from '../../capture/site-setup.js';
import { shownMs, type ClockVideo } from '../../servers/clock-video.js';
import { startGo2rtc } from '../../servers/go2rtc.js';
import { startGstRtsp, type WitnessCamera } from '../../servers/gst-rtsp.js';

const VIDEO: ClockVideo = { widthPx: 320, heightPx: 192, fps: 10, keySeconds: 2, codec: 'h264' };
const LOGIN = { username: 'view er', password: 'p@ss:w/rd?#%' };
const GST_LOGIN = [LOGIN.username, LOGIN.password] as const;
const clock = createSystemClock();

let camera: WitnessCamera | null = null;
const use = async (started: Promise<WitnessCamera>): Promise<WitnessCamera> => (camera = await started);

afterEach(async () => {
  const { port } = camera!;
  expect(grabbersOf(port)).toEqual([]);
  await camera!.close();
  camera = null;
});

interface Ask {
  readonly path?: string;
  readonly password?: string;
  readonly timeoutMs?: number;
  readonly inMs?: number;
}

const grab = (of: WitnessCamera, { path = of.path, password, timeoutMs = 12_000, inMs = 0 }: Ask = {}) => {
  const credentials = { ...LOGIN, ...(password === undefined ? {} : { password }) };
  const frames = createFfmpegFrameSource({ host: '127.0.0.1', port: of.port, path, credentials, clock });
  return frames.grab({ notBeforeMs: clock.nowMs() + inMs, timeoutMs }, never());
};

/** A whole picture that was taken after it was asked for, not merely sent. */
const expectFresh = async (of: WitnessCamera, inMs = 0): Promise<GrabbedFrame> => {
  const askedMs = clock.nowMs();
  const frame = await grab(of, { inMs });
  const takenMs = await shownMs(frame.jpeg, clock.nowMs());
  expect(takenMs).toBeGreaterThanOrEqual(askedMs + inMs);
  expect(takenMs).toBeLessThanOrEqual(frame.capturedAtMs);
  return frame;
};

/** A proxy that keeps a stream's beginning for a while and then sends it all at once. */
const startBurst = async (port: number, keepMs: number) => {
  let sentMs = Number.POSITIVE_INFINITY;
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    client.on('data', (chunk: Buffer) => {
      upstream.write(chunk);
      if (!chunk.toString('latin1').startsWith('PLAY')) return;
      upstream.unpipe(client);
      const kept: Buffer[] = [];
      const keep = (data: Buffer): void => void kept.push(data);
      upstream.on('data', keep).resume();
      setTimeout(() => {
        upstream.off('data', keep);
        sentMs = clock.nowMs();
        client.write(Buffer.concat(kept));
        upstream.pipe(client);
      }, keepMs);
    });
    upstream.pipe(client);
    for (const socket of [client, upstream])
      socket
        .on('error', () => socket.destroy())
        .once('close', () => [client, upstream].forEach((end) => end.destroy()));
  });
  const loopback = new LoopbackServer(server);
  return { port: await loopback.listen(), burstMs: () => sentMs, close: () => loopback.close() };
};

/** How a grab fails, within its time to the second. */
const expectFailure = async (of: WitnessCamera, code: string, ask: Ask, withinMs: number): Promise<void> => {
  const beganMs = clock.nowMs();
  const fault = await grab(of, ask).then(
    () => Promise.reject(new Error('It succeeded.')),
    (reason: unknown) => reason as AppError,
  );
  expect(fault).toMatchObject({ code });
  expect(clock.nowMs() - beganMs).toBeLessThan(withinMs);
  const told = [fault.message, fault.remedy, String(fault.cause)].join(' ');
  for (const secret of [LOGIN.password, encodeURIComponent(LOGIN.password), 'wr0ng'])
    expect(told).not.toContain(secret);
};

describe('gst-rtsp-server', () => {
  it('gives fresh whole pictures to a password of special characters, by digest', async () => {
    const of = await use(startGstRtsp({ ...VIDEO, login: GST_LOGIN }));
    expect(await expectFresh(of)).toMatchObject({ widthPx: 320, heightPx: 192 });
    // Joined at another point between keyframes, and asked for a picture of the near future.
    await sleep(700);
    await expectFresh(of, 400);
    await expectFailure(of, 'rtsp_auth', { password: 'wr0ng' }, 3_000);
    await expectFailure(of, 'rtsp_not_found', { path: '/other' }, 3_000);
  });

  it('gives H.265 by basic authentication', async () => {
    const of = await use(startGstRtsp({ ...VIDEO, codec: 'h265', login: GST_LOGIN, digest: false }));
    expect(await expectFresh(of)).toMatchObject({ widthPx: 320, heightPx: 192 });
  });

  it('may be interlaced, with pixels that are not square', async () => {
    const video = { ...VIDEO, widthPx: 352, heightPx: 288 };
    const of = await use(startGstRtsp({ ...video, login: null, aspect: '16/11', interlaced: true }));
    expect(await expectFresh(of)).toMatchObject({ widthPx: 512, heightPx: 288 });
  });

  it('is given up on in time when the stream stalls, or the server freezes', async () => {
    const of = await use(startGstRtsp({ ...VIDEO, login: GST_LOGIN }));
    await expectFresh(of);
    of.stall();
    await expectFailure(of, 'rtsp_timeout', { timeoutMs: 1_500 }, 2_500);
    of.freeze();
    await expectFailure(of, 'rtsp_timeout', { timeoutMs: 1_500 }, 2_500);
  });
});

describe('a server that first sends what it had kept', () => {
  it('does not get an old picture taken', async () => {
    const of = await use(startGstRtsp({ ...VIDEO, login: null }));
    const proxy = await startBurst(of.port, 1_500);
    try {
      const frame = await grab({ ...of, port: proxy.port });
      const takenMs = await shownMs(frame.jpeg, clock.nowMs());
      expect(takenMs).toBeGreaterThan(proxy.burstMs() - 200);
    } finally {
      await proxy.close();
    }
  });
});

describe('go2rtc', () => {
  it('gives fresh whole pictures wherever it is joined between keyframes', async () => {
    const of = await use(startGo2rtc(VIDEO));
    for (const pauseMs of [0, 900]) {
      await sleep(pauseMs);
      expect(await expectFresh(of)).toMatchObject({ widthPx: 320, heightPx: 192 });
    }
    await expectFailure(of, 'rtsp_not_found', { path: '/other' }, 3_000);
  });

  it('gives whole pictures of H.265 wherever it is joined, where the decoder would make up what is missing', async () => {
    const of = await use(startGo2rtc({ ...VIDEO, codec: 'h265' }));
    for (const pauseMs of [0, 700, 1_200]) {
      await sleep(pauseMs);
      await expectFresh(of);
    }
  });

  it('is joined ahead of a moment that is to come, so that the picture is there soon after it', async () => {
    const of = await use(startGo2rtc(VIDEO));
    const dueMs = clock.nowMs() + 3_000;
    const { capturedAtMs } = await expectFresh(of, 3_000);
    expect(capturedAtMs - dueMs).toBeLessThan(2_000);
  });

  it('gives pictures as they are encoded, whatever the stream says of turning them', async () => {
    const of = await use(startGo2rtc({ ...VIDEO, rotateDeg: 90 }));
    for (const pauseMs of [0, 700]) {
      await sleep(pauseMs);
      expect(await grab(of)).toMatchObject({ widthPx: 320, heightPx: 192 });
    }
  });

  it('is given up on in time when the stream stalls, or the server freezes', async () => {
    const of = await use(startGo2rtc(VIDEO));
    await expectFresh(of);
    of.stall();
    await expectFailure(of, 'rtsp_timeout', { timeoutMs: 1_500 }, 2_500);
    of.freeze();
    await expectFailure(of, 'rtsp_timeout', { timeoutMs: 1_500 }, 2_500);
  });
});
