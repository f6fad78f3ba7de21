import type { ConnectedDevice } from '../../capture/capture-service.js';
import {
  restoreCameras,
  type RestoreOptions,
  type RestoredCamera,
} from '../../capture/restore-after-crash.js';
import type { DeploymentSettings, DeviceSettings, Settings } from '../../config/settings.js';
import { AppError } from '../../ports/app-error.js';
import type { Clock } from '../../ports/clock.js';
import type { FrameSource } from '../../ports/frame-source.js';
import type { PtzController } from '../../ports/ptz-controller.js';
import type { Endpoint, OpenService, ServiceLink } from '../../ports/service-link.js';
import { withLinkErrors } from './link-errors.js';
import { createFfmpegFrameSource } from '../camera/ffmpeg-frame-source.js';
import { createOnvifPtz } from '../camera/onvif-ptz.js';
import { SharedBroker, type BrokerLease } from './shared-broker.js';

interface DeviceConnectionsOptions {
  readonly settings: Settings;
  readonly clock: Clock;
  /** The link into a deployment; the same one until it has changed. */
  linkFor(deployment: DeploymentSettings): ServiceLink;
}

/** Connections to all devices in the settings. */
export interface DeviceConnections {
  /** Connects to one device's telemetry and video and, on first use, its head. AppErrors of the links and `broker_…`. */
  openDevice(device: DeviceSettings, signal: AbortSignal): Promise<ConnectedDevice>;
  /** Connects to one device's video alone. */
  openFrames(device: DeviceSettings, signal: AbortSignal): Promise<OpenFrames>;
  /** Connects to one device's head alone, at the first call; null where the settings name none. */
  openPtz(device: DeviceSettings): PtzController | null;
  /** The deployment's broker, connected when first needed. */
  leaseBroker(deployment: DeploymentSettings, signal: AbortSignal): Promise<BrokerLease>;
  /** Puts back the cameras that a killed process left away from home; reports on each, never throws for one. */
  restoreCameras(holding: RestoreOptions['holding'], signal: AbortSignal): Promise<RestoredCamera[]>;
  close(): Promise<void>;
}

interface OpenFrames {
  readonly frames: FrameSource;
  close(): Promise<void>;
}

type Closer = () => Promise<void>;

/** Connects to the head at the first call only: passive captures must not need it. */
class LazyPtz implements PtzController {
  private opened: Promise<{ service: OpenService; ptz: PtzController }> | null = null;

  constructor(
    private readonly device: DeviceSettings,
    private readonly onvif: NonNullable<DeviceSettings['onvif']>,
    private readonly openService: (endpoint: Endpoint, signal: AbortSignal) => Promise<OpenService>,
  ) {}

  position(signal: AbortSignal): ReturnType<PtzController['position']> {
    return this.using((ptz) => ptz.position(signal), signal);
  }

  moveTo(target: Parameters<PtzController['moveTo']>[0], signal: AbortSignal): Promise<void> {
    return this.using((ptz) => ptz.moveTo(target, signal), signal);
  }

  reach(signal: AbortSignal): ReturnType<NonNullable<PtzController['reach']>> {
    const unknown = { panDeg: null, tiltDeg: null, zoom: null };
    return this.using(async (ptz) => (await ptz.reach?.(signal)) ?? unknown, signal);
  }

  async close(): Promise<void> {
    const [opened] = await Promise.allSettled([this.opened]);
    if (opened.status !== 'fulfilled' || opened.value === null) return;
    await opened.value.ptz.close();
    await opened.value.service.close();
  }

  private async using<T>(use: (ptz: PtzController) => Promise<T>, signal: AbortSignal): Promise<T> {
    this.opened ??= this.open(signal).catch((fault: unknown) => {
      this.opened = null;
      throw fault;
    });
    const { ptz, service } = await this.opened;
    return withLinkErrors(service, () => use(ptz));
  }

  private async open(signal: AbortSignal) {
    const { endpoint, path, credentials, profile } = this.onvif;
    const service = await this.openService(endpoint, signal);
    const { host, port } = service;
    return { service, ptz: createOnvifPtz({ host, port, path, credentials, profile, ptz: this.device.ptz }) };
  }
}

const closeAll = async (closers: readonly Closer[]): Promise<void> => {
  await Promise.all(closers.map((close) => close()));
};

class Connections implements DeviceConnections {
  private readonly brokers = new Map<string, SharedBroker>();

  constructor(private readonly options: DeviceConnectionsOptions) {}

  async openDevice(device: DeviceSettings, signal: AbortSignal): Promise<ConnectedDevice> {
    const closers: Closer[] = [];
    try {
      const lease = await this.leaseBroker(this.deploymentOf(device), signal);
      closers.push(() => lease.release());
      const video = await this.openFrames(device, signal);
      closers.push(() => video.close());
      const ptz = this.openPtz(device);
      if (ptz !== null) closers.push(() => ptz.close());
      return {
        telemetry: lease.broker.telemetryFor(device.telemetry),
        frames: video.frames,
        ptz,
        close: () => closeAll(closers.splice(0)),
      };
    } catch (fault) {
      await closeAll(closers);
      throw fault;
    }
  }

  async openFrames(device: DeviceSettings, signal: AbortSignal): Promise<OpenFrames> {
    const { clock, linkFor } = this.options;
    const { endpoint, path, credentials } = device.rtsp;
    const service = await linkFor(this.deploymentOf(device)).open(endpoint, signal);
    const { host, port } = service;
    const source = createFfmpegFrameSource({ host, port, path, credentials, clock });
    const frames: FrameSource = {
      grab: (options, grabbing) => withLinkErrors(service, () => source.grab(options, grabbing)),
    };
    return { frames, close: () => service.close() };
  }

  openPtz(device: DeviceSettings): PtzController | null {
    const { onvif } = device;
    if (onvif === null) return null;
    const deployment = this.deploymentOf(device);
    const { linkFor } = this.options;
    return new LazyPtz(device, onvif, (endpoint, signal) => linkFor(deployment).open(endpoint, signal));
  }

  async leaseBroker(deployment: DeploymentSettings, signal: AbortSignal): Promise<BrokerLease> {
    const { linkFor, clock } = this.options;
    const { name } = deployment;
    const known = this.brokers.get(name);
    const broker = known ?? new SharedBroker(deployment, () => linkFor(deployment), clock);
    this.brokers.set(name, broker);
    return broker.lease(signal);
  }

  restoreCameras(holding: RestoreOptions['holding'], signal: AbortSignal): Promise<RestoredCamera[]> {
    const { settings, clock } = this.options;
    const devices = settings.deployments.flatMap((deployment) => deployment.devices);
    const openPtz = (device: DeviceSettings): PtzController | null => this.openPtz(device);
    const { spoolDir } = settings;
    return restoreCameras({ spoolDir, clock, devices, openPtz, holding }, signal);
  }

  async close(): Promise<void> {
    await Promise.all([...this.brokers.values()].map((broker) => broker.close()));
    this.brokers.clear();
  }

  private deploymentOf({ deploymentName, deviceId }: DeviceSettings): DeploymentSettings {
    const found = this.options.settings.deployments.find(({ name }) => name === deploymentName);
    if (found !== undefined) return found;
    throw new AppError(
      'config_invalid',
      `${deviceId} belongs to ${deploymentName}, which is not a deployment in the settings.`,
      'Correct devices.yaml.',
    );
  }
}

/** Connections are made when devices are opened; the links themselves stay the caller's. */
export const createDeviceConnections = (options: DeviceConnectionsOptions): DeviceConnections =>
  new Connections(options);
