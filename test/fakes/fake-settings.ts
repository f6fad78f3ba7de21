import type { AlertSettings, DeploymentSettings, DeviceSettings } from '../../src/config/settings.js';

const direct = { kind: 'direct', host: '127.0.0.1', port: 1 } as const;
const axis = { path: 'pan', unit: 'deg', sign: 1, range: null } as const;

export const fakeAlerts: AlertSettings = {
  confirm: { found: 2, of: 2 },
  clearRatio: 0.8,
  remindAfterMinutes: 240,
  digestAtMinute: 7 * 60,
  quietHours: null,
  timeZone: 'UTC',
};

export const fakeDevice = (deploymentName: string, deviceId: string, cameraName: string): DeviceSettings => ({
  deploymentName,
  deviceId,
  cameraName,
  onvif: null,
  rtsp: { endpoint: direct, path: '/', credentials: null },
  telemetry: {
    topic: deviceId,
    match: null,
    pan: axis,
    tilt: axis,
    zoom: null,
    yaw: null,
    pitch: null,
    roll: null,
  },
  ptz: { panRangeDeg: null, tiltRangeDeg: null, zoomRange: null, panSign: 1, tiltSign: 1 },
  referenceStops: [
    { panDeg: 0, tiltDeg: 0, zoom: 1 },
    { panDeg: 30, tiltDeg: 0, zoom: 1 },
  ],
  activeStops: [],
  lens: null,
  masks: [],
  thresholdDeg: 0.5,
  stabilizeTimeS: 30,
  timeoutS: 300,
  movementEpsilonDeg: 0.01,
  growLayers: true,
  mayMove: [],
  mayReplaceReference: [],
});

export const fakeDeployment = (
  name: string,
  devices: readonly DeviceSettings[],
  kube: DeploymentSettings['kube'] = null,
): DeploymentSettings => ({
  name,
  kube,
  mqtt: { endpoint: direct, tls: false, caFile: null, credentials: null },
  devices,
});
