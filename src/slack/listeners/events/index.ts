import type { App } from '@slack/bolt';
import type { SlackContext } from '../../context.js';
import { EVENTS } from '../../ids.js';
import { appHomeOpened } from './app-home-opened.js';

export const register = (app: App, context: SlackContext): void => {
  app.event(EVENTS[0], appHomeOpened(context));
};
