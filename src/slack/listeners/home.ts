import type {
  BlockAction,
  ButtonAction,
  Middleware,
  SlackActionMiddlewareArgs,
  SlackEventMiddlewareArgs,
  StaticSelectAction,
} from '@slack/bolt';
import { answerRequest } from '../requests/answer-request.js';
import {
  DEFAULT_CHOICE,
  deploymentOf,
  HOME_FILTERS,
  homeView,
  type HomeChoice,
  type HomeFilter,
} from '../blocks/home.js';
import type { SlackContext } from '../requests/context.js';
import { ACTION } from '../api/ids.js';

export type HomeAction = BlockAction<ButtonAction | StaticSelectAction>;

const isFilter = (value: string): value is HomeFilter => value in HOME_FILTERS;

/** What a Home tab shows, from its metadata; the default without any. */
const choiceOf = (metadata: string | undefined): HomeChoice => {
  if (metadata === undefined || metadata === '') return DEFAULT_CHOICE;
  const { filter, deployment, page } = JSON.parse(metadata) as Partial<HomeChoice>;
  return {
    filter: filter !== undefined && filter in HOME_FILTERS ? filter : DEFAULT_CHOICE.filter,
    deployment: deployment ?? null,
    page: page ?? 0,
  };
};

/** Repeating it is harmless, so that it has no delivery. */
const publish = (context: SlackContext, by: string, choice: HomeChoice): void =>
  answerRequest(context, { by, delivery: null, channel: null, respond: null }, async () => {
    const cameras = await context.fleet.cameras();
    await context.web.publishHome(by, homeView(cameras, choice, context.clock.nowMs()));
  });

export const appHomeOpened =
  (context: SlackContext): Middleware<SlackEventMiddlewareArgs<'app_home_opened'>> =>
  async ({ event }) => {
    if (event.tab === 'home') publish(context, event.user, choiceOf(event.view?.private_metadata));
  };

/** The choice after an action on the Home tab. */
const changed = (choice: HomeChoice, action: ButtonAction | StaticSelectAction): HomeChoice => {
  if (action.type === 'button')
    return action.action_id === ACTION.homeRefresh ? choice : { ...choice, page: Number(action.value ?? 0) };
  const { value } = action.selected_option;
  if (action.action_id === ACTION.homeDeployment)
    return { ...choice, deployment: deploymentOf(value), page: 0 };
  return { ...choice, filter: isFilter(value) ? value : 'all', page: 0 };
};

/** The controls of the Home tab: menus, page buttons, refresh. */
export const changeHome =
  (context: SlackContext): Middleware<SlackActionMiddlewareArgs<HomeAction>> =>
  async ({ ack, action, body }) => {
    await ack();
    publish(context, body.user.id, changed(choiceOf(body.view?.private_metadata), action));
  };
