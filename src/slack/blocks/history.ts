import type { DeviceSettings } from '../../config/settings.js';
import { cameraPath, counted } from '../../monitor/text/wording.js';
import type { ResultRow } from '../../ports/results-table.js';
import type { Outgoing } from '../api/slack-client.js';
import { largestDeg } from '../state/fleet-view.js';
import { angles } from './fleet.js';
import { clipped, context, escaped, image, section, user, when } from './text.js';

const LATEST = 8;

const lineOf = (row: ResultRow, thresholdDeg: number): string => {
  const at = when(Date.parse(row.timestamp));
  if (!row.success) return `⚠️ ${at} not measured: ${clipped(escaped(row.failure_log ?? ''), 200)}`;
  const icon = largestDeg(row) > thresholdDeg ? '🚨' : '✅';
  return `${icon} ${at} ${angles(row)}`;
};

/** The latest checks of one camera in words, and the plot once it is uploaded. */
export const historyMessage = (
  device: DeviceSettings,
  rows: readonly ResultRow[],
  by: string,
  sinceMs: number,
  plotId: string | null,
): Outgoing => {
  const failures = rows.filter(({ success }) => !success).length;
  const headline = `History of ${cameraPath(device)}: ${counted(rows.length, 'check')}, ${failures} not measured`;
  const latest = rows.slice(-LATEST).reverse();
  return {
    text: headline,
    blocks: [
      section(`*${headline}*`),
      ...image(plotId, `Yaw, pitch and roll of ${cameraPath(device)} over time`),
      section(latest.map((row) => lineOf(row, device.thresholdDeg)).join('\n')),
      context(`For ${user(by)} · since ${when(sinceMs)} · threshold ${device.thresholdDeg}°`),
    ],
  };
};
