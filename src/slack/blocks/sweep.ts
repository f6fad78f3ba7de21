import type { DeviceSettings } from '../../config/settings.js';
import { DEPLOYMENT_FAULTS } from '../../monitor/record/deployment-faults.js';
import type { SweptCamera } from '../state/sweep-summary-state.js';
import { byRank, countOf } from '../../monitor/record/severity-ranking.js';
import { cameraPath, counted, durationInWords } from '../../monitor/text/wording.js';
import type { Block, Outgoing } from '../api/slack-client.js';
import { scanOffers } from './buttons.js';
import { LIMIT, clipped, context, escaped, header, packed, paragraph, section, when } from './text.js';

/** Characters in one message; the rest goes to its thread, out of the way. */
const MESSAGE_TEXT = 12_000;
/** Sections of lines in one message, which leaves room for the blocks around them. */
const MESSAGE_SECTIONS = 40;
const MAX_SCAN_OFFERS = 5;
const LINE = 400;

/** A camera of a sweep with its device in this program's settings. */
export interface Swept extends SweptCamera {
  readonly device: DeviceSettings;
}

export interface SweepProgress {
  readonly startedAtMs: number;
  readonly total: number;
  readonly outcomes: readonly Swept[];
  /** Null while it runs. */
  readonly tookMs: number | null;
}

const counts = (outcomes: readonly Swept[]): string =>
  `🚨 ${countOf(outcomes, 'drifted')} drifted   ✅ ${countOf(outcomes, 'ok')} ok   ` +
  `⚠️ ${countOf(outcomes, 'unmeasured')} not measured`;

/** Counts of one site, without zeros. */
const siteCounts = (outcomes: readonly Swept[]): string =>
  (
    [
      ['🚨', 'drifted', 'drifted'],
      ['⚠️', 'unmeasured', 'not measured'],
      ['✅', 'ok', 'ok'],
    ] as const
  )
    .map(([icon, verdict, words]) => [icon, countOf(outcomes, verdict), words] as const)
    .filter(([, count]) => count > 0)
    .map(([icon, count, words]) => `${icon} ${count} ${words}`)
    .join('   ');

const bar = (share: number): string => {
  const full = Math.round(share * 20);
  return `${'█'.repeat(full)}${'░'.repeat(20 - full)}`;
};

const headline = ({ total, outcomes, tookMs }: SweepProgress): string =>
  tookMs === null
    ? `Sweep: ${outcomes.length} of ${counted(total, 'camera')}`
    : `Sweep of ${counted(total, 'camera')} in ${durationInWords(tookMs)}`;

/** The contract's line of a camera, without the site, which is in the heading. */
const cameraLine = ({ device, line, failureCode }: Swept): string =>
  failureCode === 'no_reference'
    ? `⚠️ ${device.cameraName}: not measured: no reference yet`
    : clipped(escaped(line.replace(`${cameraPath(device)}: `, `${device.cameraName}: `)), LINE);

const bySite = (outcomes: readonly Swept[]): Map<string, Swept[]> => {
  const sites = new Map<string, Swept[]>();
  for (const outcome of outcomes) {
    const { deploymentName } = outcome.device;
    sites.set(deploymentName, [...(sites.get(deploymentName) ?? []), outcome]);
  }
  return sites;
};

/** Cameras whose line would repeat another one's of their site: each program of a sweep finds a shared fault for itself. */
const repetitions = (outcomes: readonly Swept[]): ReadonlySet<Swept> => {
  const shared = outcomes.filter(({ repeated, failureCode }) => repeated || isShared(failureCode));
  const tellers = new Map<string, Swept>();
  for (const outcome of shared) {
    const key = JSON.stringify([outcome.device.deploymentName, outcome.failureCode]);
    const known = tellers.get(key);
    if (known === undefined || (known.repeated && !outcome.repeated)) tellers.set(key, outcome);
  }
  const telling = new Set(tellers.values());
  return new Set(shared.filter((outcome) => !telling.has(outcome)));
};

const isShared = (code: string | null): boolean => code !== null && DEPLOYMENT_FAULTS.has(code);

