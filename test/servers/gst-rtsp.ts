import { fileURLToPath } from 'node:url';
import { feedClock, type ClockVideo } from './clock-video.js';
import { startProgram } from './started-program.js';

export interface GstOptions extends ClockVideo {
  readonly login: readonly [string, string] | null;
  readonly digest?: boolean;
  /** Width to height of a pixel. */
  readonly aspect?: string;
  readonly interlaced?: boolean;
}

/** A camera of which nobody here wrote the RTSP server; its pictures show the time. */
export interface WitnessCamera {
  readonly port: number;
  readonly path: string;
  /** The stream stays open and brings nothing more. */
  stall(): void;
  /** The server stops answering without closing anything. */
  freeze(): void;
  close(): Promise<void>;
}

const SCRIPT = fileURLToPath(new URL('../../../test/servers/gst-rtsp.py', import.meta.url));
const PACKAGES =
  'python3-gi gir1.2-gst-rtsp-server-1.0 ' +
  ['base', 'good', 'ugly', 'bad'].map((name) => `gstreamer1.0-plugins-${name}`).join(' ');

/** Starts gst-rtsp-server on a free port of loopback. */
export const startGstRtsp = async (options: GstOptions): Promise<WitnessCamera> => {
  const { widthPx: width, heightPx: height, digest = true, ...rest } = options;
  const program = await startProgram({
    command: '/usr/bin/python3',
    args: [SCRIPT, JSON.stringify({ width, height, digest, ...rest })],
    ready: /port \d+\n/,
    packages: PACKAGES,
  });
  const feed = feedClock(options, program.stdin);
  return {
    port: Number(/port (\d+)/.exec(program.output())?.[1]),
    path: '/stream1',
    stall: () => feed.stop(),
    freeze: () => void process.kill(program.pid, 'SIGSTOP'),
    close: async () => {
      feed.stop();
      await program.stop('SIGKILL');
    },
  };
};
