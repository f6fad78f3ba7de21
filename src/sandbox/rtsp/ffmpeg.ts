import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { createFlvReader, type FlvHandlers, type ParameterSets } from './flv.js';
import { timeoutSignal } from '../../async/timeout-signal.js';

interface VideoFormat {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly fps: number;
  readonly ffmpegPath: string;
}

export type EncoderProcess = ChildProcessByStdio<Writable, Readable, null>;

const PARAMETER_SETS_TIMEOUT_MS = 5_000;
/** One thread and whole slices: with sliced threads clients saw half pictures. A keyframe every fifth picture. */
const X264 = 'keyint=5:min-keyint=5:scenecut=0:sliced-threads=0';

const argumentsFor = (format: VideoFormat): string[] => [
  ...['-hide_banner', '-loglevel', 'quiet', '-fflags', 'nobuffer', '-probesize', '32'],
  ...['-f', 'rawvideo', '-pixel_format', 'rgb24', '-video_size', `${format.widthPx}x${format.heightPx}`],
  ...['-framerate', String(format.fps), '-i', 'pipe:0'],
  // Matrix and range are both applied and told, so that clients give back the colours that were rendered.
  ...['-vf', 'scale=out_color_matrix=bt601:out_range=tv', '-pix_fmt', 'yuv420p', '-colorspace', 'smpte170m'],
  ...['-color_primaries', 'smpte170m', '-color_trc', 'smpte170m', '-color_range', 'tv'],
  ...['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-crf', '18'],
  ...['-x264-params', X264, '-threads', '1', '-flush_packets', '1', '-f', 'flv', 'pipe:1'],
];

/** Starts an encoder that takes rgb24 pictures on stdin; it also ends by itself when stdin closes. */
export const spawnEncoder = (format: VideoFormat, handlers: FlvHandlers): EncoderProcess => {
  const child = spawn(format.ffmpegPath, argumentsFor(format), { stdio: ['pipe', 'pipe', 'ignore'] });
  child.stdout.on('data', createFlvReader(handlers));
  // A write to an encoder that has just been killed fails; its end is told by 'close'.
  child.stdin.on('error', () => child.kill('SIGKILL'));
  return child;
};

/** Kills for certain and waits until the process is gone. */
export const killEncoder = async (child: EncoderProcess): Promise<void> => {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.kill('SIGKILL');
  await closed;
};

const encodeOnePicture = async (format: VideoFormat): Promise<ParameterSets> => {
  let found: ParameterSets | null = null;
  const child = spawnEncoder(format, {
    onParameterSets: (sets) => (found = sets),
    onPicture: () => undefined,
  });
  try {
    child.stdin.end(Buffer.alloc(format.widthPx * format.heightPx * 3));
    await once(child, 'close', { signal: timeoutSignal(PARAMETER_SETS_TIMEOUT_MS) });
  } finally {
    await killEncoder(child);
  }
  if (found === null) throw new Error(`${format.ffmpegPath} made no H.264; is it built with libx264?`);
  return found;
};

const known = new Map<string, Promise<ParameterSets>>();

/** SPS and PPS of streams of this format, for the SDP: they depend on the settings alone, so one black picture tells them. */
export const parameterSetsOf = (format: VideoFormat): Promise<ParameterSets> => {
  const key = JSON.stringify(format);
  const sets = known.get(key) ?? encodeOnePicture(format);
  known.set(key, sets);
  sets.catch(() => known.delete(key));
  return sets;
};
