import type { App } from '@slack/bolt';
import type { SlackContext } from '../../context.js';
import { COMMAND } from '../../ids.js';
import { calib } from './calib.js';

export const register = (app: App, context: SlackContext): void => {
  app.command(COMMAND, calib(context));
};
