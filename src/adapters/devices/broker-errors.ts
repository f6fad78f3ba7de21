import { AppError } from '../../ports/app-error.js';
import type { OpenService } from '../../ports/service-link.js';
import { wayBehind } from './link-errors.js';
import type { MqttBroker } from '../camera/mqtt-broker.js';

/** Faults of the cluster say enough; those of a service or pod do not say that it is the broker's. */
const SAYS_ENOUGH = /^(cluster_|kubeconfig_|context_|broker_|config_)/;

/** The failure of the way to a broker, which all cameras of its deployment share. */
export const asBrokers = (way: AppError, deploymentName: string, cause: unknown = way): AppError =>
  SAYS_ENOUGH.test(way.code)
    ? way
    : new AppError(
        'broker_unreachable',
        `The MQTT broker of ${deploymentName} cannot be reached: ${way.message}`,
        way.remedy,
        cause,
      );

/** A lost connection stays one, as those who follow know it; why it was lost is the way's to tell. */
const lostBy = (fault: Error, service: OpenService): Error => {
  const way = wayBehind(fault, service);
  if (way === null || !(fault instanceof AppError)) return fault;
  return new AppError(fault.code, `${fault.message} ${way.message}`, way.remedy, fault);
};

/** The same broker; what fails because of the way to it says so. */
export const blamingWayToBroker = (
  { broker, service }: { readonly broker: MqttBroker; readonly service: OpenService },
  deploymentName: string,
): MqttBroker => {
  const orBlamed = async <T>(using: Promise<T>): Promise<T> => {
    try {
      return await using;
    } catch (fault) {
      const way = wayBehind(fault, service);
      throw way === null ? fault : asBrokers(way, deploymentName, fault);
    }
  };
  return {
    ...{ isLost: () => broker.isLost(), close: () => broker.close() },
    ready: () => orBlamed(broker.ready()),
    telemetryFor: (telemetry) => {
      const source = broker.telemetryFor(telemetry);
      return {
        follow: ({ onSample, onFault }, signal) =>
          orBlamed(source.follow({ onSample, onFault: (fault) => onFault(lostBy(fault, service)) }, signal)),
      };
    },
  };
};
