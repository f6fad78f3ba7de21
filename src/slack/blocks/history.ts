import type { DeviceSettings } from '../../config/settings.js';
import { cameraPath, counted, signedDeg } from '../../monitor/text/wording.js';
import type { ResultRow } from '../../ports/results-table.js';
import type { Outgoing } from '../api/slack-client.js';
import { clipped, context, escaped, image, section, user, when } from './text.js';

const LATEST = 8;

const largestDeg = (row: ResultRow): number =>
  Math.max(...[row.yaw_offset, row.pitch_offset, row.roll_offset].map((deg) => Math.abs(deg ?? 0)));

const lineOf = (row: ResultRow, thresholdDeg: number): string => {
  const at = when(Date.parse(row.timestamp));
  if (!row.success) return `⚠️ ${at} not measured: ${clipped(escaped(row.failure_log ?? ''), 200)}`;
  const icon = largestDeg(row) > thresholdDeg ? '🚨' : '✅';
  const angles = [row.yaw_offset, row.pitch_offset, row.roll_offset].map((deg) => signedDeg(deg ?? 0));
  return `${icon} ${at} yaw ${angles[0]}, pitch ${angles[1]}, roll ${angles[2]}`;
};

/** What was measured of one camera, the plot once it is uploaded, the latest checks in words. */
export const historyMessage = (
  device: DeviceSettings,
  rows: readonly ResultRow[],
  by: string,
  sinceMs: number,
  plotId: string | null,
): Outgoing => {
  const failures = rows.filter(({ success }) => !success).length;
  const headline = `History of ${cameraPath(device)}: ${counted(rows.length, 'check')}, ${failures} without an answer`;
  const latest = rows.slice(-LATEST).reverse();
  return {
    text: headline,
    blocks: [
      section(`*${headline}*`),
      ...(plotId === null ? [] : [image(plotId, `Yaw, pitch and roll of ${cameraPath(device)} over time`)]),
      section(latest.map((row) => lineOf(row, device.thresholdDeg)).join('\n')),
      context(`For ${user(by)} · since ${when(sinceMs)} · threshold ${device.thresholdDeg}°`),
    ],
  };
};
