import type { DeviceSettings } from '../config/settings.js';
import type { AppError } from '../ports/app-error.js';
import type { LayerReport, ReferenceReport } from '../solve/answer.js';
import { faultInWords } from './run-program.js';
import { EXIT } from './shell.js';
import { layerReportInWords } from './tell-layer.js';
import { cameraPath, counted } from '../monitor/words.js';
import { jsonLine } from './words.js';

/** What scanning one camera came to: a report, or the failure that left it without one. */
export type Scanned = { readonly device: DeviceSettings } & (
  { readonly report: ReferenceReport | LayerReport } | { readonly fault: AppError }
);

/** Fewer other stops than these to match with make a stop weak. */
const SOUND_MATCHES = 2;

const lensInWords = (lens: ReferenceReport['lens'][number]): string =>
  `   lens at zoom ${lens.zoom}: ${lens.hfov_deg.toFixed(2)}° wide, focal length ${lens.focal_px.toFixed(1)} px, ` +
  `k1 ${lens.k1.toFixed(4)}, k2 ${lens.k2.toFixed(4)}`;

const weakStops = ({ stops }: ReferenceReport): string[] =>
  stops.length === 1
    ? []
    : stops
        .filter(({ matchedStops }) => matchedStops < SOUND_MATCHES)
        .map(
          ({ file, matchedStops, features }) =>
            `   weak stop ${file}: matches ${counted(matchedStops, 'other stop')}, ${counted(features, 'feature')}`,
        );

const reportInWords = (name: string, report: ReferenceReport | LayerReport): string => {
  if ('layer' in report) return layerReportInWords(name, report);
  const residual = report.residualPx === null ? '' : `, residual ${report.residualPx.toFixed(2)} px`;
  const figures = `${counted(report.landmarks, 'landmark')} from ${counted(report.stops.length, 'stop')}${residual}`;
  const verdict = report.usable
    ? `✅ ${name}: reference ready, ${figures}`
    : `⚠️ ${name}: not usable, the reference before was kept; ${figures}`;
  const faults = report.faults.map((fault) => `   ${fault}`);
  return [verdict, ...report.lens.map(lensInWords), ...weakStops(report), ...faults, ''].join('\n');
};

export const scannedInWords = (scanned: Scanned): string => {
  const name = cameraPath(scanned.device);
  return 'report' in scanned
    ? reportInWords(name, scanned.report)
    : `⚠️ ${name}: not scanned: ${faultInWords(scanned.fault)}`;
};

export const scannedJson = (scanned: Scanned): string => {
  const { deviceId, deploymentName, cameraName } = scanned.device;
  const names = { device: deviceId, deployment: deploymentName, camera: cameraName };
  if ('report' in scanned) return jsonLine({ ...names, failure_code: null, report: scanned.report });
  const { code, message, remedy } = scanned.fault;
  return jsonLine({ ...names, failure_code: code, failure_log: `${message} ${remedy}`, report: null });
};

export const scansExitCode = (scans: readonly Scanned[]): number => {
  if (scans.some((scanned) => 'report' in scanned && !scanned.report.usable)) return EXIT.trouble;
  return scans.some((scanned) => 'fault' in scanned) ? EXIT.unmeasured : EXIT.ok;
};
