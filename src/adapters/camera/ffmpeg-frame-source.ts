import ffmpeg from 'fluent-ffmpeg';
import type { Credentials } from '../../config/settings.js';
import { AppError } from '../../ports/app-error.js';
import type { Clock } from '../../ports/clock.js';
import type { FrameSource, GrabbedFrame } from '../../ports/frame-source.js';
import { runBounded, type ProcessLimits, type ProcessRun } from '../process/bounded-process.js';
import { jpegSize } from './jpeg-size.js';
import { redact } from '../runtime/redact.js';
import { rtspCorrupt, rtspFailure, rtspTimeout } from './rtsp-errors.js';

interface FfmpegFrameSourceOptions {
  readonly host: string;
  readonly port: number;
  /** Path and query of the stream, with or without the leading slash. */
  readonly path: string;
  readonly credentials: Credentials | null;
  readonly clock: Clock;
  readonly ffmpegPath?: string;
}

/**
 * How a stream is opened: `quick` takes the pictures as they come, `gated` those after the first whole one, `patient` whole
 * ones only. Each is for streams that are damaged to the one before.
 */
const MODES = ['quick', 'gated', 'patient'] as const;
type Mode = (typeof MODES)[number];

const SOCKET_TIMEOUT_US = 5_000_000;
const MIN_QUICK_MS = 4_000;
/** Connecting takes half a second, and a whole picture, from which the others can be decoded, comes every two or so. */
const OPEN_AHEAD_MS = 3_000;
/** From the lens to here: encoders, servers and networks hold a picture back so long. */
const LATENCY_MS = 800;
const DAMAGE = /corrupt decoded frame|error while decoding|concealing \d+|could not find ref/i;

/** Joined between two whole pictures: what comes before the next one is grey, or made up by the decoder. */
const SINCE_WHOLE = `select='st(0,max(ld(0),key));ld(0)'`;
/** Written to standard error with each picture, so that damage before the first whole one is known from damage after it. */
const MARK = 'calib.whole';
const MARKED = `metadata=mode=add:key=${MARK}:value=1,metadata=mode=print:key=${MARK}:file=pipe\\\\:2:direct=1`;
/**
 * Servers and proxies send pictures from before the connection first, in a burst: they come faster than the stream's own
 * times tell. The picture taken is the first after a while without such haste, or after a longer while where the network
 * itself delivers in clumps. Registers: 0 the last haste, 1 and 2 wall clock and time of the picture before, 3 the first, 4 now.
 */
const LIVE = [
  'st(4,time(0))',
  'if(eq(n,0),st(3,ld(4));st(0,ld(4)))',
  'if(gt(n,0)*not(gte(ld(4)-ld(1),(t-ld(2))/2)),st(0,ld(4)))',
  'st(1,ld(4))',
  'st(2,t)',
  'gte(ld(4)-ld(0),0.3)+gte(ld(4)-ld(3),1.5)',
].join(';');
/** Pixels that are not square are made so: the solver knows no others. */
const SQUARE = `scale=w='round(iw*sar)':h=ih,setsar=1`;

const INPUT: Readonly<Record<Mode, readonly string[]>> = {
  quick: ['-probesize', '32', '-xerror'],
  gated: ['-probesize', '32'],
  // Whole pictures only, each complete in itself: nothing grey, whatever came before is not needed.
  patient: ['-probesize', '32', '-skip_frame', 'nokey'],
};

/** The first picture that is whole, live and not from before the time; seconds of the wall clock. */
const filterOf = (mode: Mode, fromS: number): string => {
  const notBefore = `select='gte(time(0),${fromS.toFixed(3)})'`;
  const chosen: Readonly<Record<Mode, readonly string[]>> = {
    quick: [`select='${LIVE}'`],
    gated: [SINCE_WHOLE, MARKED, `select='${LIVE}'`],
    patient: [],
  };
  return [...chosen[mode], notBefore, SQUARE].join(',');
};

