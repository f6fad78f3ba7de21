import { createServer } from 'node:net';
import type { CameraModel } from '../camera/camera-model.js';
import type { FaultSwitch } from '../site/device-faults.js';
import { DigestGate, type Login } from '../site/http-digest.js';
import { LoopbackServer } from '../site/loopback-server.js';
import { LiveVideo } from './live-video.js';
import { RtspSession } from './session.js';

interface RtspOptions {
  readonly model: CameraModel;
  readonly login: Login;
  readonly path: string;
  readonly auth: 'digest' | 'basic';
  readonly fps: number;
  readonly ffmpegPath: string;
  readonly faults: FaultSwitch;
}

interface RtspServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Serves one camera's live picture by RTSP over TCP on loopback. */
export const startRtspServer = async (options: RtspOptions): Promise<RtspServer> => {
  const { model, login, path, fps, faults } = options;
  const video = new LiveVideo(model, { fps, ffmpegPath: options.ffmpegPath });
  const digest = options.auth === 'digest' ? new DigestGate('camera', login, false) : null;
  const camera = { path, fps, login, digest, video, faults };
  const server = createServer((socket) => new RtspSession(socket, camera));
  const loopback = new LoopbackServer(server);
  const port = await loopback.listen();
  faults.onChange(() => {
    if (faults.rtsp?.kind === 'refuse') loopback.suspend();
    else loopback.resume();
  });
  return {
    port,
    close: async () => {
      await loopback.close();
      await video.close();
    },
  };
};
