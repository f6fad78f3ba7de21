import type { App, GlobalShortcut, MessageShortcut } from '@slack/bolt';
import type { SlackContext } from '../../requests/context.js';
import { SHORTCUT } from '../../api/ids.js';
import { addNoteTo } from './add-note.js';
import { checkCameras } from './check-cameras.js';

export const register = (app: App, context: SlackContext): void => {
  app.shortcut<GlobalShortcut>({ callback_id: SHORTCUT.check, type: 'shortcut' }, checkCameras(context));
  app.shortcut<MessageShortcut>({ callback_id: SHORTCUT.note, type: 'message_action' }, addNoteTo(context));
};
