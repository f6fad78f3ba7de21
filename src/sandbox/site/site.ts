import type { CameraModel } from '../camera/camera-model.js';
import { FaultSwitch, type Fault } from './device-faults.js';
import { startMqttBroker } from './mqtt-broker.js';
import { createTelemetry } from './mqtt-telemetry.js';
import { startOnvifServer } from '../onvif/server.js';
import { startRtspServer } from '../rtsp/server.js';

export type { Fault } from './device-faults.js';

interface SiteCamera {
  readonly model: CameraModel;
  readonly deviceId: string;
  readonly username: string;
  readonly password: string;
  /** How RTSP asks for the password (default digest). */
  readonly rtspAuth?: 'digest' | 'basic';
}

interface SiteOptions {
  readonly name: string;
  readonly cameras: readonly SiteCamera[];
  readonly mqtt: { readonly username?: string; readonly password?: string; readonly rateHz?: number };
  /** Pictures a second while somebody watches (default 5). */
  readonly fps?: number;
  readonly ffmpegPath?: string;
}

export interface SiteAddresses {
  readonly rtspPort: number;
  readonly onvifPort: number;
  /** Starts with a slash. */
  readonly rtspPath: string;
}

/** A running site: a broker and PTZ cameras, reachable on 127.0.0.1 only. */
export interface Site {
  readonly mqttPort: number;
  readonly cameras: readonly SiteAddresses[];
  /** Gives a camera one fault, or takes it away; it replaces the camera's earlier one. */
  setFault(cameraIndex: number, fault: Fault | null): void;
  /** Cuts everything; no process, socket or timer is left when it resolves. */
  close(): Promise<void>;
}

type Closer = () => Promise<void>;

const DEFAULT_FPS = 5;
const DEFAULT_RATE_HZ = 5;
const RTSP_PATH = '/stream1';

const startCamera = async (
  camera: SiteCamera,
  faults: FaultSwitch,
  options: SiteOptions,
  closers: Closer[],
): Promise<SiteAddresses> => {
  const { model, deviceId, username, password } = camera;
  const shared = { model, login: { username, password }, faults, fps: options.fps ?? DEFAULT_FPS };
  const rtsp = await startRtspServer({
    ...shared,
    path: RTSP_PATH,
    auth: camera.rtspAuth ?? 'digest',
    ffmpegPath: options.ffmpegPath ?? 'ffmpeg',
  });
  closers.push(rtsp.close);
  const streamUri = `rtsp://127.0.0.1:${rtsp.port}${RTSP_PATH}`;
  const onvif = await startOnvifServer({ ...shared, deviceId, streamUri });
  closers.push(onvif.close);
  return { rtspPort: rtsp.port, onvifPort: onvif.port, rtspPath: RTSP_PATH };
};

const startBroker = async (options: SiteOptions, faults: FaultSwitch[], closers: Closer[]) => {
  const { username, password, rateHz } = options.mqtt;
  const broker = await startMqttBroker({
    login: username === undefined ? null : { username, password: password ?? '' },
    rateHz: rateHz ?? DEFAULT_RATE_HZ,
    publishers: options.cameras.map(({ model, deviceId }, index) => ({
      topic: `telemetry/${deviceId}`,
      nextPayload: createTelemetry(model, faults[index]!),
    })),
  });
  closers.push(broker.close);
  return broker.port;
};

const closeAll = async (closers: readonly Closer[]): Promise<void> => {
  await Promise.all(closers.map((close) => close()));
};

/** Starts a site's broker and its cameras' RTSP and ONVIF servers, each on a free port of 127.0.0.1. */
export const startSite = async (options: SiteOptions): Promise<Site> => {
  const closers: Closer[] = [];
  const faults = options.cameras.map(() => new FaultSwitch());
  try {
    const mqttPort = await startBroker(options, faults, closers);
    const cameras = await Promise.all(
      options.cameras.map((camera, index) => startCamera(camera, faults[index]!, options, closers)),
    );
    let closed: Promise<void> | null = null;
    return {
      mqttPort,
      cameras,
      setFault: (cameraIndex, fault) => {
        const faulty = faults[cameraIndex];
        if (faulty === undefined) throw new RangeError(`${options.name} has no camera ${cameraIndex}`);
        faulty.set(fault);
      },
      close: () => (closed ??= closeAll(closers)),
    };
  } catch (error) {
    await closeAll(closers);
    throw error;
  }
};
