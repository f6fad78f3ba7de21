import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { cp, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import mqtt from 'mqtt';
import { processesIn } from '../support/processes.js';
import {
  filesWithSecrets,
  secretForms,
  SECRETS,
  startTrial,
  type CallOptions,
  type Trial,
} from './trial-site.js';

type Yaml = Record<string, unknown>;

let trial: Trial;
const closers: (() => Promise<unknown>)[] = [];

const storeDir = (camera: string): string => path.join(trial.dir, 'store/pier', camera, 'reference_scan');

/** A camera with a reference of its own: a copy of the real one, under another name. */
const copyReference = async (deviceId: string, camera: string): Promise<void> => {
  await cp(storeDir('mast'), storeDir(camera), { recursive: true });
  const file = path.join(storeDir(camera), 'manifest.json');
  const manifest = JSON.parse(await readFile(file, 'utf8')) as Yaml;
  await writeFile(file, JSON.stringify({ ...manifest, device_id: deviceId, camera_name: camera }));
};

/** Telemetry as some devices send it, five times a second. */
const publish = (topic: string, payloads: readonly string[]): void => {
  const client = mqtt.connect(`mqtt://127.0.0.1:${trial.site.mqttPort}`, {
    username: 'monitor',
    password: SECRETS.BROKER_PASSWORD,
  });
  let turn = 0;
  const timer = setInterval(() => client.publish(topic, payloads[turn++ % payloads.length] ?? ''), 200);
  closers.push(async () => {
    clearInterval(timer);
    await client.endAsync(true);
  });
};

const at = (port: number, more: Yaml = {}): Yaml => ({ host: '127.0.0.1', port, ...more });
const WRONG = { username_env: 'CAMERA_USER', password_env: 'WRONG_PASSWORD' };
/** The port of an old service that nobody runs any more. */
const DEAD_PORT = 9;

/** Devices with one thing wrong each, by name. */
const badDevices = (): Yaml[] => {
  const { rtsp, onvif } = trial.device as { rtsp: Yaml; onvif: Yaml };
  const bad = (name: string, more: Yaml): Yaml => ({
    ...trial.device,
    ...{ device_id: `id-${name}`, camera_name: name, active_ptz_stops: [] },
    telemetry: { topic: 'telemetry/cam-1' },
    timeout: 12,
    ...more,
  });
  const elsewhere = { reference_scan: { stops: [[0, 0, 1]] }, active_ptz_stops: [[0, 80, 1]] };
  return [
    bad('dead-video', { rtsp: { ...rtsp, port: DEAD_PORT } }),
    bad('video-password', { rtsp: { ...rtsp, credentials: WRONG } }),
    bad('head-password', { onvif: { ...onvif, credentials: WRONG }, active_ptz_stops: [[5, -4, 1]] }),
    bad('dead-head', { onvif: { ...onvif, port: DEAD_PORT }, active_ptz_stops: [[5, -4, 1]] }),
    bad('far-stop', { ptz: { pan_range_deg: null, tilt_range_deg: [-89, 89] }, ...elsewhere }),
    bad('no-reference', {}),
    bad('empty-reference', {}),
    bad('corrupt-picture', {}),
    bad('words', { telemetry: { topic: 'bad/words' } }),
    bad('nan', { telemetry: { topic: 'bad/nan' } }),
    bad('silent', { telemetry: { topic: 'bad/nobody' } }),
    bad('good', { telemetry: { topic: 'bad/number-strings' } }),
  ];
};

const prepareReferences = async (): Promise<void> => {
  const named = badDevices().filter(({ camera_name: name }) => name !== 'no-reference');
  for (const { device_id: id, camera_name: name } of named) await copyReference(String(id), String(name));
  const empty = path.join(storeDir('empty-reference'), 'manifest.json');
  const manifest = JSON.parse(await readFile(empty, 'utf8')) as Yaml;
  await writeFile(empty, JSON.stringify({ ...manifest, frames: [] }));
  const picture = path.join(storeDir('corrupt-picture'), 'images/0001.jpg');
  await writeFile(picture, (await readFile(picture)).subarray(0, 5000));
};

beforeAll(async () => {
  trial = await startTrial();
  closers.push(() => trial.close());
  expect((await trial.calib(['reference', 'mast'])).code).toBe(0);
  publish('bad/words', ['{"pan": "north", "tilt": "--", "zoom": ""}']);
  publish('bad/nan', ['{"pan": NaN, "tilt": NaN, "zoom": NaN}']);
  publish('bad/number-strings', ['{"pan": "4.00", "tilt": "-4.00", "zoom": "1.0"}']);
  await prepareReferences();
  const { mqtt: broker } = trial.deployment as { mqtt: Yaml };
  const site = (name: string, brokerThere: Yaml) => ({
    name,
    mqtt: brokerThere,
    devices: [
      { ...trial.device, camera_name: 'a' },
      { ...trial.device, device_id: 'cam-2', camera_name: 'b' },
    ],
  });
  await trial.configure('bad.yaml', [
    { ...trial.deployment, devices: badDevices() },
    site('locked', {
      ...broker,
      credentials: { username_env: 'BROKER_USER', password_env: 'WRONG_PASSWORD' },
    }),
    site('gone', at(DEAD_PORT)),
  ]);
  for (const name of ['locked', 'gone'])
    for (const camera of ['a', 'b'])
      await cp(storeDir('mast'), path.join(trial.dir, 'store', name, camera, 'reference_scan'), {
        recursive: true,
      });
}, 120_000);
afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

/** What differs from run to run taken out. */
const plain = (text: string): string =>
  text.replaceAll(trial.dir, 'DIR').replace(/127\.0\.0\.1:\d+/g, 'ADDRESS');

const REFUSED = 'rejected the user name and password.';
const NO_TELEMETRY = 'no usable telemetry came; still waiting for a first telemetry message.';
const CHECK_TOPIC = 'Check that the device publishes on its topic and that devices.yaml names its fields.';

/** Why each bad camera is not measured. */
const REASONS: Readonly<Record<string, string>> = {
  'pier/dead-video':
    'The video stream rtsp://ADDRESS/stream1 cannot be reached. Check that the camera is on, and that its address and port are correct.',
  'pier/video-password': `The video stream rtsp://ADDRESS/stream1 ${REFUSED} Check the camera's RTSP credentials.`,
  'pier/head-password': `The camera's ONVIF service at ADDRESS ${REFUSED} Check the camera's ONVIF credentials, and that the user is allowed to use PTZ.`,
  'pier/dead-head':
    "The camera's ONVIF service at ADDRESS cannot be reached: connect ECONNREFUSED ADDRESS. Check that the camera is on, and that its address and port are correct.",
  'pier/far-stop':
    "The stop at pan 0°, tilt 80°, zoom 1 is outside what the camera reaches. Correct the device's stops or ranges in devices.yaml.",
  'pier/no-reference': 'pier/no-reference has no reference yet. Scan one: calib reference pier/no-reference',
  'pier/empty-reference':
    'The reference of pier/empty-reference cannot be used: file://DIR/store/pier/empty-reference/reference_scan/manifest.json: frames are none. Scan a new one: calib reference pier/empty-reference',
  'pier/corrupt-picture':
    'The reference of pier/corrupt-picture cannot be used: file://DIR/store/pier/corrupt-picture/reference_scan/images/0001.jpg: the picture is truncated. Scan a new one: calib reference pier/corrupt-picture',
  'pier/words': `id-words: ${NO_TELEMETRY} Last fault: A telemetry message cannot be used: field pan is not a number. ${CHECK_TOPIC}`,
  'pier/nan': `id-nan: ${NO_TELEMETRY} Last fault: A telemetry message cannot be used: it is not valid JSON (it may be truncated or contain NaN). ${CHECK_TOPIC}`,
  'pier/silent': `id-silent: ${NO_TELEMETRY} ${CHECK_TOPIC}`,
  locked: `The MQTT broker at ADDRESS ${REFUSED} Check the deployment's MQTT credentials.`,
  gone: 'The MQTT broker at ADDRESS cannot be reached: connect ECONNREFUSED ADDRESS. Check that the broker is running, and its address, port and TLS settings.',
};

describe('a sweep of bad cameras', () => {
  it('tells each fault in one line of its own and measures the good one all the same', async () => {
    const { code, out } = await trial.calib(['sweep'], { config: 'bad.yaml' });
    const told = plain(out).trimEnd().split('\n');
    const whose = (name: string): string => (['locked', 'gone'].includes(name) ? '2 cameras ' : '');
    const expected = Object.entries(REASONS).map(
      ([name, why]) => `⚠️ ${name}: ${whose(name)}not measured: ${why}`,
    );
    expect(told.slice(0, -2).sort()).toEqual(expected.sort());
    expect(told.at(-2)).toMatch(/^✅ pier\/good: yaw/);
    expect(told.at(-1)).toBe('16 cameras: 15 not measured, 1 ok');
    expect(code).toBe(3);
  }, 120_000);

  it('writes one row for each, with the reason, and leaves nothing in the spool', async () => {
    const rows = (await trial.rows()).map((row) => [
      `${row.deployment_name}/${row.device_id.replace('id-', '')}`,
      row.success ? 'measured' : plain(row.failure_log ?? ''),
    ]);
    const sites = ['locked', 'gone'].flatMap((name) =>
      ['cam-1', 'cam-2'].map((device) => [`${name}/${device}`, REASONS[name]]),
    );
    const cameras = Object.entries(REASONS).filter(([name]) => name.startsWith('pier/'));
    expect(Object.fromEntries(rows)).toEqual(
      Object.fromEntries([...cameras, ...sites, ['pier/good', 'measured']]),
    );
    expect(rows).toHaveLength(16);
    expect(trial.spooled()).toEqual([]);
    expect(trial.isHome()).toBe(true);
  });

  it('measures a camera whose damaged object was put right', async () => {
    const file = path.join(storeDir('corrupt-picture'), 'images/0001.jpg');
    await cp(path.join(storeDir('mast'), 'images/0001.jpg'), file);
    const { code, out } = await trial.calib(['check', 'corrupt-picture'], { config: 'bad.yaml' });
    expect(out).toMatch(/^✅ pier\/corrupt-picture: yaw/);
    expect(code).toBe(0);
  }, 120_000);
});

describe('unusable settings and arguments', () => {
  const refused = async (args: readonly string[], options: CallOptions = {}): Promise<string> => {
    const { code, out, err } = await trial.calib(args, options);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    return plain(err);
  };

  it('are told in one clear line each, with exit code 2, before anything is done', async () => {
    await writeFile(path.join(trial.dir, 'broken.yaml'), 'deployments:\n  - name: "pier\n');
    const told = await Promise.all([
      refused(['check', 'mast'], { config: 'broken.yaml' }),
      refused(['check', 'mast'], { config: 'none.yaml' }),
      refused(['check', 'masd']),
      refused(['check', 'mast'], { env: { CAMERA_PASSWORD: undefined } }),
    ]);
    expect(told[0]).toBe(
      'broken.yaml:3:1 syntax: Missing closing "quote\nCorrect these places in broken.yaml.\n',
    );
    expect(told[1]).toBe(
      'none.yaml does not exist. Give the path of a devices.yaml; copy the example to start.\n',
    );
    expect(told[2]).toBe('No camera is named masd. Did you mean mast?\n');
    const unset = 'names the environment variable CAMERA_PASSWORD, which is not set (for pier/cam-1)';
    const place =
      /^devices\.yaml:\d+:\d+ deployments\[0\]\.devices\[0\]\.(?:onvif|rtsp)\.credentials\.password_env: (.*)$/;
    expect(told[3]?.split('\n').map((line) => place.exec(line)?.[1] ?? line)).toEqual([
      unset,
      unset,
      'Correct these places in devices.yaml.',
      '',
    ]);
  }, 120_000);
});

describe('calib solve', () => {
  const query = (): string => path.join(trial.dir, 'query');
  const solve = () => trial.calib(['solve', '--reference', storeDir('mast'), '--query', query(), '--json']);

  it('answers a good folder, and tells of a cut picture in a line', async () => {
    const good = trial
      .stored()
      .find((file) => file.startsWith('pier/good/query_scan') && file.endsWith('0000.jpg'));
    await cp(path.join(trial.dir, 'store', path.dirname(good!)), query(), { recursive: true });
    const file = path.join(query(), 'manifest.json');
    const manifest = JSON.parse(await readFile(file, 'utf8')) as Yaml;
    await writeFile(file, JSON.stringify({ ...manifest, device_id: 'cam-1' }));
    expect(JSON.parse((await solve()).out)).toMatchObject({ success: true, verdict: 'ok' });
    const picture = path.join(query(), '0000.jpg');
    await writeFile(picture, (await readFile(picture)).subarray(0, 9000));
    const { code, out, err } = await solve();
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(plain(err)).toBe(
      'DIR/query/0000.jpg: the picture is truncated. Capture it again, or repair the folder.\n',
    );
  }, 120_000);
});

describe('a spool without room', () => {
  it('is told, and its row is written all the same', async () => {
    const before = (await trial.rows()).length;
    // Of at most 16 KB: records fit, pictures do not.
    const options = { config: 'bad.yaml', limit: 'ulimit -f 16;' };
    const { code, out } = await trial.calib(['check', 'good'], options);
    expect(plain(out).replace(/\d{4}-\d\d-\d\dT[\d.-]+Z/, 'TIME')).toBe(
      '⚠️ pier/good: not measured: There is no room left to write DIR/spool/pier/good/TIME/0000.jpg. Free disk space.\n',
    );
    expect(code).toBe(3);
    expect(await trial.rows()).toHaveLength(before + 1);
    expect(trial.spooled()).toEqual([]);
  }, 120_000);
});

it('no secret was told or kept, and no process is left', () => {
  expect(filesWithSecrets(trial.dir)).toEqual([]);
  const printed = trial.printed.join('');
  expect(secretForms().filter((secret) => printed.includes(secret))).toEqual([]);
  expect(processesIn(trial.dir)).toEqual([]);
});
