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

const COVERAGE_ALT = 'what the stops cover, and where passive checks can be measured';

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

/** The user who asked gets the reason separately. */
export const scanFailed = (device: DeviceSettings, by: string): Outgoing =>
  paragraph(`⚠️ The scan of ${cameraPath(device)} for ${user(by)} failed. Its reference is unchanged.`);

/** A finished scan and who asked for it. */
interface FinishedScan {
  readonly by: string;
  readonly report: ReferenceReport;
  /** Whether there was a reference before. */
  readonly hadReference: boolean;
  readonly atMs: number;
}

/** The result of a scan; an unusable one leaves the previous reference in place. `mapId`: its coverage map, once uploaded. */
export const scanDone = (
  device: DeviceSettings,
  { by, report, hadReference, atMs }: FinishedScan,
  mapId: string | null,
): Outgoing => {
  const text = report.usable
    ? `✅ ${cameraPath(device)} has a new reference`
    : `⚠️ The scan of ${cameraPath(device)} cannot be used`;
  const before = report.usable ? 'The previous reference is kept.' : 'The previous reference stays in use.';
  const kept = hadReference ? [before] : [];
  const faults = [...report.faults, ...report.advice].map((line) => `• ${escaped(line)}`);
  const lens = report.lens
    .map(({ zoom, hfov_deg: deg }) => `zoom ${zoom}: ${deg.toFixed(1)}° wide`)
    .join(', ');
  return {
    text,
    blocks: [
      section([`*${text}*`, ...faults, ...kept].join('\n')),
      ...image(mapId, `${cameraPath(device)}: ${COVERAGE_ALT}`),
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

/** Confirmation before a command replaces a reference: commands have no confirm dialog. */
export const replaceQuestion = (device: DeviceSettings): Outgoing => {
  const text = `${cameraPath(device)} already has a reference. Later checks would be measured against the new one.`;
  return { text, blocks: [section(text), actions([acceptReferenceButton(device)])] };
};

export const restored = (device: DeviceSettings, by: string, scannedAt: string, nowMs: number): Outgoing => {
  const text = `↩️ ${cameraPath(device)} is measured against its previous reference again`;
  const scanned = `Scanned ${when(Date.parse(scannedAt))}. The reference that was in use is kept.`;
  return {
    text,
    blocks: [
      section(`*${text}*\n${scanned}`),
      context(`Restored for ${user(by)} ${when(nowMs)}`),
      actions([...rescanButtons(device), historyButton(device), restoreReferenceButton(device)]),
    ],
  };
};

/** Confirmation before a command restores a reference. */
export const restoreQuestion = (device: DeviceSettings): Outgoing => {
  const text = `${cameraPath(device)} would be measured against its previous reference.`;
  return { text, blocks: [section(text), actions([restoreReferenceButton(device)])] };
};
