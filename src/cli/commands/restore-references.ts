import type { DeviceSettings } from '../../config/settings.js';
import type { Product } from '../../monitor/product.js';
import { cameraPath, timeInWords } from '../../monitor/text/wording.js';
import { AppError } from '../../ports/app-error.js';
import { EXIT, type Shell } from '../support/shell.js';
import { faultInWords } from '../support/tell-fault.js';
import { jsonLine } from '../support/words.js';

/** Puts the references before the present ones back, a line a camera; one that fails does not keep the others from it. */
export const restoreAll = async (
  product: Product,
  devices: readonly DeviceSettings[],
  shell: Shell,
  json: boolean,
): Promise<void> => {
  for (const device of devices) {
    const { deviceId, deploymentName, cameraName } = device;
    const names = { device: deviceId, deployment: deploymentName, camera: cameraName };
    try {
      const { scannedAt } = await product.restoreReference(device, shell.signal);
      const told = `✅ ${cameraPath(device)}: the reference of ${timeInWords(scannedAt)} UTC is in use again; the other one is kept\n`;
      shell.out(json ? jsonLine({ ...names, failure_code: null, scanned_at: scannedAt }) : told);
    } catch (fault) {
      if (!(fault instanceof AppError) || shell.signal.aborted) throw fault;
      const failure = { failure_code: fault.code, failure_log: `${fault.message} ${fault.remedy}` };
      const told = `⚠️ ${cameraPath(device)}: not restored: ${faultInWords(fault)}`;
      shell.out(json ? jsonLine({ ...names, ...failure, scanned_at: null }) : told);
      shell.exitCode = EXIT.unmeasured;
    }
  }
};
