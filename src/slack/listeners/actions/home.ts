import type {
  BlockAction,
  ButtonAction,
  Middleware,
  SlackActionMiddlewareArgs,
  StaticSelectAction,
} from '@slack/bolt';
import { answerRequest } from '../../requests/answer-request.js';
import { deploymentOf, HOME_FILTERS, type HomeChoice, type HomeFilter } from '../../blocks/home.js';
import type { SlackContext } from '../../requests/context.js';
import { homeChoiceOf, publishHome } from '../../requests/home-tab.js';
import { ACTION } from '../../api/ids.js';

type HomeAction = BlockAction<ButtonAction | StaticSelectAction>;

const isFilter = (value: string): value is HomeFilter => value in HOME_FILTERS;

/** What the person wants to see after having operated a control of the Home tab. */
const changed = (choice: HomeChoice, action: ButtonAction | StaticSelectAction): HomeChoice => {
  if (action.type === 'button')
    return action.action_id === ACTION.homeRefresh ? choice : { ...choice, page: Number(action.value ?? 0) };
  const { value } = action.selected_option;
  if (action.action_id === ACTION.homeDeployment)
    return { ...choice, deployment: deploymentOf(value), page: 0 };
  return { ...choice, filter: isFilter(value) ? value : 'all', page: 0 };
};

/** All controls of the Home tab: menus, page turning, refresh. */
export const changeHome =
  (context: SlackContext): Middleware<SlackActionMiddlewareArgs<HomeAction>> =>
  async ({ ack, action, body }) => {
    await ack();
    const by = body.user.id;
    answerRequest(context, { by, delivery: null, channel: null, respond: null }, () =>
      publishHome(context, by, changed(homeChoiceOf(body.view?.private_metadata), action)),
    );
  };
