import { timestampKey } from '../../ports/camera-name.js';
import type { CheckTicket } from './check-folder.js';
import type { Dependencies } from './dependencies.js';

type Named = Pick<CheckTicket, 'deploymentName' | 'cameraName' | 'deviceId' | 'startedAtMs'> & {
  readonly sweepAt?: string | undefined;
};

/** Whatever is logged of a check carries its name, so that one search finds all of it, whichever run of the program wrote it. */
export const loggingCheck = (
  deps: Dependencies,
  { deploymentName, cameraName, deviceId, startedAtMs, sweepAt }: Named,
): Dependencies => {
  const check = `${deploymentName}/${cameraName}/${timestampKey(startedAtMs)}`;
  const about = { check, device: deviceId, ...(sweepAt === undefined ? {} : { sweep: sweepAt }) };
  return { ...deps, log: (entry) => deps.log({ ...entry, ...about }) };
};
