import type { DeploymentSettings } from '../../config/settings.js';
import { AppError } from '../../ports/app-error.js';
import type { Clock } from '../../ports/clock.js';
import type { OpenService, ServiceLink } from '../../ports/service-link.js';
import { asBrokerError, brokerWithLinkErrors } from './broker-errors.js';
import { createMqttBroker, type MqttBroker } from '../camera/mqtt-broker.js';
import { orAborted } from '../../async/deadline.js';
import { timeoutSignal } from '../../async/timeout-signal.js';

/** A lease on a broker's connection. */
export interface BrokerLease {
  readonly broker: MqttBroker;
  release(): Promise<void>;
}

interface Opened {
  readonly link: ServiceLink;
  readonly service: OpenService;
  readonly broker: MqttBroker;
  leases: number;
  /** Another connection has replaced it; it ends with its last lease. */
  isRetired: boolean;
}

const OPEN_MS = 30_000;

const end = async ({ broker, service }: Opened): Promise<void> => {
  await broker.close();
  await service.close();
};

/**
 * One connection to a deployment's broker, shared by its devices and kept between captures. Replaced when the link to the
 * deployment changed or the connection is lost; running captures keep the old one, which may yet recover.
 */
export class SharedBroker {
  private current: Promise<Opened> | null = null;
  private readonly retired = new Set<Opened>();

  constructor(
    private readonly deployment: DeploymentSettings,
    private readonly linkOf: () => ServiceLink,
    private readonly clock: Clock,
  ) {}

  async lease(signal: AbortSignal): Promise<BrokerLease> {
    const opened = await orAborted(this.usable(), signal);
    opened.leases += 1;
    let isReleased = false;
    const release = async (): Promise<void> => {
      if (isReleased) return;
      isReleased = true;
      opened.leases -= 1;
      await this.endIfUnused(opened);
    };
    return { broker: brokerWithLinkErrors(opened, this.deployment.name), release };
  }

  async close(): Promise<void> {
    const [current] = await Promise.allSettled([this.current]);
    this.current = null;
    const left = [...this.retired];
    if (current.status === 'fulfilled' && current.value !== null) left.push(current.value);
    await Promise.all(left.map(end));
  }

  private async usable(): Promise<Opened> {
    const known = this.current;
    const opened = known === null ? null : await known;
    if (opened !== null && opened.link === this.linkOf() && !opened.broker.isLost()) return opened;
    // When several callers find it unusable at once, the first replaces it.
    if (this.current !== known) return this.usable();
    const next = this.open();
    this.current = next;
    next.catch(() => {
      if (this.current === next) this.current = null;
    });
    if (opened !== null) await this.retire(opened);
    return next;
  }

  private async open(): Promise<Opened> {
    const { mqtt } = this.deployment;
    const link = this.linkOf();
    const service = await this.openService(link);
    const broker = createMqttBroker({
      ...mqtt,
      ...(mqtt.endpoint.kind === 'kubernetes' ? { serverName: mqtt.endpoint.name } : {}),
      host: service.host,
      port: service.port,
      clientIdPrefix: 'calib',
      clock: this.clock,
    });
    return { link, service, broker, leases: 0, isRetired: false };
  }

  private async openService(link: ServiceLink): Promise<OpenService> {
    try {
      return await link.open(this.deployment.mqtt.endpoint, timeoutSignal(OPEN_MS));
    } catch (fault) {
      throw fault instanceof AppError ? asBrokerError(fault, this.deployment.name) : fault;
    }
  }

  private async retire(opened: Opened): Promise<void> {
    opened.isRetired = true;
    this.retired.add(opened);
    await this.endIfUnused(opened);
  }

  private async endIfUnused(opened: Opened): Promise<void> {
    if (!opened.isRetired || opened.leases > 0 || !this.retired.delete(opened)) return;
    await end(opened);
  }
}
