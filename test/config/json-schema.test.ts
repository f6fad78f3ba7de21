import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { document, jsonSchema } from '../../src/config/schema/document-schema.js';
import { auto, deviceOf, edited, settingsOf, SITE, withKeys } from './small-site.js';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const validate = new Ajv2020({ allErrors: true }).compile(jsonSchema());

const EXAMPLE_ENV = {
  SLACK_BOT_TOKEN: 'xoxb-1',
  SLACK_APP_TOKEN: 'xapp-1',
  CAMERA_USERNAME: 'reader',
  CAMERA_PASSWORD: 'secret',
  SITE_B_MQTT_USERNAME: 'monitor',
  SITE_B_MQTT_PASSWORD: 'secret',
};

const GOOD = [
  SITE,
  edited('topic: ptz/cam-1', 'topic: ptz/+/{device_id}/#'),
  edited('port: 80', 'port: http'),
  edited('        onvif:\n          host: 10.0.0.1\n          port: 80\n', ''),
  withKeys('lens: null', 'timeout: null', 'permissions: { may_move: [U012AB3CD] }'),
  withKeys('ptz: { pan_range_deg: [-90, 90], tilt_sign: -1 }'),
  auto('ptz: { pan_range_deg: [-90, 90], tilt_range_deg: [-20, 20] }'),
  `defaults: { reference_scan: auto }\n${SITE}`,
  edited('{ path: tilt }', '{ path: t, unit: normalized, range: [-90, 30], sign: -1 }'),
  edited('stops: [[0, 0, 1], [30, 0, 1]]', 'grid: { pan: { from: 0, to: 90, count: 4 }, tilt: [0] }'),
  `slack: { channel: '#kalibrierung-süd', bot_token_env: BOT, app_token_env: APP }\n${SITE}`,
  `storage: { kind: s3, region: us-gov-west-1, bucket: my.bucket }\nresults: { kind: duckdb }\n${SITE}`,
];

const BAD = [
  'deployments: []\n',
  'deployments: here\n',
  `colour: red\n${SITE}`,
  `threshold_deg: 0\n${SITE}`,
  `concurrency: 1.5\n${SITE}`,
  `storage: { kind: s4 }\n${SITE}`,
  `storage: { kind: s3 }\n${SITE}`,
  `results: { kind: athena, database: d, region: eu-central-1, output_location: /tmp }\n${SITE}`,
  `slack: { channel: a b, bot_token_env: BOT, app_token_env: APP }\n${SITE}`,
  `slack: { channel: a, bot_token_env: xoxb-1-2, app_token_env: AKIAIOSFODNN7EXAMPLE }\n${SITE}`,
  `defaults: { device_id: a }\n${SITE}`,
  edited('name: site-a', 'name: a/b'),
  edited('camera_name: north', 'camera_name: a..b'),
  edited('device_id: cam-1', 'device_id: 17'),
  edited('{ host: broker, port: 1883 }', '{ host: broker }'),
  edited('{ host: broker, port: 1883 }', '{ host: broker, service: s, port: 1883 }'),
  edited('port: 80', 'port: 70000'),
  edited('port: 80', 'port: 80\n          password: x'),
  edited('topic: ptz/cam-1', 'topic: ptz/#/x'),
  edited('topic: ptz/cam-1', "topic: ''"),
  edited('{ path: pan }', '{ path: pan, unit: degrees }'),
  edited('{ path: pan }', '{ path: pan, sign: 2 }'),
  edited('[30, 0, 1]', '[30, 0]'),
  edited('[30, 0, 1]', '[30, 0, 0.5]'),
  edited('reference_scan:\n          stops: [[0, 0, 1], [30, 0, 1]]', 'reference_scan: automatic'),
  edited('stops: [[0, 0, 1], [30, 0, 1]]', 'grid: { pan: { from: 0, to: 90 }, tilt: [0] }'),
  edited('stops: [[0, 0, 1], [30, 0, 1]]', 'grid: { pan: [0], tilt: [0] }\n          stops: [[0, 0, 1]]'),
  withKeys('masks: [{ x: 2, y: 0, width: 0.1, height: 0.1 }]'),
  withKeys('masks: [{ x: 0, y: 0, width: 0, height: 0.1 }]'),
  withKeys('timeout: 0'),
  withKeys('permissions: { may_move: [joe] }'),
];

const keysOf = (schema: unknown): string[] => {
  if (typeof schema !== 'object' || schema === null) return [];
  const own = 'properties' in schema && typeof schema.properties === 'object' ? schema.properties : {};
  return [...Object.keys(own ?? {}), ...Object.values(schema).flatMap(keysOf)];
};

describe('the JSON Schema for editors', () => {
  it('is the one in docs; else: node dist/src/config/write-json-schema.js && npm run format', () => {
    expect(JSON.parse(read('docs/devices.schema.json'))).toEqual(jsonSchema());
  });

  it.each(GOOD)('accepts what the program accepts: %#', (text) => {
    expect(document.safeParse(parse(text)).error).toBeUndefined();
    validate(parse(text));
    expect(validate.errors ?? []).toEqual([]);
  });

  it.each(BAD)('refuses what the program refuses: %#', (text) => {
    expect(document.safeParse(parse(text)).success).toBe(false);
    expect(validate(parse(text))).toBe(false);
  });
});

describe('the example devices.yaml', () => {
  const text = read('devices.yaml');

  it('names its schema first, and keeps to it', () => {
    expect(text.split('\n')[0]).toBe('# yaml-language-server: $schema=docs/devices.schema.json');
    validate(parse(text));
    expect(validate.errors ?? []).toEqual([]);
  });

  it('loads without faults, one deployment through Kubernetes, one directly', () => {
    const settings = settingsOf(text, EXAMPLE_ENV);
    expect(settings.deployments.map(({ kube, devices }) => [kube?.context, devices.length])).toEqual([
      ['site-a', 2],
      [undefined, 2],
    ]);
    expect(deviceOf(settings, 0).rtsp.endpoint).toMatchObject({ kind: 'kubernetes', name: 'cam-1' });
    expect(deviceOf(settings, 0).referenceStops).toHaveLength(24);
    expect(deviceOf(settings, 2).rtsp.endpoint).toEqual({ kind: 'direct', host: '10.20.0.11', port: 554 });
    expect(deviceOf(settings, 3)).toMatchObject({ onvif: null, referenceStops: [], timeoutS: null });
  });
});

describe('docs/devices-yaml.md', () => {
  it('tells every key', () => {
    const told = read('docs/devices-yaml.md');
    const untold = [...new Set(keysOf(jsonSchema()))].filter((key) => !told.includes(`\`${key}\``));
    expect(untold).toEqual([]);
  });
});
