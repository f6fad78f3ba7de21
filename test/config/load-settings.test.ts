import { describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadSettings } from '../../src/config/load-settings.js';
import { AppError } from '../../src/ports/app-error.js';
import { fakeAlerts } from '../fakes/fake-settings.js';
import { auto, deviceOf, edited, faultsOf, settingsOf, SITE, withKeys } from './small-site.js';

const failure = async (file: string): Promise<AppError> => {
  const fault: unknown = await loadSettings(file, {}).catch((error: unknown) => error);
  if (fault instanceof AppError) return fault;
  throw new Error('it loaded');
};

const inFolder = async <T>(work: (dir: string) => Promise<T>): Promise<T> => {
  const dir = await mkdtemp(path.join(tmpdir(), 'config-'));
  try {
    return await work(dir);
  } finally {
    await rm(dir, { recursive: true });
  }
};

const isFrozen = (value: unknown): boolean =>
  typeof value !== 'object' ||
  value === null ||
  (Object.isFrozen(value) && Object.values(value).every(isFrozen));

describe('settings', () => {
  it('have sensible values where the file says nothing', () => {
    expect(settingsOf(SITE)).toMatchObject({
      slack: null,
      storage: { kind: 'file', rootDir: '/etc/calib/data/store' },
      results: { kind: 'duckdb', file: '/etc/calib/data/results.duckdb' },
      schedule: { everyMinutes: 60 },
      alerts: fakeAlerts,
      thresholdDeg: 0.5,
      concurrency: 4,
      spoolDir: '/etc/calib/data/spool',
    });
    expect(deviceOf(settingsOf(SITE))).toMatchObject({
      onvif: { path: '/onvif/device_service', credentials: null, profile: null },
      telemetry: { match: null, pan: { unit: 'deg', sign: 1, range: null }, zoom: null, yaw: null },
      ptz: { panRangeDeg: null, tiltRangeDeg: null, zoomRange: null, panSign: 1, tiltSign: 1 },
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
  });

  it('say when people are told, in their own time zone', () => {
    const alerts =
      "alerts: { confirm: { found: 2, of: 3 }, remind_after_minutes: null, digest_at: '06:30', quiet_hours: ['22:00', '06:00'], time_zone: Europe/Berlin }\n";
    expect(settingsOf(alerts + SITE).alerts).toEqual({
      confirm: { found: 2, of: 3 },
      clearRatio: 0.8,
      remindAfterMinutes: null,
      digestAtMinute: 390,
      quietHours: { fromMinute: 1_320, untilMinute: 360 },
      timeZone: 'Europe/Berlin',
    });
  });

  it('take S3, Athena and Slack with secrets from the environment', () => {
    const services = `slack: { channel: C012AB3CD, bot_token_env: BOT, app_token_env: APP, api_url: 'http://127.0.0.1:80/api/' }
storage: { kind: s3, region: eu-central-1, prefix: calibration }
results: { kind: athena, database: db, region: eu-central-1, output_location: s3://bucket/results/ }
spool_dir: /var/spool/calib
`;
    expect(settingsOf(services + SITE, { BOT: 'xoxb-1', APP: 'xapp-1' })).toMatchObject({
      slack: {
        channel: 'C012AB3CD',
        botToken: 'xoxb-1',
        appToken: 'xapp-1',
        apiUrl: 'http://127.0.0.1:80/api/',
      },
      storage: {
        kind: 's3',
        bucket: 'camera-calibration-monitoring',
        region: 'eu-central-1',
        endpoint: null,
        prefix: 'calibration/',
        pathStyle: false,
        checksums: 'always',
      },
      results: { kind: 'athena', workgroup: 'primary', outputLocation: 's3://bucket/results/' },
      spoolDir: '/var/spool/calib',
    });
  });

  it('accept a full turn more or less as within the pan range, and a grid that ends on it', () => {
    const circle = edited(
      'stops: [[0, 0, 1], [30, 0, 1]]',
      'grid: { pan: { from: 0, to: 360, count: 4 }, tilt: [0] }',
    );
    const keys = '        ptz: { pan_range_deg: [-180, 180] }\n        active_ptz_stops: [[350, 0, 1]]\n';
    const device = deviceOf(settingsOf(circle + keys));
    expect(device.referenceStops?.map(({ panDeg }) => panDeg)).toEqual([0, 90, 180, 270]);
    expect(device.activeStops).toEqual([{ panDeg: 350, tiltDeg: 0, zoom: 1 }]);
  });

  it('leave the stops open where the scan plans them', () => {
    const ranges = 'ptz: { pan_range_deg: [0, 360], tilt_range_deg: [-90, 20] }';
    expect(deviceOf(settingsOf(auto(ranges)))).toMatchObject({
      referenceStops: null,
      ptz: { panRangeDeg: [0, 360], tiltRangeDeg: [-90, 20], zoomRange: null },
    });
    const listed = `defaults: { reference_scan: auto, ${ranges} }\n${edited('[30, 0, 1]', '[60, 0, 1]')}`;
    expect(deviceOf(settingsOf(listed)).referenceStops).toHaveLength(2);
  });

  it('cannot be changed', () => {
    expect(isFrozen(settingsOf(withKeys('masks: [{ x: 0, y: 0, width: 1, height: 0.1 }]')))).toBe(true);
  });

  it('follow anchors and aliases', () => {
    const text = edited('{ path: tilt }', '*axis', edited('{ path: pan }', '&axis { path: both }'));
    expect(deviceOf(settingsOf(text)).telemetry.tilt.path).toBe('both');
  });

  it('refuse a variable with a line break in it without telling its value', () => {
    const text = edited('port: 80', 'port: 80\n          credentials: { username_env: U, password_env: P }');
    expect(faultsOf(text, { U: 'user', P: 'secret\n' })).toEqual([
      '14:57 deployments[0].devices[0].onvif.credentials.password_env: names the environment variable P, whose value has a line break in it (for site-a/cam-1)',
    ]);
  });

  it('load 3,000 devices in seconds', () => {
    const devices = Array.from(
      { length: 3000 },
      (_, index) => `      - { device_id: cam-${index}, camera_name: mast-${index} }\n`,
    );
    const start = SITE.indexOf('        rtsp:');
    const shared = SITE.slice(start).replaceAll(/^ {6}/gm, '');
    const head = SITE.slice(0, SITE.indexOf('      - device_id'));
    const before = process.cpuUsage();
    const settings = settingsOf(`defaults:\n${shared}${head}${devices.join('')}`);
    const { user, system } = process.cpuUsage(before);
    expect(settings.deployments[0]?.devices).toHaveLength(3000);
    // Processor time, as other programs share the machine.
    expect((user + system) / 1e6).toBeLessThan(5);
  });
});

describe('loading', () => {
  it('reads a file and counts relative paths from its folder', () =>
    inFolder(async (dir) => {
      await writeFile(path.join(dir, 'd.yaml'), SITE);
      const settings = await loadSettings(path.join(dir, 'd.yaml'), {});
      expect(settings.spoolDir).toBe(path.join(dir, 'data/spool'));
    }));

  it('tells all faults in one message, a line each', () =>
    inFolder(async (dir) => {
      const file = path.join(dir, 'd.yaml');
      await writeFile(file, edited('port: 554', 'port: 0', edited('name: site-a', 'nam: site-a')));
      const { code, message } = await failure(file);
      expect(code).toBe('config_invalid');
      expect(message.split('\n').map((line) => line.slice(file.length, file.length + 27))).toEqual([
        ':2:5 deployments[0].name: i',
        ':2:5 deployments[0].nam: is',
        ':9:17 deployments[0].device',
      ]);
    }));

  it('tells that a file is missing or cannot be read', () =>
    inFolder(async (dir) => {
      const missing = await failure(path.join(dir, 'none.yaml'));
      expect([missing.code, missing.message]).toEqual(['config_invalid', `${dir}/none.yaml does not exist.`]);
      const folder = await failure(dir);
      expect([folder.code, folder.message]).toEqual(['config_invalid', `${dir} cannot be read (EISDIR).`]);
    }));
});
