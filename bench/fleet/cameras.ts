import path from 'node:path';
import { stringify } from 'yaml';
import { createOpencvSolverPool } from '../../src/adapters/solver/solver-pool.js';
import { drawScenery, type Panorama } from '../../src/sandbox/scenery/draw-scenery.js';
import { writeCapture } from '../capture-writer.js';
import { Random } from '../random.js';
import { buildOf, HD, lensOf, SCANS, writeScan } from '../scans.js';
import { renderView, type Pose } from '../view.js';

/** Places that the cameras of the fleet look at, a scan of 36 stops each. */
export const PLACES = 4;
const SITES = 10;
/** So that the stand-in for S3, which keeps pictures in memory, can hold a thousand references. */
const SCAN_QUALITY = 60;
const QUERY_QUALITY = 75;
/** One camera of so many is knocked. */
const KNOCKED = 10;

export interface BenchCamera {
  readonly deploymentName: string;
  readonly deviceId: string;
  readonly cameraName: string;
  readonly place: number;
  /** What telemetry says, and how the mount is turned against it: what the product is to find. */
  readonly pose: Pose;
  readonly isKnocked: boolean;
}

export const cameraNumbered = (index: number): BenchCamera => {
  const random = new Random(`camera ${index}`);
  const isKnocked = index % KNOCKED === KNOCKED / 2;
  const small = (): number => random.between(-0.25, 0.25);
  return {
    ...{ deploymentName: `site-${index % SITES}`, deviceId: `cam-${index}`, cameraName: `mast-${index}` },
    ...{ place: index % PLACES, isKnocked },
    pose: {
      ...{ panDeg: random.between(-180, 180), tiltDeg: random.between(-20, 12), zoom: 1 },
      offsetDeg: [isKnocked ? random.between(0.8, 3) : small(), small(), small()],
    },
  };
};

export const camerasOf = (count: number): BenchCamera[] =>
  Array.from({ length: count }, (_, index) => cameraNumbered(index));

export const scanDir = (dir: string, place: number): string => path.join(dir, `scan-${place}`);
export const queryDir = (dir: string, { deviceId }: Pick<BenchCamera, 'deviceId'>): string =>
  path.join(dir, `query-${deviceId}`);

/** Takes the pictures of all cameras, those that are not in the folder from an earlier run, and computes the scans' features. */
export const record = async (dir: string, cameras: readonly BenchCamera[]): Promise<void> => {
  const solver = createOpencvSolverPool({ workers: 1 });
  try {
    for (let place = 0; place < PLACES; place += 1) {
      let panorama: Panorama | null = null;
      const drawn = (): Panorama => (panorama ??= drawScenery({ seed: 20 + place }));
      const [name, scan] = [`place ${place}`, SCANS.known];
      await writeScan(scanDir(dir, place), scan, { name, panorama: drawn, other: drawn }, SCAN_QUALITY);
      const build = buildOf(scan, name);
      await solver.prepareReference(scanDir(dir, place), [], new AbortController().signal);
      for (const camera of cameras.filter((each) => each.place === place)) {
        const { panDeg: pan, tiltDeg: tilt, zoom } = camera.pose;
        await writeCapture(queryDir(dir, camera), {
          ...{ kind: 'query', lens: lensOf(scan), jpegQuality: QUERY_QUALITY },
          frames: [
            { telemetry: { pan, tilt, zoom }, draw: () => renderView(drawn(), HD, build, camera.pose) },
          ],
        });
      }
    }
  } finally {
    await solver.close();
  }
};

export interface Services {
  readonly awsUrl: string;
  readonly athenaUrl: string;
  readonly region: string;
  /** Of bucket and queue. */
  readonly name: string;
  readonly database: string;
  readonly visibilityS: number;
}

/** The fleet's devices.yaml. Nobody calls the cameras: their captures are recorded. */
export const settingsText = (cameras: readonly BenchCamera[], services: Services): string => {
  const { awsUrl, athenaUrl, region, name, database, visibilityS } = services;
  const nowhere = { host: '127.0.0.1', port: 1 };
  const axis = (field: string) => ({ path: field });
  return stringify({
    storage: { kind: 's3', bucket: name, region, endpoint: awsUrl },
    results: {
      ...{ kind: 'athena', database, region, endpoint: athenaUrl },
      output_location: 's3://answers/',
    },
    queue: { kind: 'sqs', name, region, endpoint: awsUrl, visibility: visibilityS },
    deployments: [...new Set(cameras.map(({ deploymentName }) => deploymentName))].map((site) => ({
      ...{ name: site, mqtt: nowhere },
      devices: cameras
        .filter(({ deploymentName }) => deploymentName === site)
        .map(({ deviceId, cameraName }) => ({
          ...{ device_id: deviceId, camera_name: cameraName },
          rtsp: { ...nowhere, path: '/stream1' },
          telemetry: { topic: `ptz/${deviceId}`, pan: axis('pan'), tilt: axis('tilt'), zoom: axis('zoom') },
        })),
    })),
  });
};
