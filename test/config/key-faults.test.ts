import { describe, expect, it } from '@jest/globals';
import { edited, faultsOf, SITE, withKeys } from './small-site.js';

const CASES = [
  {
    name: 'an unknown key at the top',
    text: 'slak: {}\n' + SITE,
    faults: ['1:1 slak: is not a known key; did you mean slack?'],
  },
  {
    name: 'an unknown key in a section',
    text: edited('host: 10.0.0.1\n          port: 554', 'hots: 10.0.0.1\n          port: 554'),
    faults: [
      '8:11 deployments[0].devices[0].rtsp.hots: is not a known key; did you mean host?',
      '8:11 deployments[0].devices[0].rtsp: needs one of host, service, pod (for site-a/cam-1)',
    ],
  },
  {
    name: 'an unknown key like no other',
    text: withKeys('colour: red'),
    faults: [
      '20:9 deployments[0].devices[0].colour: is not a known key; allowed here: device_id, camera_name, onvif, rtsp, telemetry, ptz, reference_scan, active_ptz_stops, lens, masks, threshold_deg, stabilize_time, timeout, movement_epsilon_deg, grow_layers, permissions',
    ],
  },
  {
    name: 'an unknown key in a list',
    text: withKeys('masks: [{ x: 0, y: 0, width: 0.1, hieght: 0.1 }]'),
    faults: [
      '20:17 deployments[0].devices[0].masks[0].height: is missing: must be a height as a fraction of the frame, above 0 up to 1',
      '20:43 deployments[0].devices[0].masks[0].hieght: is not a known key; did you mean height?',
    ],
  },
  {
    name: 'a merge key',
    text: withKeys('<<: {}'),
    faults: [
      '20:9 deployments[0].devices[0]."<<": is not a known key; allowed here: device_id, camera_name, onvif, rtsp, telemetry, ptz, reference_scan, active_ptz_stops, lens, masks, threshold_deg, stabilize_time, timeout, movement_epsilon_deg, grow_layers, permissions',
    ],
  },
  {
    name: 'an unknown unit',
    text: edited('{ path: pan }', '{ path: pan, unit: degrees }'),
    faults: [
      '16:35 deployments[0].devices[0].telemetry.pan.unit: must be one of deg, rad, normalized; did you mean deg?',
    ],
  },
  {
    name: 'a missing key',
    text: edited('          port: 80\n', ''),
    faults: [
      '12:11 deployments[0].devices[0].onvif.port: is missing: must be a port number from 1 to 65535, or the name of a Kubernetes port (for site-a/cam-1)',
    ],
  },
  {
    name: 'a device without names',
    text: edited('      - device_id: cam-1\n        camera_name: north', '      - masks: []'),
    faults: [
      '5:9 deployments[0].devices[0].device_id: is missing: must be an id of letters, digits, ".", "_", ":" and "-" without "..", starting with a letter or digit (text: in quotes when it is all digits)',
      '5:9 deployments[0].devices[0].camera_name: is missing: must be a name of letters, digits, ".", "_" and "-" without "..", starting with a letter or digit (text: in quotes when it is all digits)',
    ],
  },
  {
    name: 'text instead of a section',
    text: edited(
      'rtsp:\n          host: 10.0.0.1\n          port: 554\n          path: /stream',
      'rtsp: here',
    ),
    faults: [
      '7:15 deployments[0].devices[0].rtsp: must be a section with host, service, pod, port, credentials, path, but is text',
    ],
  },
  {
    name: 'a sign other than 1 and -1',
    text: edited('{ path: tilt }', '{ path: tilt, sign: 2 }'),
    faults: ['17:37 deployments[0].devices[0].telemetry.tilt.sign: must be 1 or -1, but is 2'],
  },
  {
    name: 'a deployment name with a slash',
    text: edited('name: site-a', 'name: site/a'),
    faults: [
      '2:11 deployments[0].name: must be a name of letters, digits, ".", "_" and "-" without "..", starting with a letter or digit (text: in quotes when it is all digits)',
    ],
  },
  {
    name: 'a camera name with two dots',
    text: edited('camera_name: north', 'camera_name: a..b'),
    faults: [
      '6:22 deployments[0].devices[0].camera_name: must be a name of letters, digits, ".", "_" and "-" without "..", starting with a letter or digit (text: in quotes when it is all digits)',
    ],
  },
  {
    name: 'an empty camera name',
    text: edited('camera_name: north', "camera_name: ''"),
    faults: [
      '6:22 deployments[0].devices[0].camera_name: must be a name of letters, digits, ".", "_" and "-" without "..", starting with a letter or digit (text: in quotes when it is all digits)',
    ],
  },
  {
    name: 'a camera name left out',
    text: edited('camera_name: north', 'camera_name:'),
    faults: [
      '6:9 deployments[0].devices[0].camera_name: must be a name of letters, digits, ".", "_" and "-" without "..", starting with a letter or digit (text: in quotes when it is all digits), but is empty',
    ],
  },
  {
    name: 'a number as device id',
    text: edited('device_id: cam-1', 'device_id: 17'),
    faults: [
      '5:20 deployments[0].devices[0].device_id: must be an id of letters, digits, ".", "_", ":" and "-" without "..", starting with a letter or digit (text: in quotes when it is all digits), but is 17',
    ],
  },
  {
    name: 'a user name instead of an id',
    text: withKeys('permissions: { may_move: [joe, U012AB] }'),
    faults: [
      '20:35 deployments[0].devices[0].permissions.may_move[0]: must be a Slack user or group id such as U012AB3CD, not a name',
    ],
  },
  {
    name: 'no deployments',
    text: 'deployments: []\n',
    faults: ['1:14 deployments: must be a list of at least one deployment, but is an empty list'],
  },
  {
    name: 'no devices',
    text: edited(SITE.slice(SITE.indexOf('    devices:')), '    devices: []\n'),
    faults: ['4:14 deployments[0].devices: must be a list of at least one device, but is an empty list'],
  },
  {
    name: 'wrong service settings',
    text:
      'storage: { kind: s3 }\nresults: { kind: sqlite }\nschedule: { every_minutes: 0.5 }\nconcurrency: 0\nspool_dir: 3\n' +
      SITE,
    faults: [
      '1:10 storage.region: is missing: must be an AWS region such as eu-central-1',
      '2:18 results.kind: must be one of duckdb, athena',
      '3:28 schedule.every_minutes: must be a whole number of minutes from 1 to 1440, but is 0.5',
      '4:14 concurrency: must be a whole number from 1 to 64, but is 0',
      '5:12 spool_dir: must be a folder, but is 3',
    ],
  },
  {
    name: 'alerts',
    text:
      "alerts: { confirm: { found: 3 }, clear_ratio: 2, remind_after: 60, digest_at: 7, quiet_hours: ['22:00'], time_zone: Berlin }\n" +
      SITE,
    faults: [
      '1:29 alerts.confirm.found: must not be more than of: so many checks are not made',
      '1:47 alerts.clear_ratio: must be a number from 0.1 to 1, but is 2',
      '1:50 alerts.remind_after: is not a known key; did you mean remind_after_minutes?',
      "1:79 alerts.digest_at: must be a time of the day such as '07:00', in quotes, but is 7",
      "1:95 alerts.quiet_hours: must be two times of the day such as ['22:00', '06:00'], but is a list of 1",
      '1:117 alerts.time_zone: must be a time zone such as Europe/Berlin, or UTC',
    ],
  },
  {
    name: 'sections of no kind',
    text: 'storage: here\nresults: {}\n' + SITE,
    faults: [
      '1:10 storage: must be a section with kind: file or s3, but is text',
      '2:10 results.kind: is missing: must be one of duckdb, athena',
    ],
  },
];

describe('keys and kinds of values', () => {
  it.each(CASES)('tells $name', ({ text, faults }) => {
    expect(faultsOf(text)).toEqual(faults);
  });
});
