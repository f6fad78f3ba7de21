import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { unlessMissing } from '../../capture/spool/file-tools.js';
import type { CaptureManifest } from '../../capture/spool/manifest.js';
import type { DeviceSettings } from '../../config/settings.js';
import type { CoverageStop } from '../../ports/pictures.js';
import type { ObjectStore } from '../../ports/object-store.js';
import type { ReferenceReport } from '../../solve/model/answer.js';
import { pictureView } from '../check/check-picture.js';
import { writeSpoolFile } from '../record/check-folder.js';
import type { Dependencies } from '../record/dependencies.js';
import { orLogged } from '../record/or-logged.js';
import { COVERAGE_MAP, coverageMapKey, coverageMaps, referencePlace } from './publish-reference.js';
import { refusedDirOf } from './scan-job.js';
import { cameraPath, counted, lensInWords, sphereShare } from '../text/wording.js';

const stopsOf = (report: ReferenceReport, { frames }: CaptureManifest): CoverageStop[] =>
  report.stops.map(({ file, pan, tilt, zoom, ties, weakness }, index) => {
    const { width: widthPx, height: heightPx } = frames[index]!;
    const view = pictureView(report, { pan, tilt, zoom }, widthPx, heightPx);
    const label = String(Number(/(\d+)\.\w+$/.exec(file)?.[1] ?? index));
    const told = report.stops.length === 1 ? null : ties;
    return { ...view, ...{ label, panDeg: pan, tiltDeg: tilt, widthPx, heightPx, ties: told, weakness } };
  });

const subtitleOf = (report: ReferenceReport): string => {
  const residual = report.residualPx === null ? '' : `, residual ${report.residualPx.toFixed(2)} px`;
  return [
    `${counted(report.stops.length, 'stop')}, ${counted(report.landmarks, 'landmark')}${residual}; ` +
      `passive checks are answered from ${sphereShare(report)} of the sphere`,
    ...report.lens.map(lensInWords),
  ].join('\n');
};

/** Draws the coverage map of a scan; null, with a log entry, when that fails. */
const drawCoverage = async (
  deps: Pick<Dependencies, 'pictures' | 'log'>,
  device: DeviceSettings,
  manifest: CaptureManifest,
  report: ReferenceReport,
): Promise<Buffer | null> => {
  const day = manifest.finished_at.slice(0, 10);
  const entry = { level: 'warn', event: 'picture_missing', device: device.deviceId } as const;
  return orLogged(deps, entry, async () =>
    deps.pictures.coverageMap({
      title: `${report.usable ? '✅' : '⚠️'} ${cameraPath(device)}  reference scan of ${day}`,
      subtitle: subtitleOf(report),
      stops: stopsOf(report, manifest),
      answered: report.coverage_rows,
      sigmaDeg: report.coverage_sigma_deg,
    }),
  );
};

/**
 * Stores the coverage map with the scan to be published, or with the pictures of an unusable scan; adds its location to
 * the report.
 */
export const withCoverageMap = async (
  deps: Pick<Dependencies, 'pictures' | 'log' | 'store'>,
  device: DeviceSettings,
  scan: { readonly dir: string; readonly outDir: string; readonly manifest: CaptureManifest },
  report: ReferenceReport,
): Promise<ReferenceReport> => {
  const { dir, outDir, manifest } = scan;
  const map = await drawCoverage(deps, device, manifest, report);
  if (map === null) return report;
  await writeSpoolFile(report.usable ? outDir : dir, COVERAGE_MAP, map);
  const published = coverageMapKey(referencePlace(device), manifest);
  const location = report.usable
    ? deps.store.locationOf(published)
    : path.join(refusedDirOf(dir), COVERAGE_MAP);
  return { ...report, coverage_map: location };
};

/** The coverage map named in a report: published, or beside the pictures of an unusable scan; null when there is none. */
export const readCoverageMap = async (
  store: ObjectStore,
  device: DeviceSettings,
  { usable, coverage_map: location }: ReferenceReport,
): Promise<Buffer | null> => {
  if (location === undefined) return null;
  if (!usable) return unlessMissing<Buffer | null>(readFile(location), null);
  const maps = await store.list(coverageMaps(referencePlace(device)));
  const key = maps.find((each) => store.locationOf(each) === location);
  return key === undefined ? null : ((await store.get(key))?.body ?? null);
};
