import { TaskSet } from '../../async/task-set.js';
import type { CameraModel } from '../camera/camera-model.js';
import { killEncoder, parameterSetsOf, spawnEncoder, type EncoderProcess } from './ffmpeg.js';
import type { CodedPicture, ParameterSets } from './flv.js';

/** A picture on its way to clients; parameter sets precede keyframes. */
export interface LivePicture extends CodedPicture {
  readonly renderedAtMs: number;
}

export interface Viewer {
  /** True for the first pictures after joining: clients look at some before they show one. */
  readonly isNew: boolean;
  onPicture(picture: LivePicture): void;
  /** The encoder died. */
  onEnd(): void;
}

const LINGER_MS = 3_000;
/** While a viewer is new pictures come as fast as this, so that it need not wait for the slow stream's next keyframe. */
const HURRY_MS = 33;
/** Pictures rendered and not yet out of the encoder; more would no longer be live. */
const MAX_IN_FLIGHT = 2;

/**
 * One camera's encoder: runs while somebody watches and a few seconds longer, renders only when the last picture has gone
 * through, so that what a client gets has always just been rendered. It rests while nobody watches.
 */
export class LiveVideo {
  readonly #viewers = new Set<Viewer>();
  readonly #ending = new TaskSet();
  #child: EncoderProcess | null = null;
  #sets: ParameterSets | null = null;
  #inFlightMs: number[] = [];
  #draining = false;
  #nextPicture: NodeJS.Timeout | null = null;
  #lastStartMs = 0;
  #linger: NodeJS.Timeout | null = null;

  constructor(
    private readonly model: CameraModel,
    private readonly settings: { readonly fps: number; readonly ffmpegPath: string },
  ) {}

  parameterSets(): Promise<ParameterSets> {
    return parameterSetsOf(this.#format());
  }

  /** Lets the viewer watch from now; answers how to leave. */
  join(viewer: Viewer): () => void {
    this.#viewers.add(viewer);
    if (this.#linger !== null) clearTimeout(this.#linger);
    this.#linger = null;
    this.#child ??= this.#start();
    this.#schedule();
    return () => this.#leave(viewer);
  }

  async close(): Promise<void> {
    this.#viewers.clear();
    if (this.#linger !== null) clearTimeout(this.#linger);
    this.#stop();
    await this.#ending.settled();
  }

  #format(): Parameters<typeof parameterSetsOf>[0] {
    return { widthPx: this.model.widthPx, heightPx: this.model.heightPx, ...this.settings };
  }

  #start(): EncoderProcess {
    const child = spawnEncoder(this.#format(), {
      onParameterSets: (sets) => (this.#sets = sets),
      onPicture: (picture) => this.#onCoded(child, picture),
    });
    this.#inFlightMs = [];
    this.#draining = false;
    child.once('error', (error) => process.emitWarning(error));
    child.once('close', () => this.#onClosed(child));
    return child;
  }

  #leave(viewer: Viewer): void {
    if (!this.#viewers.delete(viewer) || this.#viewers.size > 0) return;
    this.#linger = setTimeout(() => this.#stop(), LINGER_MS);
  }

  #stop(): void {
    if (this.#nextPicture !== null) clearTimeout(this.#nextPicture);
    this.#nextPicture = null;
    const child = this.#child;
    this.#child = null;
    if (child !== null) this.#ending.add(killEncoder(child));
  }

  #onClosed(child: EncoderProcess): void {
    if (this.#child !== child) return;
    this.#stop();
    const left = [...this.#viewers];
    this.#viewers.clear();
    for (const viewer of left) viewer.onEnd();
  }

  /** Plans the next picture, if somebody watches and none is planned or being written. */
  #schedule(): void {
    if (this.#nextPicture !== null || this.#draining || this.#child === null || this.#viewers.size === 0)
      return;
    if (this.#inFlightMs.length >= MAX_IN_FLIGHT) return;
    const isHurried = [...this.#viewers].some((viewer) => viewer.isNew);
    const periodMs = isHurried ? HURRY_MS : 1000 / this.settings.fps;
    const waitMs = Math.max(0, this.#lastStartMs + periodMs - performance.now());
    this.#nextPicture = setTimeout(() => this.#feed(), waitMs);
  }

  #feed(): void {
    this.#nextPicture = null;
    const child = this.#child;
    if (child === null) return;
    const nowMs = performance.now();
    this.#lastStartMs = nowMs;
    this.#draining = true;
    this.#inFlightMs.push(nowMs);
    // Copied: the model may draw its next picture into the same memory before the pipe has taken this one.
    child.stdin.write(Buffer.from(this.model.renderRgb(nowMs)), () => {
      if (this.#child !== child) return;
      this.#draining = false;
      this.#schedule();
    });
  }

  #onCoded(child: EncoderProcess, picture: CodedPicture): void {
    if (this.#child !== child) return;
    const renderedAtMs = this.#inFlightMs.shift() ?? performance.now();
    const isWhole = picture.isKey && this.#sets !== null;
    const nals = isWhole ? [this.#sets!.sps, this.#sets!.pps, ...picture.nals] : picture.nals;
    for (const viewer of [...this.#viewers]) viewer.onPicture({ ...picture, nals, renderedAtMs });
    this.#schedule();
  }
}
