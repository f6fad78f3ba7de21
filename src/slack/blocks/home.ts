import type { types } from '@slack/bolt';
import { ACTION } from '../api/ids.js';
import type { FleetCamera } from '../state/fleet-view.js';
import type { Block } from '../api/slack-client.js';
import { actions, button, historyButton } from './buttons.js';
import { fleetCounts, fleetLine } from './fleet.js';
import { context, header, option, section, when } from './text.js';

/** What one person's Home tab shows; kept in the view, so that any program can turn the page. */
export interface HomeChoice {
  readonly filter: HomeFilter;
  /** Null: all. */
  readonly deployment: string | null;
  /** From 0. */
  readonly page: number;
}

export const HOME_FILTERS = {
  all: 'All cameras',
  trouble: 'Everything not ok',
  drifted: '🚨 Drifted',
  unmeasured: '⚠️ Not measured',
  open: 'Open incidents',
  ok: '✅ Ok',
} as const;
export type HomeFilter = keyof typeof HOME_FILTERS;

export const DEFAULT_CHOICE: HomeChoice = { filter: 'all', deployment: null, page: 0 };

/** Cameras on a page: with the blocks around them, below Slack's limit of 100. */
const PAGE = 80;
const ALL = '*';
/** Slack's limit of a menu's options. */
const MAX_OPTIONS = 100;

const isShown = (camera: FleetCamera, { filter, deployment }: HomeChoice): boolean => {
  if (deployment !== null && camera.device.deploymentName !== deployment) return false;
  if (filter === 'trouble') return camera.verdict !== 'ok' || camera.isOpen;
  if (filter === 'open') return camera.isOpen;
  return filter === 'all' || camera.verdict === filter;
};

const filterMenu = ({ filter }: HomeChoice): types.StaticSelect => ({
  type: 'static_select',
  action_id: ACTION.homeFilter,
  options: Object.entries(HOME_FILTERS).map(([value, text]) => option(value, text)),
  initial_option: option(filter, HOME_FILTERS[filter]),
});

const siteMenu = (choice: HomeChoice, sites: readonly string[]): types.StaticSelect => {
  const all = option(ALL, 'All sites');
  const chosen = choice.deployment;
  return {
    type: 'static_select',
    action_id: ACTION.homeDeployment,
    options: [all, ...sites.slice(0, MAX_OPTIONS - 1).map((site) => option(site, site))],
    initial_option: chosen === null || !sites.includes(chosen) ? all : option(chosen, chosen),
  };
};

/** The choice that a menu's value stands for. */
export const deploymentOf = (value: string): string | null => (value === ALL ? null : value);

const pageButtons = (page: number, pages: number): types.Button[] => [
  ...(page > 0 ? [button(ACTION.homePrevious, '◀ Previous', String(page - 1))] : []),
  ...(page < pages - 1 ? [button(ACTION.homeNext, 'Next ▶', String(page + 1))] : []),
];

const row = (camera: FleetCamera): Block =>
  section(fleetLine(camera), camera.verdict === 'ok' ? undefined : historyButton(camera.device));

/** One page of the fleet, worst first. */
export const homeView = (
  cameras: readonly FleetCamera[],
  choice: HomeChoice,
  nowMs: number,
): types.HomeView => {
  const sites = [...new Set(cameras.map(({ device }) => device.deploymentName))].sort();
  const shown = cameras.filter((camera) => isShown(camera, choice));
  const pages = Math.max(1, Math.ceil(shown.length / PAGE));
  const page = Math.min(Math.max(0, choice.page), pages - 1);
  const place = pages === 1 ? `${shown.length} shown` : `page ${page + 1} of ${pages}, ${shown.length} shown`;
  const blocks: Block[] = [
    header('PTZ cameras'),
    section(fleetCounts(cameras)),
    {
      type: 'actions',
      elements: [
        filterMenu(choice),
        siteMenu(choice, sites),
        button(ACTION.homeRefresh, 'Refresh', 'refresh'),
      ],
    },
    ...(shown.length === 0 ? [section('No camera matches this filter.')] : []),
    ...shown.slice(page * PAGE, (page + 1) * PAGE).map(row),
    ...(pages === 1 ? [] : [actions(pageButtons(page, pages))]),
    context(`As of ${when(nowMs)} · ${place} · /calib help lists the commands`),
  ];
  return { type: 'home', blocks, private_metadata: JSON.stringify({ ...choice, page }) };
};
