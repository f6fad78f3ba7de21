import type { DeviceSettings } from '../../config/settings.js';
import { headInWords } from '../../monitor/text/head-wording.js';
import { cameraPath, counted, lensInWords, sphereShare } from '../../monitor/text/wording.js';
import type { AppError } from '../../ports/app-error.js';
import type { LayerReport, ReferenceReport } from '../../solve/model/answer.js';
import { EXIT } from './shell.js';
import { faultInWords } from './tell-fault.js';
import { layerReportInWords } from './tell-layer.js';
import { jsonLine } from './words.js';

/** What scanning one camera came to: a report, or the failure that left it without one. */
export type Scanned = { readonly device: DeviceSettings } & (
  { readonly report: ReferenceReport | LayerReport } | { readonly fault: AppError }
);

const weakStops = ({ stops }: ReferenceReport): string[] =>
  stops
    .filter(({ weakness }) => weakness !== null)
    .map(({ file, pan, tilt, weakness, matchedStops, ties, features, residualPx }) => {
      const residual = residualPx === null ? '' : `, residual ${residualPx.toFixed(2)} px`;
      const figures = `${counted(matchedStops, 'other stop')}, ${counted(ties, 'shared point')}${residual}, ${counted(features, 'feature')}`;
      return `weak stop ${file} (pan ${pan}°, tilt ${tilt}°) ${weakness} (${figures})`;
    });

/** Faults of the scan as a whole; those of single stops are told with their figures. */
const wholeFaults = ({ faults, stops }: ReferenceReport): string[] =>
  faults.filter((fault) => !stops.some(({ file, weakness }) => fault === `${file} ${weakness}`));

/** What the pictures say of a lens that devices.yaml gives. */
const lensSeen = ({ lens_found: found }: ReferenceReport): string[] =>
  (found ?? []).map(
    ({ zoom, hfov_deg: deg, k1, k2 }) =>
      `so devices.yaml gives it; the pictures say ${deg.toFixed(2)}° wide at zoom ${zoom}, k1 ${k1.toFixed(4)}, k2 ${k2.toFixed(4)}`,
  );

const reportInWords = (name: string, report: ReferenceReport | LayerReport): string => {
  if ('layer' in report) return layerReportInWords(name, report);
  const residual = report.residualPx === null ? '' : `, residual ${report.residualPx.toFixed(2)} px`;
  const figures = `${counted(report.landmarks, 'landmark')} from ${counted(report.stops.length, 'stop')}${residual}`;
  const verdict = report.usable
    ? `✅ ${name}: reference ready, ${figures}`
    : `⚠️ ${name}: not usable, the reference before was kept; ${figures}`;
  const details = [
    `passive checks are answered from ${sphereShare(report)} of the sphere`,
    ...report.lens.map(lensInWords),
    ...lensSeen(report),
    ...headInWords(report.head),
    ...weakStops(report),
    ...wholeFaults(report),
    ...report.advice,
    ...(report.coverage_map === undefined ? [] : [`coverage map ${report.coverage_map}`]),
  ];
  return [verdict, ...details.map((line) => `   ${line}`), ''].join('\n');
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
