import type { DeviceSettings } from '../../config/settings.js';
import { isSilenced, openIncident, type CameraState } from '../../monitor/record/incident.js';
import type { CheckOutcome, Verdict } from '../../monitor/product.js';
import { allDevices } from '../../monitor/text/device-selection.js';
import { cameraPath } from '../../monitor/text/wording.js';
import type { SlackDeps } from './slack-deps.js';
import type { ResultRow } from '../../ports/results-table.js';

export interface FleetCamera {
  readonly device: DeviceSettings;
  /** Null: not checked in the last day. */
  readonly row: ResultRow | null;
  readonly verdict: Verdict | 'unchecked';
  readonly state: CameraState | null;
  readonly isOpen: boolean;
  readonly isSilenced: boolean;
}

const DAY_MS = 86_400_000;
/** After this the table is read again: other programs check cameras too. */
const FRESH_MS = 300_000;

export const largestDeg = (row: ResultRow | null): number =>
  row === null
    ? 0
    : Math.max(...[row.yaw_offset, row.pitch_offset, row.roll_offset].map((deg) => Math.abs(deg ?? 0)));

const verdictOf = (row: ResultRow | null, thresholdDeg: number): FleetCamera['verdict'] => {
  if (row === null) return 'unchecked';
  if (!row.success) return 'unmeasured';
  return largestDeg(row) > thresholdDeg ? 'drifted' : 'ok';
};

const RANK: Readonly<Record<FleetCamera['verdict'], number>> = {
  drifted: 0,
  unmeasured: 1,
  unchecked: 2,
  ok: 3,
};

const keyOf = (row: ResultRow): string => `${row.deployment_name}\n${row.device_id}`;

/** A cache of every camera's last row: the Home tab of 1,000 cameras must open within a second. */
export class FleetView {
  private readonly latest = new Map<string, ResultRow>();
  private readAtMs = -Infinity;
  private reading: Promise<void> | null = null;

  constructor(private readonly deps: Pick<SlackDeps, 'product' | 'incidents' | 'clock' | 'log'>) {}

  note({ row }: CheckOutcome): void {
    this.keep(row);
  }

  /** All cameras, worst first. Rows a few minutes old are returned at once and read again for the next time. */
  async cameras(): Promise<FleetCamera[]> {
    const nowMs = this.deps.clock.nowMs();
    const isFirst = this.readAtMs === -Infinity;
    if (nowMs - this.readAtMs > FRESH_MS) {
      const reading = this.read();
      if (isFirst) await reading;
      else reading.catch((cause: unknown) => this.logStale(cause));
    }
    const states = await this.deps.incidents.all();
    return allDevices(this.deps.product.settings)
      .map((device) => this.cameraOf(device, states.get(cameraPath(device)) ?? null, nowMs))
      .sort(
        (a, b) =>
          RANK[a.verdict] - RANK[b.verdict] ||
          largestDeg(b.row) / b.device.thresholdDeg - largestDeg(a.row) / a.device.thresholdDeg,
      );
  }

  private cameraOf(device: DeviceSettings, state: CameraState | null, nowMs: number): FleetCamera {
    const row = this.latest.get(`${device.deploymentName}\n${device.deviceId}`) ?? null;
    return {
      ...{ device, row, state },
      verdict: verdictOf(row, device.thresholdDeg),
      isOpen: state !== null && openIncident(state) !== null,
      isSilenced: state !== null && isSilenced(state, nowMs),
    };
  }

  private logStale(cause: unknown): void {
    const message = 'The fleet shown in Slack is out of date: the results could not be read.';
    this.deps.log({ level: 'warn', event: 'slack_fleet', message, cause });
  }

  private keep(row: ResultRow): void {
    const known = this.latest.get(keyOf(row));
    if (known === undefined || known.timestamp <= row.timestamp) this.latest.set(keyOf(row), row);
  }

  private read(): Promise<void> {
    this.reading ??= this.deps.product
      .history({ sinceMs: this.deps.clock.nowMs() - DAY_MS })
      .then((rows) => {
        for (const row of rows) this.keep(row);
        this.readAtMs = this.deps.clock.nowMs();
      })
      .finally(() => (this.reading = null));
    return this.reading;
  }
}
