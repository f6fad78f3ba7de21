import { AppError } from '../../ports/app-error.js';
import type { OpenService } from '../../ports/service-link.js';

/** Faults that a broken link looks like from its end; any other is an answer, so the link works. */
const MAY_BE_THE_LINK =
  /^(rtsp_(timeout|corrupt|unreachable)|onvif_(timeout|unreachable|not_understood)|broker_unreachable|telemetry_lost)$/;

/** The link's own failure when it may have caused the fault, else null. */
export const linkFailure = (fault: unknown, service: Pick<OpenService, 'failure'>): AppError | null =>
  fault instanceof AppError && MAY_BE_THE_LINK.test(fault.code) ? (service.failure?.() ?? null) : null;

/** Uses a service; what fails because of the link rejects with the link's own failure. */
export const withLinkErrors = async <T>(
  service: Pick<OpenService, 'failure'>,
  use: () => Promise<T>,
): Promise<T> => {
  try {
    return await use();
  } catch (fault) {
    const way = linkFailure(fault, service);
    if (way === null) throw fault;
    throw new AppError(way.code, way.message, way.remedy, fault);
  }
};
