import type { App } from '@slack/bolt';
import type { SlackContext } from '../../requests/context.js';
import { COMMAND } from '../../api/ids.js';
import { calib } from './calib.js';

export const register = (app: App, context: SlackContext): void => {
  app.command(COMMAND, calib(context));
};
