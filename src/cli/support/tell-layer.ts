import type { DeviceSettings } from '../../config/settings.js';
import type { LayerInfo } from '../../monitor/product.js';
import { cameraPath, counted, signedDeg, timeInWords } from '../../monitor/text/wording.js';
import type { LayerReport, LayerTie } from '../../solve/model/answer.js';
import { jsonLine } from './words.js';

const AXES = ['yaw', 'pitch', 'roll'] as const;
const BYTES_PER_MB = 1_000_000;

const turnInWords = (tie: LayerTie): string =>
  AXES.map((axis) => `${axis} ${signedDeg(tie[axis])} ± ${tie.sigma[axis].toFixed(3)}°`).join(', ');

/** By what a layer hangs on its reference, and how exactly. */
const tieInWords = (tie: LayerTie): string => {
  const pictures = counted(tie.evidence.length, 'picture');
  switch (tie.by) {
    case 'frames':
      return `tied by ${pictures} matching the reference: ${turnInWords(tie)}`;
    case 'check':
      return `tied by a check close in time: ${turnInWords(tie)}`;
    case 'each_frame':
      return `${pictures} measured by the reference one by one, ± ${Math.max(...Object.values(tie.sigma)).toFixed(3)}°`;
  }
};

export const layerReportInWords = (name: string, report: LayerReport): string => {
  const figures = `${counted(report.landmarks, 'landmark')} from ${counted(report.stops.length, 'stop')}`;
  const verdict = report.usable
    ? `✅ ${name}: layer ${report.layer} ready, ${figures}`
    : `⚠️ ${name}: layer ${report.layer} not usable, what was there before was kept; ${figures}`;
  const tie = report.usable && report.tie !== null ? [`   ${tieInWords(report.tie)}`] : [];
  return [verdict, ...tie, ...report.faults.map((fault) => `   ${fault}`), ''].join('\n');
};

const unused = ({ name, state }: LayerInfo, path: string): string[] => {
  const cure = `calib layers ${path} --rebuild ${name}`;
  if (state === 'another_reference')
    return [`not used: tied to another reference than the present one: ${cure}`];
  return state === 'damaged'
    ? [`not used: its manifest cannot be read: calib layers ${path} --drop ${name}`]
    : [];
};

const takenInWords = ({ startedAt, finishedAt }: LayerInfo): string => {
  if (startedAt === null || finishedAt === null) return 'unknown time';
  const [from, to] = [timeInWords(startedAt).slice(0, 16), timeInWords(finishedAt).slice(0, 16)];
  return from === to ? from : `${from} to ${to}`;
};

const usedInWords = ({ answered, lastAnsweredAt }: LayerInfo): string =>
  lastAnsweredAt === null
    ? 'has not answered yet'
    : `answered ${counted(answered, 'check')}, last ${timeInWords(lastAnsweredAt).slice(0, 16)}`;

/** A layer as `calib layers` lists it. */
export const layerInWords = (layer: LayerInfo, device: DeviceSettings): string => {
  const { name, frames, bytes, origin, tie, state } = layer;
  const size = `${(bytes / BYTES_PER_MB).toFixed(1)} MB`;
  const head = [
    `${state === 'ready' ? '✅' : '⚠️'} ${name}: ${counted(frames, 'picture')}, ${size}`,
    `${origin === 'grown' ? 'grown' : 'scanned'} ${takenInWords(layer)}`,
    usedInWords(layer),
  ].join(', ');
  const below = [...unused(layer, cameraPath(device)), ...(tie === null ? [] : [tieInWords(tie)])];
  return `${[head, ...below].join('\n   ')}\n`;
};

export const layerJson = (
  layer: LayerInfo,
  { deviceId, deploymentName, cameraName }: DeviceSettings,
): string =>
  jsonLine({
    ...{ device: deviceId, deployment: deploymentName, camera: cameraName, layer: layer.name },
    ...{ state: layer.state, origin: layer.origin, frames: layer.frames, bytes: layer.bytes },
    ...{ started_at: layer.startedAt, finished_at: layer.finishedAt, tie: layer.tie },
    ...{ answered: layer.answered, last_answered_at: layer.lastAnsweredAt },
  });
