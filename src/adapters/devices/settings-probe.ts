import pLimit from 'p-limit';
import { orAborted } from '../../async/deadline.js';
import { timeoutSignal } from '../../async/timeout-signal.js';
import { assertReachable } from '../../capture/head/ptz-reach.js';
import type { DeploymentSettings, DeviceSettings, Settings } from '../../config/settings.js';
import { AppError } from '../../ports/app-error.js';
import type { Clock } from '../../ports/clock.js';
import type { Probed } from '../../ports/probed.js';
import type { ServiceLink } from '../../ports/service-link.js';
import type { PtzPosition, TelemetrySample } from '../../ports/telemetry.js';
import type { MqttBroker } from '../camera/mqtt-broker.js';
import { redactedMessage } from '../runtime/redact.js';
import type { DeviceConnections } from './device-connections.js';

interface SettingsProbeOptions {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly connections: DeviceConnections;
  linkFor(deployment: DeploymentSettings): ServiceLink;
  /** How long to wait for a device's telemetry (default 10 s). */
  readonly telemetryMs?: number;
}

/** Tests the settings of deployments and devices, reporting each result as it comes; moves nothing. */
type SettingsProbe = (onProbed: (probed: Probed) => void, signal: AbortSignal) => Promise<Probed[]>;

const TELEMETRY_MS = 10_000;
const TRIAL_MS = 30_000;
const GRAB_MS = 15_000;
const POLL_MS = 100;

const range = (name: string, reach: readonly [number, number] | null): string =>
  reach === null ? `${name} unknown` : `${name} ${reach[0]}…${reach[1]}`;

const placeOf = ({ panDeg, tiltDeg, zoom }: PtzPosition): string =>
  `pan ${panDeg.toFixed(2)}°, tilt ${tiltDeg.toFixed(2)}°, zoom ${zoom.toFixed(2)}`;

const foundIn = (fault: unknown): string =>
  fault instanceof AppError ? `${fault.message} ${fault.remedy}` : redactedMessage(fault);

/** One run of the probe. */
class Probe {
  readonly found: Probed[] = [];
  private readonly limit;

  constructor(
    private readonly options: SettingsProbeOptions,
    private readonly onProbed: (probed: Probed) => void,
    private readonly signal: AbortSignal,
  ) {
    this.limit = pLimit(Math.max(1, options.settings.concurrency));
  }

  async deployment(deployment: DeploymentSettings): Promise<void> {
    if (deployment.kube !== null && !(await this.cluster(deployment))) return;
    const hasBroker = await this.broker(deployment);
    await Promise.all(
      deployment.devices.map((device) => this.limit(() => this.device(deployment, device, hasBroker))),
    );
  }

  /** Faults other than the cluster's own show with the service they concern. */
  private cluster(deployment: DeploymentSettings): Promise<boolean> {
    const { name, kube, mqtt } = deployment;
    return this.trial('cluster', name, async (signal) => {
      try {
        const service = await this.options.linkFor(deployment).open(mqtt.endpoint, signal);
        await service.close();
      } catch (fault) {
        if (!(fault instanceof AppError) || fault.code.startsWith('cluster_')) throw fault;
      }
      return `context ${kube?.context}, namespace ${kube?.namespace}`;
    });
  }

  private broker(deployment: DeploymentSettings): Promise<boolean> {
    return this.trial('broker', deployment.name, (signal) =>
      this.withBroker(deployment, signal, async (broker) => {
        await orAborted(broker.ready(), signal);
        return 'connected';
      }),
    );
  }

  private async device(
    deployment: DeploymentSettings,
    device: DeviceSettings,
    hasBroker: boolean,
  ): Promise<void> {
    const name = `${device.deploymentName}/${device.cameraName}`;
    if (hasBroker)
      await this.trial('telemetry', name, (signal) =>
        this.withBroker(deployment, signal, (broker) => this.telemetry(broker, device, signal)),
      );
    if (device.onvif !== null) await this.trial('onvif', name, (signal) => this.onvif(device, signal));
    await this.trial('rtsp', name, (signal) => this.rtsp(device, signal));
  }

