import pLimit from 'p-limit';
import { readdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { createDeviceConnections } from '../../src/adapters/devices/device-connections.js';
import { createDirectLink } from '../../src/adapters/devices/direct-link.js';
import { createCaptureService, type ConnectedDevice } from '../../src/capture/capture-service.js';
import type { DeviceSettings } from '../../src/config/settings.js';
import type { Clock } from '../../src/ports/clock.js';
import type { PtzController } from '../../src/ports/ptz-controller.js';
import type { ResultRow } from '../../src/ports/results-table.js';
import type { PtzPosition } from '../../src/ports/telemetry.js';
import { startSite, type Fault, type Site } from '../../src/sandbox/site/site.js';
import { createMonitorRig } from '../monitor/monitor-rig.js';
import { colourBarsCamera, type ColourBarsCamera } from '../sandbox/colour-bars-camera.js';
import { behindCluster, serviceOf, startSiteCluster, type SiteCluster } from './site-cluster.js';
import {
  BROKER_LOGIN,
  deviceOf,
  grabbersOf,
  HOME,
  LOGIN,
  measuresNothing,
  never,
  settingsOf,
  until,
} from './site-setup.js';

/** When in the course of a check a fault comes. */
export const PHASES = ['before', 'waiting', 'moving', 'grabbing', 'returning'] as const;
export type Phase = (typeof PHASES)[number];

/** What one check under one fault came to. */
export interface CellReport {
  /** The failure's code, `ok` for none. */
  readonly code: string;
  readonly rows: readonly ResultRow[];
  readonly place: string;
  /** Where the camera stood once the fault had gone and the product had recovered. */
  readonly placeAfterwards: string;
  /** Files and processes that are still there at the end. */
  readonly left: readonly string[];
  /** On the clock of the check. */
  readonly tookMs: number;
}

/** Each later sweep tries again; a way that was dead is believed to be so for a while. */
const RECOVERIES = 5;
const PAUSE_MS = 1_000;
const STOP: PtzPosition = { panDeg: -60, tiltDeg: 0, zoom: 1 };
export const OPERATORS: PtzPosition = { panDeg: 77, tiltDeg: 7, zoom: 7 };
const PLACES = { home: HOME, stop: STOP, operators: OPERATORS };

const isAt = (a: PtzPosition, b: PtzPosition): boolean =>
  Math.max(Math.abs(a.panDeg - b.panDeg), Math.abs(a.tiltDeg - b.tiltDeg)) < 0.05;

/** The same ways to a device, telling when a phase of the check begins. */
const observed = ({ telemetry, frames, ptz, close }: ConnectedDevice, on: (phase: Phase) => void) => ({
  close,
  telemetry: {
    follow: async (...args: Parameters<typeof telemetry.follow>): Promise<void> => {
      await telemetry.follow(...args);
      on('waiting');
    },
  },
  frames: {
    grab: (...args: Parameters<typeof frames.grab>): ReturnType<typeof frames.grab> => {
      on('grabbing');
      return frames.grab(...args);
    },
  },
  ptz: ptz === null ? null : observedPtz(ptz, on),
});

const observedPtz = (ptz: PtzController, on: (phase: Phase) => void): PtzController => ({
  position: (signal) => ptz.position(signal),
  reach: (signal) => ptz.reach!(signal),
  moveTo: async (target, signal) => {
    if (!isAt(target, STOP)) on('returning');
    await ptz.moveTo(target, signal);
    if (isAt(target, STOP)) on('moving');
  },
  close: () => ptz.close(),
});

/** Where one check at a time is made. */
export interface Slot {
  readonly index: number;
  readonly site: Site;
  /** The way to the site; null where it is reached directly. */
  readonly cluster: SiteCluster | null;
}

/** What goes wrong, and how it is mended. */
export interface Trouble {
  strike(slot: Slot): void;
  relieve(slot: Slot): void | Promise<void>;
}

/** A fault of the camera itself. */
export const cameraFault = (fault: Fault): Trouble => ({
  strike: ({ site, index }) => site.setFault(index, fault),
  relieve: ({ site, index }) => site.setFault(index, null),
});

export interface Suffering {
  readonly trouble: Trouble;
  readonly phase: Phase;
  readonly clock: Clock;
  readonly timeoutS: number;
}

/** One site with many cameras, so that many checks can suffer at once. */
export interface FaultRig {
  /** Checks a camera actively while it has a fault from a phase on, then takes the fault away and lets the product recover. */
  check(index: number, suffering: Suffering): Promise<CellReport>;
  close(): Promise<void>;
}

export const startFaultRig = async (size: number, isBehindCluster = false): Promise<FaultRig> => {
  const models = Array.from({ length: size }, () => colourBarsCamera(160, 96));
  const site = await startSite({
    name: 'site-a',
    cameras: models.map((model, index) => ({ model, deviceId: `cam-${index}`, ...LOGIN })),
    mqtt: { ...BROKER_LOGIN, rateHz: 20 },
  });
  const slots = await Promise.all(
    models.map(async (_, index): Promise<Slot> => {
      const cluster = isBehindCluster ? await startSiteCluster(site, index) : null;
      return { index, site, cluster };
    }),
  );
  return {
    check: (index, suffering) => checkUnderFault(slots[index]!, models[index]!, suffering),
    close: async () => {
      for (const { cluster } of slots) await cluster?.close();
      await site.close();
    },
  };
};

/** Checks under all sufferings, several at once; what becomes of each is told by its promise. */
export const checkAll = <T extends Suffering>(
  rig: FaultRig,
  sufferings: readonly T[],
  atOnce: number,
): Map<T, Promise<CellReport>> => {
  const limit = pLimit(atOnce);
  const free = Array.from({ length: atOnce }, (_, index) => index);
  const checked = async (suffering: T): Promise<CellReport> => {
    const index = free.pop()!;
    return rig.check(index, suffering).finally(() => free.push(index));
  };
  const reports = sufferings.map((suffering) => {
    const report = limit(() => checked(suffering));
    // Told by the test that waits for it.
    report.catch(() => undefined);
    return [suffering, report] as const;
  });
  return new Map(reports);
};

const deviceAt = ({ site, index, cluster }: Slot, timeoutS: number): DeviceSettings => {
  const device = deviceOf(site.cameras[index]!);
  const { onvif, rtsp } = device;
  return {
    ...device,
    ...{ deviceId: `cam-${index}`, cameraName: `mast-${index}`, timeoutS },
    telemetry: { ...device.telemetry, topic: `telemetry/cam-${index}` },
    referenceStops: [HOME, STOP],
    activeStops: [STOP],
    ...(cluster === null || onvif === null
      ? {}
      : {
          onvif: { ...onvif, endpoint: serviceOf('onvif') },
          rtsp: { ...rtsp, endpoint: serviceOf('rtsp') },
        }),
  };
};

/** The product's ways to the device of a slot. */
const connectionsOf = ({ site, cluster }: Slot, spoolDir: string, device: DeviceSettings, clock: Clock) => {
  const direct = settingsOf(site.mqttPort, spoolDir, [device]);
  const settings = cluster === null ? direct : behindCluster(direct);
  const link = cluster?.link() ?? createDirectLink();
  const connections = createDeviceConnections({ settings, clock, linkFor: () => link });
  const close = async (): Promise<void> => {
    await connections.close();
    await link.close();
  };
  return { connections, close };
};

/** The whole product on one virtual camera, its stores in memory; it has a reference already. */
const startProduct = async (slot: Slot, device: DeviceSettings, clock: Clock, on: (phase: Phase) => void) => {
  const rig = await createMonitorRig([device]);
  await rig.product.scanReference(device, () => undefined, never());
  const { spoolDir } = rig;
  const { connections, close } = connectionsOf(slot, spoolDir, device, clock);
  const product = rig.restart({
    clock,
    restoreCameras: (...args) => connections.restoreCameras(...args),
    capture: createCaptureService({
      ...{ clock, spoolDir, settleTimeS: 0.2, measureFieldOfView: measuresNothing },
      openDevice: async (opened, signal) => observed(await connections.openDevice(opened, signal), on),
    }),
    closeAll: async () => {
      await close();
      await rig.close();
    },
  });
  return { product, spoolDir };
};

const placeOf = (model: ColourBarsCamera): string => {
  const now = model.reportedPosition(performance.now());
  return Object.entries(PLACES).find(([, known]) => isAt(now, known))?.[0] ?? JSON.stringify(now);
};

const checkUnderFault = async (
  slot: Slot,
  model: ColourBarsCamera,
  { trouble, phase, clock, timeoutS }: Suffering,
): Promise<CellReport> => {
  const device = deviceAt(slot, timeoutS);
  let isStruck = false;
  const on = (reached: Phase): void => {
    if (reached !== phase || isStruck) return;
    isStruck = true;
    trouble.strike(slot);
  };
  const { product, spoolDir } = await startProduct(slot, device, clock, on);
  try {
    model.moveTo(HOME, performance.now() - 1_000);
    on('before');
    const beganMs = clock.nowMs();
    const { failureCode } = await product.check(device, { mode: 'active' }, never());
    const tookMs = clock.nowMs() - beganMs;
    // A head whose telemetry shows nothing may still be on its way.
    await until(() => !model.isMoving(performance.now()));
    const found = { code: failureCode ?? 'ok', place: placeOf(model), tookMs };
    await trouble.relieve(slot);
    for (let tries = 0; tries < RECOVERIES && (await filesIn(spoolDir)).length > 0; tries += 1) {
      await sleep(tries * PAUSE_MS);
      await product.recover(() => undefined, never());
    }
    const rows = await product.history({ device, sinceMs: 0 });
    const files = await filesIn(spoolDir);
    await product.close();
    const left = [...files, ...grabbersOf(slot.site.cameras[slot.index]!.rtspPort), ...leftOf(slot)];
    return { ...found, rows, placeAfterwards: placeOf(model), left };
  } finally {
    await trouble.relieve(slot);
    await product.close();
  }
};

const leftOf = ({ cluster }: Slot): string[] => cluster?.left() ?? [];

/** What lies in a spool that should be empty; the cached reference may stay. */
const filesIn = async (spoolDir: string): Promise<string[]> => {
  const entries = await readdir(spoolDir, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('.cache'))
    .map(({ name }) => name);
};
