import type { DeviceSettings } from '../../config/settings.js';
import type { Job } from '../../monitor/record/incident.js';
import type { CheckOutcome } from '../../monitor/product.js';
import { countOf, worstFirst } from '../../monitor/record/severity-ranking.js';
import { cameraPath, counted } from '../../monitor/text/wording.js';
import type { Block, Outgoing } from '../api/slack-client.js';
import { actions, historyButton, rescanButtons, scanOffers } from './buttons.js';
import { clipped, escaped, image, lineSections, section, user, when } from './text.js';

/** The progress of a request to check cameras. */
export interface CheckProgress {
  readonly by: string;
  readonly mode: 'passive' | 'active';
  readonly devices: readonly DeviceSettings[];
  readonly outcomes: readonly CheckOutcome[];
  /** Cameras that had another job already. */
  readonly busy: readonly { readonly device: DeviceSettings; readonly job: Job }[];
  readonly isDone: boolean;
  /** The uploaded picture, where there is only one camera. */
  readonly pictureId: string | null;
}

const MAX_SCAN_BUTTONS = 10;
const LINE = 400;

const JOB_WORDS: Readonly<Record<Job['kind'], string>> = {
  check: 'being checked',
  active: 'being checked at its stops',
  reference: 'being scanned',
};

/** For the second of two people who ask for the same. */
export const busyLine = (device: DeviceSettings, { kind, by, startedAtMs }: Job): string =>
  `⏳ ${cameraPath(device)} is already ${JOB_WORDS[kind]} for ${user(by)} since ${when(startedAtMs)}. The result will be posted when it is done.`;

const headline = ({ by, mode, devices, outcomes, busy, isDone }: CheckProgress): string => {
  const what = devices.length === 1 ? cameraPath(devices[0]!) : counted(devices.length, 'camera');
  const how = mode === 'active' ? ' at active stops' : '';
  if (isDone) return `Checked ${what}${how} for ${user(by)}`;
  return `🔎 Checking ${what}${how} for ${user(by)}: ${outcomes.length + busy.length} of ${devices.length} done`;
};

const lines = ({ outcomes, busy }: CheckProgress): string[] => [
  ...worstFirst(outcomes).map(({ line }) => clipped(escaped(line), LINE)),
  ...busy.map(({ device, job }) => busyLine(device, job)),
];

const countsOf = (outcomes: readonly CheckOutcome[]): string =>
  `🚨 ${countOf(outcomes, 'drifted')}  ✅ ${countOf(outcomes, 'ok')}  ⚠️ ${countOf(outcomes, 'unmeasured')}`;

const singleBlocks = ({ devices, outcomes, pictureId }: CheckProgress): Block[] => {
  const [device] = devices;
  if (devices.length !== 1 || outcomes.length === 0 || device === undefined) return [];
  if (outcomes[0]?.failureCode === 'no_reference') return [];
  return [
    ...image(pictureId, `${cameraPath(device)}: reference and now, with the shift drawn`),
    actions([...rescanButtons(device), historyButton(device)]),
  ];
};

/** The answer to `/calib check`, edited while it runs. */
export const checkMessage = (progress: CheckProgress): Outgoing => ({
  text: headline(progress),
  blocks: [
    section(
      `*${headline(progress)}*${progress.devices.length > 1 ? `\n${countsOf(progress.outcomes)}` : ''}`,
    ),
    ...lineSections(lines(progress), (count) => `… and ${counted(count, 'more camera')}, none of them worse`),
    ...(progress.isDone
      ? [...scanOffers(progress.outcomes, MAX_SCAN_BUTTONS), ...singleBlocks(progress)]
      : []),
  ],
});
