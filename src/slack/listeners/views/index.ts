import type { App } from '@slack/bolt';
import type { SlackContext } from '../../requests/context.js';
import { VIEW } from '../../api/ids.js';
import { noteSubmitted } from './add-note.js';
import { checkSubmitted } from './check-cameras.js';
import { silenceSubmitted } from './silence-camera.js';

export const register = (app: App, context: SlackContext): void => {
  app.view(VIEW.check, checkSubmitted(context));
  app.view(VIEW.silence, silenceSubmitted(context));
  app.view(VIEW.note, noteSubmitted(context));
};