/** A site's heading and its cameras, worst first; cameras with the shared fault of the site take one line. */
const siteLines = (name: string, outcomes: readonly Swept[]): string[] => {
  const repeated = repetitions(outcomes);
  const own = outcomes.filter((outcome) => !repeated.has(outcome)).sort(byRank);
  return [
    `*${name}*  ${siteCounts(outcomes)}`,
    ...own.map(cameraLine),
    ...(repeated.size === 0 ? [] : [`⚠️ the same for ${counted(repeated.size, 'more camera')}`]),
  ];
};

/** Sites in trouble first. */
const rankedSites = (outcomes: readonly Swept[]): [string, Swept[]][] => {
  const troubleOf = (site: readonly Swept[]): number =>
    countOf(site, 'drifted') * 1_000 + countOf(site, 'unmeasured');
  return [...bySite(outcomes)].sort(([, a], [, b]) => troubleOf(b) - troubleOf(a));
};

/** Texts of sections, spread over messages. */
const spread = (texts: readonly string[]): string[][] => {
  const messages: string[][] = [[]];
  let length = 0;
  for (const text of texts) {
    const isFull = length + text.length > MESSAGE_TEXT || messages.at(-1)!.length >= MESSAGE_SECTIONS;
    if (isFull) {
      messages.push([]);
      length = 0;
    }
    messages.at(-1)!.push(text);
    length += text.length;
  }
  return messages;
};

const head = (sweep: SweepProgress): Block[] => [
  header(headline(sweep)),
  section(counts(sweep.outcomes)),
  ...(sweep.tookMs === null ? [section(`\`${bar(sweep.outcomes.length / Math.max(1, sweep.total))}\``)] : []),
];

/** The summary while the sweep runs: counts and problems so far. */
export const sweepRunning = (sweep: SweepProgress): Outgoing => {
  const repeated = repetitions(sweep.outcomes);
  const isNews = (outcome: Swept): boolean => outcome.verdict !== 'ok' && !repeated.has(outcome);
  const wrong = sweep.outcomes.filter(isNews).sort(byRank);
  const lines = wrong.map((outcome) => clipped(escaped(outcome.line), LINE));
  const texts = spread(packed(lines, LIMIT.section))[0] ?? [];
  const blocks = [
    ...head(sweep),
    ...texts.map((text) => section(text)),
    context(`Started ${when(sweep.startedAtMs)}`),
  ];
  return { text: headline(sweep), blocks };
};

/** The finished summary, one line per camera: the message and its thread. */
export const sweepFinished = (sweep: SweepProgress): { message: Outgoing; thread: Outgoing[] } => {
  const texts = rankedSites(sweep.outcomes).flatMap(([name, outcomes]) =>
    packed(siteLines(name, outcomes), LIMIT.section),
  );
  const [first = [], ...rest] = spread(texts);
  const more = rest.length === 0 ? '' : ' · more cameras in the thread';
  const text = `${headline(sweep)}: ${counts(sweep.outcomes)}`;
  return {
    message: {
      text,
      blocks: [
        ...head(sweep),
        ...first.map((text) => section(text)),
        ...scanOffers(sweep.outcomes, MAX_SCAN_OFFERS),
        context(
          `Started ${when(sweep.startedAtMs)}, ended ${when(sweep.startedAtMs + (sweep.tookMs ?? 0))}${more}`,
        ),
      ],
    },
    thread: rest.map((sections, index) => ({
      text: `Cameras, part ${index + 2} of ${rest.length + 1}`,
      blocks: sections.map((text) => section(text)),
    })),
  };
};

/** A message of plain text, as for a sweep that failed or is overdue. */
export const notice = (text: string): Outgoing => paragraph(escaped(text));

/** The message of a site that cannot be reached, and of the end of that. */
export const outageMessage = (
  site: string,
  reason: string,
  devices: readonly DeviceSettings[],
  sinceMs: number,
  endedAtMs: number | null,
): Outgoing => {
  const lead =
    endedAtMs === null
      ? `🔌 ${site} cannot be reached: its ${counted(devices.length, 'camera')} cannot be measured`
      : `✅ ${site} can be reached again`;
  const times = `Since ${when(sinceMs)}${endedAtMs === null ? '' : ` until ${when(endedAtMs)}`}`;
  return { text: lead, blocks: [section(`*${lead}*\n${escaped(reason)}`), context(times)] };
};
