import type { DeviceSettings } from '../../config/settings.js';
import type { Job } from '../../monitor/record/incident.js';
import type { CheckOutcome } from '../../monitor/product.js';
import { countOf, worstFirst } from '../../monitor/record/severity-ranking.js';
import { cameraPath, counted } from '../../monitor/text/wording.js';
import type { Block, Outgoing } from '../api/slack-client.js';
import { actions, historyButton, rescanButtons, scanOffers } from './buttons.js';
import { clipped, context, escaped, image, LIMIT, packed, section, user, when } from './text.js';

/** What became of a command to check cameras, so far. */
export interface CheckProgress {
  readonly by: string;
  readonly mode: 'passive' | 'active';
  readonly devices: readonly DeviceSettings[];
  readonly outcomes: readonly CheckOutcome[];
  /** Cameras that somebody's job had taken already. */
  readonly busy: readonly { readonly device: DeviceSettings; readonly job: Job }[];
  readonly isDone: boolean;
  /** Of the only camera. */
  readonly pictureId: string | null;
}

/** How many sections of lines one answer holds: 12,000 characters, as a sweep's message. */
const MAX_SECTIONS = 4;
const MAX_SCAN_BUTTONS = 10;
const LINE = 400;

const JOB_WORDS: Readonly<Record<Job['kind'], string>> = {
  check: 'being checked',
  active: 'being checked at its stops',
  reference: 'being scanned',
};

/** Told to the second of two who ask for the same. */
export const busyLine = (device: DeviceSettings, { kind, by, startedAtMs }: Job): string =>
  `⏳ ${cameraPath(device)} is already ${JOB_WORDS[kind]} for ${user(by)} since ${when(startedAtMs)}: its result comes there.`;

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

const linesBlocks = (progress: CheckProgress): Block[] => {
  const texts = packed(lines(progress), LIMIT.section);
  const shown = texts.slice(0, MAX_SECTIONS).map(section);
  const left = texts.slice(MAX_SECTIONS).flatMap((text) => text.split('\n')).length;
  return left === 0
    ? shown
    : [...shown, context(`… and ${counted(left, 'more camera')}, none of them worse`)];
};

const singleBlocks = ({ devices, outcomes, pictureId }: CheckProgress): Block[] => {
  const [device] = devices;
  if (devices.length !== 1 || outcomes.length === 0 || device === undefined) return [];
  if (outcomes[0]?.failureCode === 'no_reference') return [];
  const picture =
    pictureId === null
      ? []
      : [image(pictureId, `${cameraPath(device)}: reference and now, with the shift drawn`)];
  return [...picture, actions([...rescanButtons(device), historyButton(device)])];
};

/** The answer to `/calib check`, edited while it runs. */
export const checkMessage = (progress: CheckProgress): Outgoing => ({
  text: headline(progress),
  blocks: [
    section(
      `*${headline(progress)}*${progress.devices.length > 1 ? `\n${countsOf(progress.outcomes)}` : ''}`,
    ),
    ...linesBlocks(progress),
    ...(progress.isDone
      ? [...scanOffers(progress.outcomes, MAX_SCAN_BUTTONS), ...singleBlocks(progress)]
      : []),
  ],
});
