import { createDeviceConnections } from '../../src/adapters/devices/device-connections.js';
import { createDirectLink } from '../../src/adapters/devices/direct-link.js';
import { createSystemClock } from '../../src/adapters/runtime/system-clock.js';
import { createCaptureService } from '../../src/capture/capture-service.js';
import type { DeviceSettings } from '../../src/config/settings.js';
import { measuresNothing, settingsOf } from './site-setup.js';

interface Plan {
  readonly device: DeviceSettings;
  readonly mqttPort: number;
  readonly spoolDir: string;
  readonly dir: string;
}

// Captures once and says `captured` or the failure's code.
const { device, mqttPort, spoolDir, dir } = JSON.parse(process.argv[2]!) as Plan;
const clock = createSystemClock();
const link = createDirectLink();
const settings = settingsOf(mqttPort, spoolDir, [device]);
const connections = createDeviceConnections({ settings, clock, linkFor: () => link });
const capture = createCaptureService({
  clock,
  spoolDir,
  settleTimeS: 0.2,
  measureFieldOfView: measuresNothing,
  openDevice: (opened, signal) => connections.openDevice(opened, signal),
});
try {
  await capture.capture(device, { mode: 'active', dir }, new AbortController().signal);
  console.log('captured');
} catch (fault) {
  console.log((fault as { code?: string }).code ?? String(fault));
} finally {
  await connections.close();
}
