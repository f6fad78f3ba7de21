import { describe, expect, it } from '@jest/globals';
import { deviceOf, edited, faultsOf, settingsOf, SITE } from './small-site.js';

const FLEET = `threshold_deg: 0.4
defaults:
  rtsp:
    service: '{camera_name}'
    port: 554
    path: /{device_id}/main
    credentials: { username_env: CAM_USER, password_env: CAM_PASS }
  telemetry:
    topic: ptz/{device_id}
    pan: { path: pan, unit: rad, sign: -1 }
    tilt: { path: tilt }
  masks: [{ x: 0, y: 0, width: 0.1, height: 0.1 }]
  stabilize_time: 20
deployments:
  - name: site-a
    kube: { context: a }
    mqtt: { service: mqtt, port: 1883 }
    defaults: { threshold_deg: 0.3, stabilize_time: 10 }
    devices:
      - { device_id: cam-1, camera_name: north }
      - device_id: cam-2
        camera_name: south
        rtsp: { host: 10.0.0.2, credentials: null }
        telemetry: { pan: { unit: deg } }
        masks: []
        threshold_deg: 0.2
        timeout: null
  - name: site-b
    kube: { context: b, namespace: cameras }
    mqtt: { service: mqtt, port: 1883 }
    devices:
      - { device_id: cam-1, camera_name: north }
`;
const ENV = { CAM_USER: 'reader', CAM_PASS: 'p@ss' };

describe('defaults', () => {
  const settings = settingsOf(FLEET, ENV);

  it('complete a device and fill in its names', () => {
    expect(deviceOf(settings, 0)).toMatchObject({
      deploymentName: 'site-a',
      rtsp: {
        endpoint: { kind: 'kubernetes', resource: 'service', name: 'north', port: 554 },
        path: '/cam-1/main',
        credentials: { username: 'reader', password: 'p@ss' },
      },
      telemetry: { topic: 'ptz/cam-1', pan: { path: 'pan', unit: 'rad', sign: -1, range: null } },
      onvif: null,
      referenceStops: [],
      masks: [{ x: 0, y: 0, width: 0.1, height: 0.1 }],
      thresholdDeg: 0.3,
      stabilizeTimeS: 10,
      timeoutS: 300,
    });
  });

  it('give way to what a device says: key by key in sections, whole lists, another way to a service, null', () => {
    expect(deviceOf(settings, 1)).toMatchObject({
      rtsp: {
        endpoint: { kind: 'direct', host: '10.0.0.2', port: 554 },
        path: '/cam-2/main',
        credentials: null,
      },
      telemetry: { pan: { path: 'pan', unit: 'deg', sign: -1 } },
      masks: [],
      thresholdDeg: 0.2,
      timeoutS: null,
    });
  });

  it('of the service hold where the deployment has none', () => {
    expect(deviceOf(settings, 2)).toMatchObject({ thresholdDeg: 0.4, stabilizeTimeS: 20 });
  });

  it('replace a reference scan as a whole', () => {
    const grid = 'defaults: { reference_scan: { grid: { pan: [0], tilt: [0] } } }\n';
    expect(deviceOf(settingsOf(grid + SITE)).referenceStops).toHaveLength(2);
  });

  it('are told once when they are at fault, naming the devices', () => {
    const fleet = edited('stabilize_time: 20', 'timeout: 5', edited(', stabilize_time: 10', '', FLEET));
    expect(faultsOf(edited('{device_id}/main', 'main', fleet), { CAM_USER: 'reader' })).toEqual([
      '7:58 defaults.rtsp.credentials.password_env: names the environment variable CAM_PASS, which is not set (for site-a/cam-1, site-b/cam-1)',
      '13:12 defaults.timeout: must be longer than stabilize_time (30 s), or null for none, but is 5 (for site-a/cam-1, site-b/cam-1)',
    ]);
  });

  it('are told what they lack where the section stands', () => {
    expect(faultsOf(edited('    tilt: { path: tilt }\n', '', FLEET), ENV)).toEqual([
      '9:5 defaults.telemetry.tilt: is missing: must be a section with path, unit, sign, range (for site-a/cam-1, site-b/cam-1)',
      '23:20 deployments[0].devices[1].telemetry.tilt: is missing: must be a section with path, unit, sign, range (for site-a/cam-2)',
    ]);
  });

  it('are told when the names of a device do not fit where they are filled in', () => {
    expect(faultsOf(edited('camera_name: south', 'camera_name: South', FLEET), ENV)).toEqual([]);
    expect(faultsOf(edited('camera_name: north }', 'camera_name: North }', FLEET), ENV)).toEqual([
      '4:14 defaults.rtsp.service: must be the name of a Kubernetes object: lower-case letters, digits, "-" and "." (for site-a/cam-1)',
    ]);
  });
});
