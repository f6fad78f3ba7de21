import ffmpeg from 'fluent-ffmpeg';
import type { Credentials } from '../config/settings.js';
import { AppError } from '../ports/app-error.js';
import type { Clock } from '../ports/clock.js';
import type { FrameSource, GrabbedFrame } from '../ports/frame-source.js';
import { runBounded, type ProcessRun } from './bounded-process.js';
import { jpegSize } from './jpeg-size.js';
import { redact } from './redact.js';
import { rtspCorrupt, rtspFailure, rtspTimeout } from './rtsp-failures.js';

export interface FfmpegFrameSourceOptions {
  readonly host: string;
  readonly port: number;
  /** Path and query of the stream, with or without the leading slash. */
  readonly path: string;
  readonly credentials: Credentials | null;
  readonly clock: Clock;
  readonly ffmpegPath?: string;
}

/** How a stream is opened: `quick` trusts it to start with a whole picture, `patient` waits for one. */
type Manner = 'quick' | 'patient';

const SOCKET_TIMEOUT_US = 5_000_000;
const MIN_QUICK_MS = 4_000;
const DAMAGE = /corrupt decoded frame|error while decoding|concealing \d+/i;

/**
 * Servers and proxies send pictures from before the connection first, in a burst. The picture taken is the first whose data
 * came this long after the first data, by the wall clock: the stream's own times would not tell a burst.
 */
const BURST_S = 0.6;
const BY_ARRIVAL = ['-use_wallclock_as_timestamps', '1'];
/** Pixels that are not square are made so: the solver knows no others. */
const FILTER = `select='gte(t,${BURST_S})',scale=w='round(iw*sar)':h=ih,setsar=1`;

const INPUT: Readonly<Record<Manner, readonly string[]>> = {
  quick: ['-probesize', '32', '-xerror'],
  // Whole pictures only, each complete in itself: nothing grey, whatever came before is not needed.
  patient: ['-probesize', '1000000', '-analyzeduration', '3000000', '-skip_frame', 'nokey'],
};

class FfmpegFrameSource implements FrameSource {
  constructor(private readonly options: FfmpegFrameSourceOptions) {}

  async grab(
    { notBeforeMs, timeoutMs }: { notBeforeMs: number; timeoutMs: number },
    signal: AbortSignal,
  ): Promise<GrabbedFrame> {
    const { clock } = this.options;
    const untilMs = clock.nowMs() + timeoutMs;
    const waitMs = notBeforeMs - clock.nowMs();
    if (waitMs > 0) await clock.sleep(waitMs, signal);
    try {
      return await this.attempt('quick', untilMs, signal);
    } catch (fault) {
      const isDamaged = fault instanceof AppError && fault.code === 'rtsp_corrupt';
      if (!isDamaged || untilMs - clock.nowMs() < MIN_QUICK_MS) throw fault;
      // Joined between two whole pictures, as happens with servers that do not wait for one.
      return this.attempt('patient', untilMs, signal);
    }
  }

  private async attempt(manner: Manner, untilMs: number, signal: AbortSignal): Promise<GrabbedFrame> {
    const { clock, credentials } = this.options;
    const run = await this.run(manner, Math.max(1, untilMs - clock.nowMs()), signal);
    const stderr = redact(run.stderr, credentials);
    const stream = this.name();
    if (run.stdout.length === 0)
      throw run.wasKilled ? rtspTimeout(stream, stderr) : rtspFailure(stream, stderr);
    const size = jpegSize(run.stdout);
    if (size === null)
      throw run.wasKilled ? rtspTimeout(stream, stderr) : rtspCorrupt(stream, 'half a frame');
    if (DAMAGE.test(stderr)) throw rtspCorrupt(stream, 'the frame could not be decoded whole');
    return { jpeg: run.stdout, ...size, capturedAtMs: clock.nowMs() };
  }

  private async run(manner: Manner, timeoutMs: number, signal: AbortSignal): Promise<ProcessRun> {
    const { ffmpegPath = 'ffmpeg' } = this.options;
    try {
      return await runBounded(ffmpegPath, this.argumentsFor(manner), timeoutMs, signal);
    } catch (fault) {
      signal.throwIfAborted();
      throw new AppError(
        'ffmpeg_missing',
        `The program ${ffmpegPath} cannot be started.`,
        'Install ffmpeg (Debian: apt-get install ffmpeg).',
        fault,
      );
    }
  }

  /** Built by fluent-ffmpeg, run by ourselves: its own kill comes too late for a process that hangs at its start. */
  private argumentsFor(manner: Manner): string[] {
    const command = ffmpeg()
      .input(this.url())
      .inputOptions(['-hide_banner', '-nostdin', '-loglevel', 'warning'])
      .inputOptions(['-rtsp_transport', 'tcp', '-allowed_media_types', 'video'])
      .inputOptions(['-timeout', String(SOCKET_TIMEOUT_US), ...BY_ARRIVAL, ...INPUT[manner]])
      .outputOptions(['-map', '0:v:0', '-vf', FILTER, '-frames:v', '1'])
      .outputOptions(['-c:v', 'mjpeg', '-pix_fmt', 'yuvj420p', '-q:v', '2', '-f', 'image2pipe'])
      .output('pipe:1');
    return command._getArguments();
  }

  private url(): string {
    const { host, port, path, credentials } = this.options;
    const login =
      credentials === null
        ? ''
        : `${encodeURIComponent(credentials.username)}:${encodeURIComponent(credentials.password)}@`;
    return `rtsp://${login}${bracketed(host)}:${port}/${path.replace(/^\//, '')}`;
  }

  private name(): string {
    const { host, port, path } = this.options;
    return redact(`rtsp://${bracketed(host)}:${port}/${path.replace(/^\//, '').replace(/\?.*$/, '')}`);
  }
}

const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host);

/** Takes stills from an RTSP stream with ffmpeg, a process a frame. */
export const createFfmpegFrameSource = (options: FfmpegFrameSourceOptions): FrameSource =>
  new FfmpegFrameSource(options);