/** Faults with which the next mode is tried; a stream that turns its pictures makes ffmpeg forget that one was whole. */
const TRY_NEXT_ON: Readonly<Record<Mode, readonly string[]>> = {
  quick: ['rtsp_corrupt'],
  gated: ['rtsp_corrupt', 'rtsp_timeout'],
  patient: [],
};

/** What ffmpeg printed about the pictures that count. */
const afterFirstWhole = (stderr: string): string => stderr.slice(Math.max(0, stderr.indexOf(MARK)));

class FfmpegFrameSource implements FrameSource {
  constructor(private readonly options: FfmpegFrameSourceOptions) {}

  async grab(
    { notBeforeMs, timeoutMs }: { notBeforeMs: number; timeoutMs: number },
    signal: AbortSignal,
  ): Promise<GrabbedFrame> {
    const { clock } = this.options;
    const untilMs = clock.nowMs() + timeoutMs;
    const aheadMs = Math.max(0, notBeforeMs - clock.nowMs());
    const fromMs = Date.now() + aheadMs + LATENCY_MS;
    if (aheadMs > OPEN_AHEAD_MS) await clock.sleep(aheadMs - OPEN_AHEAD_MS, signal);
    for (const mode of MODES) {
      try {
        return await this.attempt(mode, fromMs, untilMs, signal);
      } catch (fault) {
        const mayHelp = fault instanceof AppError && TRY_NEXT_ON[mode].includes(fault.code);
        if (!mayHelp || untilMs - clock.nowMs() < MIN_QUICK_MS) throw fault;
      }
    }
    throw rtspTimeout(this.name(), '');
  }

  private async attempt(
    mode: Mode,
    fromMs: number,
    untilMs: number,
    signal: AbortSignal,
  ): Promise<GrabbedFrame> {
    const { clock, credentials } = this.options;
    const leftMs = Math.max(1, untilMs - clock.nowMs());
    const limits = {
      timeoutMs: mode === 'gated' ? leftMs / 2 : leftMs,
      // Known before the picture is due, so that another mode can take its place.
      ...(mode === 'quick' ? { endOn: DAMAGE } : {}),
    };
    const run = await this.run(this.argumentsFor(mode, fromMs), limits, signal);
    const stderr = redact(run.stderr, credentials);
    const stream = this.name();
    const isDamaged = DAMAGE.test(mode === 'gated' ? afterFirstWhole(stderr) : stderr);
    if (isDamaged && (mode !== 'patient' || run.stdout.length > 0))
      throw rtspCorrupt(stream, 'the frame could not be decoded completely');
    if (run.stdout.length === 0)
      throw run.wasKilled ? rtspTimeout(stream, stderr) : rtspFailure(stream, stderr);
    const size = jpegSize(run.stdout);
    if (size === null)
      throw run.wasKilled ? rtspTimeout(stream, stderr) : rtspCorrupt(stream, 'the frame is incomplete');
    return { jpeg: run.stdout, ...size, capturedAtMs: clock.nowMs() };
  }

  private async run(
    args: readonly string[],
    limits: ProcessLimits,
    signal: AbortSignal,
  ): Promise<ProcessRun> {
    const { ffmpegPath = 'ffmpeg' } = this.options;
    try {
      return await runBounded(ffmpegPath, args, limits, signal);
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
  private argumentsFor(mode: Mode, fromMs: number): string[] {
    const command = ffmpeg()
      .input(this.url())
      .inputOptions(['-hide_banner', '-nostdin', '-loglevel', 'warning'])
      .inputOptions(['-rtsp_transport', 'tcp', '-allowed_media_types', 'video'])
      // ffmpeg heeds what a stream says of turning its pictures at some moments only: as encoded, all are alike.
      .inputOptions(['-noautorotate', '-timeout', String(SOCKET_TIMEOUT_US), ...INPUT[mode]])
      .outputOptions(['-map', '0:v:0', '-vf', filterOf(mode, fromMs / 1000), '-frames:v', '1'])
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
