import { AppError } from '../../ports/app-error.js';
import type { OpenService } from '../../ports/service-link.js';
import { linkFailure } from './link-errors.js';
import type { MqttBroker } from '../camera/mqtt-broker.js';

/** Cluster faults say enough; those of a service or pod do not say that it is the broker's. */
const SAYS_ENOUGH = /^(cluster_|kubeconfig_|context_|broker_|config_)/;

/** The failure of the link to a broker, which all cameras of its deployment share. */
export const asBrokerError = (way: AppError, deploymentName: string, cause: unknown = way): AppError =>
  SAYS_ENOUGH.test(way.code)
    ? way
    : new AppError(
        'broker_unreachable',
        `The MQTT broker of ${deploymentName} cannot be reached: ${way.message}`,
        way.remedy,
        cause,
      );

/** Keeps the code that subscribers know, and adds why the link was lost. */
const lossOf = (fault: Error, service: OpenService): Error => {
  const way = linkFailure(fault, service);
  if (way === null || !(fault instanceof AppError)) return fault;
  return new AppError(fault.code, `${fault.message} ${way.message}`, way.remedy, fault);
};

/** The same broker; what fails because of the link to it says so. */
export const brokerWithLinkErrors = (
  { broker, service }: { readonly broker: MqttBroker; readonly service: OpenService },
  deploymentName: string,
): MqttBroker => {
  const withErrors = async <T>(using: Promise<T>): Promise<T> => {
    try {
      return await using;
    } catch (fault) {
      const way = linkFailure(fault, service);
      throw way === null ? fault : asBrokerError(way, deploymentName, fault);
    }
  };
  return {
    ...{ isLost: () => broker.isLost(), close: () => broker.close() },
    ready: () => withErrors(broker.ready()),
    telemetryFor: (telemetry) => {
      const source = broker.telemetryFor(telemetry);
      return {
        follow: ({ onSample, onFault }, signal) =>
          withErrors(
            source.follow({ onSample, onFault: (fault) => onFault(lossOf(fault, service)) }, signal),
          ),
      };
    },
  };
};
