/** A program of the fleet bench: `bench PLAN`, a plan as JSON. It publishes the reference that all cameras share, or works until SIGTERM. */
import { cp, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { createPictures } from '../src/adapters/jimp-pictures.js';
import { createOpencvSolverPool } from '../src/adapters/opencv-solver-pool.js';
import type { CaptureManifest } from '../src/capture/manifest.js';
import type { CaptureService } from '../src/capture/capture-service.js';
import type { DeviceSettings } from '../src/config/settings.js';
import { allDevices } from '../src/monitor/select-devices.js';
import { referencePrefix } from '../src/monitor/object-keys.js';
import type { ObjectStore } from '../src/ports/object-store.js';
import { countOf } from '../src/monitor/ranking.js';
import { useMotoCredentials } from '../test/servers/moto.js';
import { fleetProduct, type FleetPlan } from '../test/support/fleet-worker.js';

export interface FleetBenchPlan extends FleetPlan {
  readonly isPublisher: boolean;
  readonly scanDir: string;
  readonly queryDirs: readonly string[];
}

const renamed = (
  manifest: CaptureManifest,
  { deploymentName, deviceId, cameraName }: DeviceSettings,
): CaptureManifest => ({
  ...manifest,
  ...{ deployment_name: deploymentName, device_id: deviceId, camera_name: cameraName },
});

/** A recorded capture, as if this camera had taken it now. */
const replay = async (from: string, dir: string, of: DeviceSettings): Promise<CaptureManifest> => {
  await cp(from, dir, { recursive: true });
  const file = path.join(dir, 'manifest.json');
  const now = new Date().toISOString();
  const taken = JSON.parse(await readFile(file, 'utf8')) as CaptureManifest;
  const manifest = { ...renamed(taken, of), started_at: now, finished_at: now };
  await writeFile(file, JSON.stringify(manifest));
  return manifest;
};

const replays = ({ scanDir, queryDirs }: FleetBenchPlan): CaptureService => ({
  capture: (of, { dir }) => {
    const number = Number(of.deviceId.replace(/\D/g, ''));
    return replay(queryDirs[number % queryDirs.length] ?? '', dir, of);
  },
  scan: (of, dir) => replay(scanDir, dir, of),
});

/** All cameras look at one place: their reference is the first one's, which stands in the bucket once, under each one's name. */
const sharingReference = (store: ObjectStore, devices: readonly DeviceSettings[]): ObjectStore => {
  const first = referencePrefix(devices[0]!);
  const sharing = (key: string): DeviceSettings | undefined =>
    devices.slice(1).find((device) => key.startsWith(`${referencePrefix(device)}/`));
  return {
    locationOf: (key) => store.locationOf(key),
    get: async (key, given) => {
      const device = sharing(key);
      if (device === undefined) return store.get(key, given);
      const found = await store.get(`${first}${key.slice(referencePrefix(device).length)}`, given);
      if (found === null || !key.endsWith('/manifest.json')) return found;
      const manifest = renamed(JSON.parse(found.body.toString()) as CaptureManifest, device);
      return { ...found, body: Buffer.from(JSON.stringify(manifest)) };
    },
    put: (key, body, condition, given) => store.put(key, body, condition, given),
    list: async (prefix, given) => {
      const device = sharing(prefix);
      if (device === undefined) return store.list(prefix, given);
      const own = referencePrefix(device);
      const keys = await store.list(`${first}${prefix.slice(own.length)}`, given);
      return keys.map((key) => `${own}${key.slice(first.length)}`);
    },
    delete: (key, given) => store.delete(key, given),
  };
};

const plan = JSON.parse(process.argv[3] ?? '') as FleetBenchPlan;
useMotoCredentials();
const { rig } = await fleetProduct(plan);
const devices = allDevices(rig.deps.settings);
// What a camera learns goes to its reference, and this one is everybody's.
const deployments = rig.deps.settings.deployments.map((deployment) => ({
  ...deployment,
  devices: deployment.devices.map((device) => ({ ...device, growLayers: false })),
}));
const solver = createOpencvSolverPool({ workers: 1 });
const pictures = createPictures();
const product = rig.restart({
  ...{ solver, pictures, capture: replays(plan), store: sharingReference(rig.deps.store, devices) },
  settings: { ...rig.deps.settings, deployments },
});
const abort = new AbortController();
process.on('SIGTERM', () => abort.abort(new Error('stop')));
try {
  if (plan.isPublisher) await product.scanReference(devices[0]!, () => undefined, abort.signal);
  else
    await product.serve(
      () => undefined,
      abort.signal,
      {
        finished: (outcomes, tookMs) => {
          process.stdout.write(
            `finished in ${tookMs} ms: ${countOf(outcomes, 'drifted')} drifted, ${countOf(outcomes, 'ok')} ok, ${countOf(outcomes, 'unmeasured')} not measured\n`,
          );
        },
      },
      'worker',
    );
} catch (fault) {
  if (!abort.signal.aborted) throw fault;
} finally {
  await Promise.all([solver.close(), pictures.close(), rig.deps.queue.close(), rig.deps.results.close()]);
  await rig.close();
}
