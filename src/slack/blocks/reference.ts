import type { DeviceSettings } from '../../config/settings.js';
import type { ScanProgress } from '../../monitor/product.js';
import { cameraPath, durationInWords } from '../../monitor/text/wording.js';
import type { ReferenceReport } from '../../solve/model/answer.js';
import type { Outgoing } from '../api/slack-client.js';
import {
  acceptReferenceButton,
  actions,
  historyButton,
  rescanButtons,
  restoreReferenceButton,
} from './buttons.js';
import { context, escaped, image, paragraph, section, user, when } from './text.js';

const COVERAGE_TOLD = 'where the stops look, and where a passive check is answered';

const howFar = ({ referenceStops }: DeviceSettings, progress: ScanProgress | null): string => {
  const total = progress?.plan === null ? undefined : (progress?.total ?? referenceStops?.length);
  if (total === undefined) return 'looking around to plan its stops';
  const left = progress?.etaMs == null ? '' : `, about ${durationInWords(progress.etaMs)} left`;
  return `${progress?.done ?? 0} of ${total} stops${left}`;
};

export const scanRunning = (device: DeviceSettings, by: string, progress: ScanProgress | null): Outgoing => {
  const text = `🧭 Scanning ${cameraPath(device)} for ${user(by)}: ${howFar(device, progress)}`;
  return { text, blocks: [section(text)] };
};

/** Why is told to the one who asked. */
export const scanFailed = (device: DeviceSettings, by: string): Outgoing =>
  paragraph(
    `⚠️ The scan of ${cameraPath(device)} for ${user(by)} ended without a result: its reference is what it was.`,
  );

/** A scan that somebody asked for, and what it came to. */
interface FinishedScan {
  readonly by: string;
  readonly report: ReferenceReport;
  /** Whether there was a reference before. */
  readonly hadReference: boolean;
  readonly atMs: number;
}

/** What the scan came to; an unusable one leaves the reference before in place. `mapId`: its coverage map, once uploaded. */
export const scanDone = (
  device: DeviceSettings,
  { by, report, hadReference, atMs }: FinishedScan,
  mapId: string | null,
): Outgoing => {
  const text = report.usable
    ? `✅ ${cameraPath(device)} has a new reference`
    : `⚠️ The scan of ${cameraPath(device)} cannot be used`;
  const before = report.usable ? 'The reference before is kept.' : 'The reference before stays in use.';
  const kept = hadReference ? [before] : [];
  const faults = [...report.faults, ...report.advice].map((line) => `• ${escaped(line)}`);
  const lens = report.lens
    .map(({ zoom, hfov_deg: deg }) => `zoom ${zoom}: ${deg.toFixed(1)}° wide`)
    .join(', ');
  return {
    text,
    blocks: [
      section([`*${text}*`, ...faults, ...kept].join('\n')),
      ...(mapId === null ? [] : [image(mapId, `${cameraPath(device)}: ${COVERAGE_TOLD}`)]),
      context(
        `Scanned for ${user(by)} ${when(atMs)} · ${report.landmarks} landmarks at ${report.stops.length} stops` +
          `${lens === '' ? '' : ` · ${lens}`}`,
      ),
      actions([
        ...(report.usable ? rescanButtons(device) : []),
        historyButton(device),
        ...(report.usable && hadReference ? [restoreReferenceButton(device)] : []),
      ]),
    ],
  };
};

/** RequestOrigin of the one who wants to replace a reference by a command, which has no confirm dialog of its own. */
export const replaceQuestion = (device: DeviceSettings): Outgoing => {
  const text = `${cameraPath(device)} has a reference already. A new one replaces what checks are measured against.`;
  return { text, blocks: [section(text), actions([acceptReferenceButton(device)])] };
};

export const restored = (device: DeviceSettings, by: string, scannedAt: string, nowMs: number): Outgoing => {
  const text = `↩️ ${cameraPath(device)} is measured against its reference before again`;
  const scanned = `Scanned ${when(Date.parse(scannedAt))}. The one that was in use is kept.`;
  return {
    text,
    blocks: [
      section(`*${text}*\n${scanned}`),
      context(`Restored for ${user(by)} ${when(nowMs)}`),
      actions([...rescanButtons(device), historyButton(device), restoreReferenceButton(device)]),
    ],
  };
};

/** RequestOrigin of the one who restores by a command. */
export const restoreQuestion = (device: DeviceSettings): Outgoing => {
  const text = `${cameraPath(device)} would be measured against the reference before its present one.`;
  return { text, blocks: [section(text), actions([restoreReferenceButton(device)])] };
};