  private async telemetry(broker: MqttBroker, device: DeviceSettings, signal: AbortSignal): Promise<string> {
    const { clock, telemetryMs = TELEMETRY_MS } = this.options;
    const heard: { live?: TelemetrySample; kept?: TelemetrySample; fault?: Error } = {};
    const following = new AbortController();
    const onSample = (sample: TelemetrySample): void =>
      void (heard[sample.retained ? 'kept' : 'live'] = sample);
    const onFault = (fault: Error): void => void (heard.fault = fault);
    try {
      const both = AbortSignal.any([signal, following.signal]);
      await broker.telemetryFor(device.telemetry).follow({ onSample, onFault }, both);
      const untilMs = clock.nowMs() + telemetryMs;
      while (heard.live === undefined && clock.nowMs() < untilMs) await clock.sleep(POLL_MS, signal);
    } finally {
      following.abort();
    }
    if (heard.live !== undefined) return placeOf(heard.live);
    if (heard.fault !== undefined) throw heard.fault;
    if (heard.kept === undefined) throw silent(device.telemetry.topic, telemetryMs);
    return `${placeOf(heard.kept)}, retained by the broker; no new message came`;
  }

  private async onvif(device: DeviceSettings, signal: AbortSignal): Promise<string> {
    const ptz = this.options.connections.openPtz(device);
    try {
      const position = (await ptz?.position(signal)) ?? null;
      const reach = (await ptz?.reach?.(signal)) ?? { panDeg: null, tiltDeg: null, zoom: null };
      assertReachable([...(device.referenceStops ?? []), ...device.activeStops], reach);
      const reaches = `${range('pan', reach.panDeg)}, ${range('tilt', reach.tiltDeg)}, ${range('zoom', reach.zoom)}`;
      return `${position === null ? 'reports no position' : placeOf(position)}; reach ${reaches}`;
    } finally {
      await ptz?.close();
    }
  }

  private async rtsp(device: DeviceSettings, signal: AbortSignal): Promise<string> {
    const { clock, connections } = this.options;
    const { frames, close } = await connections.openFrames(device, signal);
    try {
      const startMs = clock.nowMs();
      const { widthPx, heightPx } = await frames.grab({ notBeforeMs: startMs, timeoutMs: GRAB_MS }, signal);
      return `${widthPx}x${heightPx}, a picture in ${((clock.nowMs() - startMs) / 1000).toFixed(1)} s`;
    } finally {
      await close();
    }
  }

  private async withBroker<T>(
    deployment: DeploymentSettings,
    signal: AbortSignal,
    work: (broker: MqttBroker) => Promise<T>,
  ): Promise<T> {
    const { broker, release } = await this.options.connections.leaseBroker(deployment, signal);
    try {
      return await work(broker);
    } finally {
      await release();
    }
  }

  /** Reports what `work` found or why it failed; true when it succeeded. */
  private async trial(
    what: Probed['what'],
    name: string,
    work: (signal: AbortSignal) => Promise<string>,
  ): Promise<boolean> {
    const deadline = timeoutSignal(TRIAL_MS);
    let probed: Probed;
    try {
      probed = { what, name, ok: true, found: await work(AbortSignal.any([this.signal, deadline])) };
    } catch (fault) {
      this.signal.throwIfAborted();
      const found = deadline.aborted ? `No answer within ${TRIAL_MS / 1000} s.` : foundIn(fault);
      probed = { what, name, ok: false, found };
    }
    this.found.push(probed);
    this.onProbed(probed);
    return probed.ok;
  }
}

const silent = (topic: string, forMs: number): AppError =>
  new AppError(
    'no_telemetry',
    `No message on ${topic} within ${forMs / 1000} s.`,
    'Check the topic, and that the device is publishing.',
  );

/** Resolves to the results of clusters, brokers and devices in order of completion; store and table are probed elsewhere. */
export const createSettingsProbe =
  (options: SettingsProbeOptions): SettingsProbe =>
  async (onProbed, signal) => {
    const probe = new Probe(options, onProbed, signal);
    await Promise.all(options.settings.deployments.map((deployment) => probe.deployment(deployment)));
    return probe.found;
  };
