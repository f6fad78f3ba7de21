import type { Middleware, SlackEventMiddlewareArgs } from '@slack/bolt';
import { answerRequest } from '../../requests/answer-request.js';
import type { SlackContext } from '../../requests/context.js';
import { homeChoiceOf, publishHome } from '../../requests/home-tab.js';

/** Shows the fleet; an event that Slack delivers again only shows it again. */
export const appHomeOpened =
  (context: SlackContext): Middleware<SlackEventMiddlewareArgs<'app_home_opened'>> =>
  async ({ event }) => {
    if (event.tab !== 'home') return;
    const by = event.user;
    answerRequest(context, { by, delivery: null, channel: null, respond: null }, () =>
      publishHome(context, by, homeChoiceOf(event.view?.private_metadata)),
    );
  };
