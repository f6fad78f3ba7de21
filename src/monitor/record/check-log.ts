import { timestampKey } from '../../ports/camera-name.js';
import type { CheckTicket } from './check-folder.js';
import type { Dependencies } from './dependencies.js';

type Named = Pick<CheckTicket, 'deploymentName' | 'cameraName' | 'deviceId' | 'startedAtMs'> & {
  readonly sweepAt?: string | undefined;
};

/** Tags every log entry of a check with its name, so that one search finds them all, whichever run wrote them. */
export const withCheckLog = (
  deps: Dependencies,
  { deploymentName, cameraName, deviceId, startedAtMs, sweepAt }: Named,
): Dependencies => {
  const check = `${deploymentName}/${cameraName}/${timestampKey(startedAtMs)}`;
  const about = { check, device: deviceId, ...(sweepAt === undefined ? {} : { sweep: sweepAt }) };
  return { ...deps, log: (entry) => deps.log({ ...entry, ...about }) };
};
