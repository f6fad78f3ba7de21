import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import type { FaultSwitch } from '../site/device-faults.js';
import { acceptsBasic, type DigestGate, type Login } from '../site/http-digest.js';
import type { LivePicture, LiveVideo, Viewer } from './live-video.js';
import { createRequestReader, formatAnswer, type RtspRequest } from './message.js';
import { RtpPacketiser } from './rtp.js';
import { describeStream } from './sdp.js';

/** What all connections to one camera share. */
interface RtspCamera {
  readonly path: string;
  readonly fps: number;
  readonly login: Login;
  /** Null: Basic instead of Digest. */
  readonly digest: DigestGate | null;
  readonly video: LiveVideo;
  readonly faults: FaultSwitch;
}

const METHODS = 'OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER';
const SESSION_TIMEOUT_S = 60;
/** A client this far behind misses pictures until the next keyframe. */
const MAX_BACKLOG_BYTES = 4_000_000;
/** ffmpeg with default settings looks at about thirty pictures before it gives the first. */
const NEW_FOR_PICTURES = 30;
const DEFAULT_FAULT_AFTER_PACKETS = 20;

/** One RTSP connection over TCP: answers requests and, after PLAY, carries one client's stream. */
export class RtspSession implements Viewer {
  readonly #id = randomBytes(8).toString('hex');
  #packetiser: RtpPacketiser | null = null;
  #leave: (() => void) | null = null;
  #packetsSent = 0;
  #picturesSent = 0;
  #awaitsKey = true;

  constructor(
    private readonly socket: Socket,
    private readonly camera: RtspCamera,
  ) {
    socket.setNoDelay(true);
    const read = createRequestReader((request) => void this.#answer(request));
    socket.on('data', (chunk) => read(chunk));
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.#stop());
  }

  get isNew(): boolean {
    return this.#picturesSent < NEW_FOR_PICTURES;
  }

  onPicture(picture: LivePicture): void {
    if (this.socket.writableLength > MAX_BACKLOG_BYTES) this.#awaitsKey = true;
    else if (picture.isKey) this.#awaitsKey = false;
    if (this.#awaitsKey || this.#packetiser === null) return;
    this.#picturesSent += 1;
    this.socket.cork();
    for (const packet of this.#packetiser.packets(picture.nals, picture.renderedAtMs)) this.#send(packet);
    this.socket.uncork();
  }

  onEnd(): void {
    this.socket.destroy();
  }

  #send(packet: Buffer): void {
    const fault = this.camera.faults.rtsp;
    if (fault?.kind === 'stall' || fault?.kind === 'drop') {
      if (this.#packetsSent >= (fault.afterPackets ?? DEFAULT_FAULT_AFTER_PACKETS)) {
        if (fault.kind === 'drop') this.socket.destroySoon();
        return;
      }
    }
    this.#packetsSent += 1;
    this.socket.write(packet);
  }

  async #answer(request: RtspRequest): Promise<void> {
    const fault = this.camera.faults.rtsp?.kind;
    if (fault === 'hang') return;
    const reply = (status: number, headers: Record<string, string> = {}, body = ''): void => {
      if (this.socket.writable) this.socket.write(formatAnswer(status, request, headers, body));
    };
    if (request.method === 'OPTIONS') return reply(200, { Public: METHODS });
    if (fault === 'badPassword' || !this.#isAllowed(request))
      return reply(401, { 'WWW-Authenticate': this.camera.digest?.challenge() ?? 'Basic realm="camera"' });
    if (fault === 'notFound' || !this.#isKnown(request.uri)) return reply(404);
    if (request.method === 'DESCRIBE') return this.#describe(request, reply);
    if (request.method === 'SETUP') return this.#setUp(request, reply);
    const session = { Session: this.#id };
    if (request.method === 'GET_PARAMETER') return reply(200, session);
    if (request.method !== 'PLAY' && request.method !== 'TEARDOWN') return reply(405, { Allow: METHODS });
    if (request.headers.get('session')?.split(';')[0] !== this.#id) return reply(454);
    if (request.method === 'TEARDOWN') {
      this.#stop();
      reply(200, session);
      this.socket.end();
      return;
    }
    if (this.#packetiser === null) return reply(455);
    reply(200, { ...session, Range: 'npt=now-' });
    this.#leave ??= this.camera.video.join(this);
  }

  async #describe(
    request: RtspRequest,
    reply: (status: number, headers?: Record<string, string>, body?: string) => void,
  ): Promise<void> {
    try {
      const sdp = describeStream(await this.camera.video.parameterSets(), this.camera.fps);
      reply(200, { 'Content-Type': 'application/sdp', 'Content-Base': `${request.uri}/` }, sdp);
    } catch (error) {
      process.emitWarning(error instanceof Error ? error : String(error));
      reply(500);
    }
  }

  #setUp(request: RtspRequest, reply: (status: number, headers?: Record<string, string>) => void): void {
    const transport = request.headers.get('transport') ?? '';
    if (!/RTP\/AVP\/TCP/i.test(transport)) return reply(461);
    const channel = Number(/interleaved=(\d+)/.exec(transport)?.[1] ?? 0);
    const ssrc = randomBytes(4).readUInt32BE(0);
    this.#packetiser = new RtpPacketiser(channel, ssrc);
    reply(200, {
      Transport: `RTP/AVP/TCP;unicast;interleaved=${channel}-${channel + 1};ssrc=${ssrc.toString(16).padStart(8, '0')}`,
      Session: `${this.#id};timeout=${SESSION_TIMEOUT_S}`,
    });
  }

  #isAllowed(request: RtspRequest): boolean {
    const sent = request.headers.get('authorization');
    const { digest, login } = this.camera;
    return digest === null ? acceptsBasic(sent, login) : digest.accepts(sent, request.method);
  }

  #isKnown(uri: string): boolean {
    if (!URL.canParse(uri)) return false;
    return new URL(uri).pathname.replace(/\/(trackID=0)?$/, '') === this.camera.path;
  }

  #stop(): void {
    this.#leave?.();
    this.#leave = null;
  }
}
