/** A worker of a fleet on AWS services of loopback, with captures and answers that are made up: `PLAN` as JSON. */
import process from 'node:process';
import { createAthenaResults } from '../../src/adapters/aws/athena-results.js';
import { createProcProcessIdentity } from '../../src/adapters/process/process-identity.js';
import { createS3ObjectStore } from '../../src/adapters/aws/s3-object-store.js';
import { createSqsWorkQueue } from '../../src/adapters/aws/sqs-work-queue.js';
import { createSystemClock } from '../../src/adapters/runtime/system-clock.js';
import type { Product } from '../../src/monitor/product.js';
import { useMotoCredentials } from '../servers/moto.js';
import { createMonitorRig, device, type MonitorRig } from '../monitor/monitor-rig.js';

export interface FleetPlan {
  readonly motoUrl: string;
  readonly athenaUrl: string;
  readonly region: string;
  readonly bucket: string;
  readonly queue: string;
  readonly database: string;
  readonly cameras: number;
  readonly concurrency: number;
  readonly visibilityMs: number;
  readonly captureMs: number;
  readonly spoolDir: string;
}

/** A line of the worker's standard output. */
export type FleetLine =
  { readonly device: string; readonly at: string } | { readonly finished: number; readonly tookMs: number };

const devicesOf = ({ cameras }: FleetPlan) =>
  Array.from({ length: cameras }, (_, index) => device(`site-${index % 4}`, `cam-${index}`));

/** The product of one program of the fleet. */
export const fleetProduct = async (plan: FleetPlan): Promise<{ product: Product; rig: MonitorRig }> => {
  const { region, bucket, motoUrl, athenaUrl, queue, visibilityMs, database, spoolDir, concurrency } = plan;
  const clock = createSystemClock();
  const rig = await createMonitorRig(devicesOf(plan), concurrency);
  const store = createS3ObjectStore({
    settings: {
      kind: 's3',
      bucket,
      region,
      endpoint: motoUrl,
      prefix: '',
      pathStyle: true,
      checksums: 'always',
    },
    clock,
  });
  rig.script.capture = async (_device, _dir, signal) => {
    await clock.sleep(plan.captureMs, signal);
    return null;
  };
  const product = rig.restart({
    clock,
    store,
    queue: createSqsWorkQueue({
      ...{ name: queue, deadLetterName: `${queue}-dead`, region, endpoint: motoUrl, visibilityMs },
    }),
    results: createAthenaResults({
      settings: {
        ...{ kind: 'athena', database, workgroup: 'primary', region, endpoint: athenaUrl },
        ...{ outputLocation: 's3://answers/', tableLocation: 's3://bucket/warehouse/' },
      },
      store,
      clock,
    }),
    identity: createProcProcessIdentity(),
    settings: { ...rig.deps.settings, spoolDir },
  });
  return { product, rig };
};

const say = (line: FleetLine): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

const work = async (plan: FleetPlan): Promise<void> => {
  useMotoCredentials();
  const { product } = await fleetProduct(plan);
  const abort = new AbortController();
  process.on('SIGTERM', () => abort.abort(new Error('stop')));
  const watch = {
    outcome: ({ device: { deviceId }, row }: { device: { deviceId: string }; row: { timestamp: string } }) =>
      say({ device: deviceId, at: row.timestamp }),
    finished: (outcomes: readonly unknown[], tookMs: number) => say({ finished: outcomes.length, tookMs }),
  };
  await product
    .serve(() => undefined, abort.signal, watch, 'worker')
    .catch((fault: unknown) => {
      if (!abort.signal.aborted) throw fault;
    });
};

const [plan] = process.argv.slice(2);
if (plan?.startsWith('{')) await work(JSON.parse(plan) as FleetPlan);
