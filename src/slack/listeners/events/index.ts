import type { App } from '@slack/bolt';
import type { SlackContext } from '../../requests/context.js';
import { EVENTS } from '../../api/ids.js';
import { appHomeOpened } from './app-home-opened.js';

export const register = (app: App, context: SlackContext): void => {
  app.event(EVENTS[0], appHomeOpened(context));
};
