import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { stringify } from 'yaml';
import type { SlackSandbox } from '../slack/sandbox.js';
import { writeKubeconfig, type KubeContext } from '../kubernetes/kubeconfig-file.js';
import { DEMO_NAMESPACE, type DemoCamera } from './demo-sites.js';
import type { RunningSite } from './site-client.js';

/** The demo's devices.yaml, and the secrets that it names. */
export interface DemoSettings {
  readonly configFile: string;
  /** A file that a shell can read with `.`; it holds the secrets of virtual cameras only. */
  readonly envFile: string;
  readonly env: Readonly<Record<string, string>>;
}

const HOST = '127.0.0.1';
const KUBECONFIG = 'kubeconfig';
const SLACK_TOKENS = { bot: 'DEMO_SLACK_BOT_TOKEN', app: 'DEMO_SLACK_APP_TOKEN' };
/** Cameras in the field are given 30 s; nobody drives these. */
const STABILIZE_TIME_S = 3;

const upper = (...names: string[]): string => names.join('_').replaceAll('-', '_').toUpperCase();

const secretsOf = (prefix: string, login: { username: string; password: string }) => ({
  names: { username_env: `${prefix}_USER`, password_env: `${prefix}_PASSWORD` },
  values: { [`${prefix}_USER`]: login.username, [`${prefix}_PASSWORD`]: login.password },
});

const cameraSecrets = (site: RunningSite, camera: DemoCamera) =>
  secretsOf(upper(site.site.name, camera.cameraName), camera);

const brokerSecrets = ({ site }: RunningSite) => secretsOf(upper(site.name, 'mqtt'), site.mqtt);

/** The camera's services by name in the cluster, or its ports. */
const waysTo = ({ cluster, cameras }: RunningSite, index: number) => {
  const { rtspPort, onvifPort } = cameras[index]!;
  if (cluster === null)
    return { onvif: { host: HOST, port: onvifPort }, rtsp: { host: HOST, port: rtspPort } };
  const service = '{camera_name}';
  return { onvif: { service, port: 'onvif' }, rtsp: { service, port: 'rtsp' } };
};

const deviceOf = (site: RunningSite, camera: DemoCamera, index: number) => {
  const ways = waysTo(site, index);
  const path = site.cameras[index]!.rtspPath;
  const credentials = cameraSecrets(site, camera).names;
  return {
    device_id: camera.deviceId,
    camera_name: camera.cameraName,
    onvif: { ...ways.onvif, credentials },
    rtsp: { ...ways.rtsp, path, credentials },
    reference_scan: { grid: { pan: camera.scan.pan, tilt: camera.scan.tilt } },
    active_ptz_stops: camera.activeStops,
  };
};

const documentOf = (sites: readonly RunningSite[], slack: SlackSandbox) => ({
  slack: {
    channel: 'calibration_monitoring',
    bot_token_env: SLACK_TOKENS.bot,
    app_token_env: SLACK_TOKENS.app,
    api_url: slack.apiUrl,
  },
  storage: { kind: 'file', root_dir: 'store' },
  results: { kind: 'duckdb', file: 'results.duckdb' },
  spool_dir: 'spool',
  threshold_deg: 0.5,
  schedule: { every_minutes: 1 },
  defaults: {
    telemetry: {
      topic: 'telemetry/{device_id}',
      pan: { path: 'pan' },
      tilt: { path: 'tilt' },
      zoom: { path: 'zoom' },
    },
    ptz: { pan_range_deg: [-180, 180], tilt_range_deg: [-30, 30], zoom_range: [1, 4] },
    stabilize_time: STABILIZE_TIME_S,
    timeout: 120,
  },
  deployments: sites.map((site) => ({
    name: site.site.name,
    ...(site.cluster === null
      ? {}
      : { kube: { context: site.site.name, namespace: DEMO_NAMESPACE, kubeconfig: KUBECONFIG } }),
    mqtt: {
      ...(site.cluster === null ? { host: HOST, port: site.mqttPort } : { service: 'mqtt', port: 1883 }),
      credentials: brokerSecrets(site).names,
    },
    devices: site.site.cameras.map((camera, index) => deviceOf(site, camera, index)),
  })),
});

const contextOf = ({ site, cluster }: RunningSite): KubeContext[] =>
  cluster === null
    ? []
    : [{ name: site.name, server: cluster.url, caPem: cluster.caPem, user: { token: cluster.token } }];

const quoted = (value: string): string => `'${value.replaceAll("'", `'\\''`)}'`;

/** Writes the demo's settings below an empty `dir`: what an earlier demo left there is deleted. */
export const writeDemoSettings = async (
  dir: string,
  sites: readonly RunningSite[],
  slack: SlackSandbox,
): Promise<DemoSettings> => {
  await rm(dir, { recursive: true, force: true });
  await mkdir(dir, { recursive: true });
  const env = Object.assign(
    { [SLACK_TOKENS.bot]: slack.botToken, [SLACK_TOKENS.app]: slack.appToken },
    ...sites.flatMap((site) => [
      brokerSecrets(site).values,
      ...site.site.cameras.map((camera) => cameraSecrets(site, camera).values),
    ]),
  ) as Record<string, string>;
  const configFile = path.join(dir, 'devices.yaml');
  const envFile = path.join(dir, 'demo.env');
  await writeKubeconfig(path.join(dir, KUBECONFIG), sites.flatMap(contextOf));
  await writeFile(configFile, stringify(documentOf(sites, slack)));
  const lines = Object.entries(env).map(([name, value]) => `export ${name}=${quoted(value)}\n`);
  await writeFile(envFile, lines.join(''), { mode: 0o600 });
  return { configFile, envFile, env };
};
