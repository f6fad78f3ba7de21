import { describe, expect, it } from '@jest/globals';
import { edited, faultsOf, SITE, withKeys } from './small-site.js';

const CASES = [
  {
    name: 'a service that is reached by nothing',
    text: edited('          host: 10.0.0.1\n          port: 80', '          port: 80'),
    faults: ['12:11 deployments[0].devices[0].onvif: needs one of host, service, pod (for site-a/cam-1)'],
  },
  {
    name: 'a service that is reached by two ways',
    text: edited(
      '          host: 10.0.0.1\n          port: 80',
      '          host: h\n          pod: p\n          port: 80',
    ),
    faults: [
      '12:11 deployments[0].devices[0].onvif: takes only one of host, service, pod (for site-a/cam-1)',
    ],
  },
  {
    name: 'a Kubernetes service without a cluster',
    text: edited('{ host: broker, port: 1883 }', '{ service: mqtt, port: 1883 }').replace(
      'host: 10.0.0.1\n          port: 554',
      'pod: cam-1\n          port: rtsp',
    ),
    faults: [
      '3:22 deployments[0].mqtt.service: needs the kube section (context, namespace) of the deployment; without one, only host is allowed',
      '8:16 deployments[0].devices[0].rtsp.pod: needs the kube section (context, namespace) of the deployment; without one, only host is allowed (for site-a/cam-1)',
    ],
  },
  {
    name: 'a named port of a host',
    text: edited('port: 80', 'port: http'),
    faults: [
      '13:17 deployments[0].devices[0].onvif.port: must be a number from 1 to 65535 when the service is reached by host (for site-a/cam-1)',
    ],
  },
  {
    name: 'a URL with credentials instead of a host',
    text: edited('host: 10.0.0.1', 'host: rtsp://u:p@10.0.0.1'),
    faults: [
      '8:17 deployments[0].devices[0].rtsp.host: must be a host name or address, without scheme, port or credentials',
    ],
  },
  {
    name: 'a path without a slash',
    text: edited('path: /stream', 'path: stream'),
    faults: [
      '10:17 deployments[0].devices[0].rtsp.path: must be a path starting with "/", without spaces; {device_id} and {camera_name} may stand in it',
    ],
  },
  {
    name: 'a certificate without TLS',
    text: edited('port: 1883', 'port: 1883, ca_file: ca.pem'),
    faults: ['3:48 deployments[0].mqtt.ca_file: is of use only with tls: true'],
  },
  {
    name: 'a device said twice',
    text: SITE + SITE.slice(SITE.indexOf('      - device_id')),
    faults: [
      '20:20 deployments[0].devices[1].device_id: must differ from that of devices[0]',
      '21:22 deployments[0].devices[1].camera_name: must differ from that of devices[0]',
    ],
  },
  {
    name: 'a deployment said twice',
    text: SITE + SITE.slice(SITE.indexOf('  - name')),
    faults: ['20:11 deployments[1].name: must differ from that of deployments[0]'],
  },
  {
    name: 'a topic with # inside',
    text: edited('topic: ptz/cam-1', 'topic: ptz/#/x'),
    faults: [
      '15:18 deployments[0].devices[0].telemetry.topic: must be an MQTT topic: "+" and "#" stand for whole levels, "#" only for the last; {device_id} and {camera_name} may stand in it',
    ],
  },
  {
    name: 'a topic with + in a level',
    text: edited('topic: ptz/cam-1', 'topic: ptz/cam+'),
    faults: [
      '15:18 deployments[0].devices[0].telemetry.topic: must be an MQTT topic: "+" and "#" stand for whole levels, "#" only for the last; {device_id} and {camera_name} may stand in it',
    ],
  },
  {
    name: 'an empty topic',
    text: edited('topic: ptz/cam-1', "topic: ''"),
    faults: [
      '15:18 deployments[0].devices[0].telemetry.topic: must be an MQTT topic: "+" and "#" stand for whole levels, "#" only for the last; {device_id} and {camera_name} may stand in it',
    ],
  },
  {
    name: 'a topic with wildcards and no match',
    text: edited('topic: ptz/cam-1', 'topic: ptz/+'),
    faults: [
      '15:18 deployments[0].devices[0].telemetry.topic: must not have wildcards without match, which tells the messages of this device from others (for site-a/cam-1)',
    ],
  },
  {
    name: 'an unknown blank in a topic',
    text: edited('topic: ptz/cam-1', "topic: 'ptz/{id}'"),
    faults: [
      '15:18 deployments[0].devices[0].telemetry.topic: must be an MQTT topic: "+" and "#" stand for whole levels, "#" only for the last; {device_id} and {camera_name} may stand in it',
    ],
  },
  {
    name: 'a range without normalized and the other way round',
    text: edited('{ path: tilt }', '{ path: tilt, unit: normalized }').replace(
      '{ path: pan }',
      '{ path: pan, range: [0, 1] }',
    ),
    faults: [
      '16:36 deployments[0].devices[0].telemetry.pan.range: must be given when unit is normalized, and only then (for site-a/cam-1)',
      '17:17 deployments[0].devices[0].telemetry.tilt.range: must be given when unit is normalized, and only then (for site-a/cam-1)',
    ],
  },
  {
    name: 'a drivable camera without a reference scan',
    text: edited('        reference_scan:\n          stops: [[0, 0, 1], [30, 0, 1]]\n', ''),
    faults: [
      '5:9 deployments[0].devices[0].reference_scan: is missing: a camera with an onvif section needs auto, grid or stops (for site-a/cam-1)',
    ],
  },
  {
    name: 'a reference scan without a drive',
    text: edited('        onvif:\n          host: 10.0.0.1\n          port: 80\n', ''),
    faults: [
      '16:11 deployments[0].devices[0].reference_scan: needs an onvif section, through which the camera is driven (for site-a/cam-1)',
    ],
  },
  {
    name: 'a timeout within the time to stabilize',
    text: withKeys('stabilize_time: 60', 'timeout: 60'),
    faults: [
      '21:18 deployments[0].devices[0].timeout: must be longer than stabilize_time (60 s), or null for none, but is 60 (for site-a/cam-1)',
    ],
  },
  {
    name: 'a timeout of 0',
    text: withKeys('timeout: 0'),
    faults: [
      '20:18 deployments[0].devices[0].timeout: must be a number of seconds above 0 and at most 86400, or null for none, but is 0',
    ],
  },
  {
    name: 'thresholds of 0 and less',
    text: withKeys('threshold_deg: -0.5', 'movement_epsilon_deg: 0'),
    faults: [
      '20:24 deployments[0].devices[0].threshold_deg: must be a number of degrees above 0 and at most 180, but is -0.5',
      '21:31 deployments[0].devices[0].movement_epsilon_deg: must be a number of degrees above 0 and at most 5, but is 0',
    ],
  },
  {
    name: 'a service threshold of 0',
    text: 'threshold_deg: 0\n' + SITE,
    faults: ['1:16 threshold_deg: must be a number of degrees above 0 and at most 180, but is 0'],
  },
  {
    name: 'masks outside the frame',
    text: withKeys(
      'masks: [{ x: -0.1, y: 0, width: 0.1, height: 0.1 }, { x: 0.5, y: 0.5, width: 0.6, height: 0.6 }]',
    ),
    faults: [
      '20:22 deployments[0].devices[0].masks[0].x: must be a left edge as a fraction of the frame, from 0 to 1, but is -0.1',
      '20:86 deployments[0].devices[0].masks[1].width: must end inside the frame: x + width is above 1',
      '20:99 deployments[0].devices[0].masks[1].height: must end inside the frame: y + height is above 1',
    ],
  },
  {
    name: 'a lens table out of order',
    text: withKeys('lens: { zoom_to_hfov_deg: [[2, 30], [1, 60]] }'),
    faults: ['20:35 deployments[0].devices[0].lens.zoom_to_hfov_deg: must be sorted by zoom, each zoom once'],
  },
  {
    name: 'an empty lens table',
    text: withKeys('lens: { zoom_to_hfov_deg: [] , k1: strong }'),
    faults: [
      '20:35 deployments[0].devices[0].lens.zoom_to_hfov_deg: must be a list of at least one [zoom, degrees], but is an empty list',
      '20:44 deployments[0].devices[0].lens.k1: must be a distortion coefficient from -10 to 10, but is text',
    ],
  },
];

describe('what keys say together', () => {
  it.each(CASES)('tells $name', ({ text, faults }) => {
    expect(faultsOf(text)).toEqual(faults);
  });
});
