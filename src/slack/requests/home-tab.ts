import { FIRST_LOOK, HOME_FILTERS, homeView, type HomeChoice } from '../blocks/home.js';
import type { SlackContext } from './context.js';

/** What a Home tab showed, from its metadata; the first look when there is none. */
export const homeChoiceOf = (metadata: string | undefined): HomeChoice => {
  if (metadata === undefined || metadata === '') return FIRST_LOOK;
  const { filter, deployment, page } = JSON.parse(metadata) as Partial<HomeChoice>;
  return {
    filter: filter !== undefined && filter in HOME_FILTERS ? filter : FIRST_LOOK.filter,
    deployment: deployment ?? null,
    page: page ?? 0,
  };
};

/** Shows one person the fleet. */
export const publishHome = async (context: SlackContext, user: string, choice: HomeChoice): Promise<void> => {
  const cameras = await context.fleet.cameras();
  await context.web.publishHome(user, homeView(cameras, choice, context.clock.nowMs()));
};
