import { AppError } from '../../ports/app-error.js';
import type { OpenService } from '../../ports/service-link.js';

/** Faults that a broken way looks like from its end; others are answers, so that the way was whole. */
const MAY_BE_THE_WAY =
  /^(rtsp_(timeout|corrupt|unreachable)|onvif_(timeout|unreachable|not_understood)|broker_unreachable|telemetry_lost)$/;

/** The way's own failure when a fault met at its end may come of it, else null. */
export const wayBehind = (fault: unknown, service: Pick<OpenService, 'failure'>): AppError | null =>
  fault instanceof AppError && MAY_BE_THE_WAY.test(fault.code) ? (service.failure?.() ?? null) : null;

/** Uses a service; what fails because of the way to it fails with the way's own failure. */
export const blamingWay = async <T>(
  service: Pick<OpenService, 'failure'>,
  use: () => Promise<T>,
): Promise<T> => {
  try {
    return await use();
  } catch (fault) {
    const way = wayBehind(fault, service);
    if (way === null) throw fault;
    throw new AppError(way.code, way.message, way.remedy, fault);
  }
};
