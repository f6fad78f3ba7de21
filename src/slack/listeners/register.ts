import type { App, BlockAction, ButtonAction, GlobalShortcut, MessageShortcut } from '@slack/bolt';
import { ACTION, COMMAND, EVENTS, SHORTCUT, VIEW } from '../api/ids.js';
import type { SlackContext } from '../requests/context.js';
import { acknowledgeIncident, unacknowledgeIncident } from './acknowledge.js';
import { calib } from './calib-command.js';
import { checkFormSubmitted, openCheckForm } from './check-form.js';
import { showHistory } from './history.js';
import { appHomeOpened, changeHome, type HomeAction } from './home.js';
import { noteFormSubmitted, openNoteForm } from './note-form.js';
import { restoreReference, scanReference } from './reference.js';
import { rescanCamera } from './rescan.js';
import { openSilenceForm, silenceFormSubmitted } from './silence-form.js';

/** Everything that people can do in Slack. */
export const registerListeners = (app: App, context: SlackContext): void => {
  app.command(COMMAND, calib(context));
  app.event(EVENTS[0], appHomeOpened(context));

  type Press = BlockAction<ButtonAction>;
  app.action<Press>(ACTION.acknowledge, acknowledgeIncident(context));
  app.action<Press>(ACTION.unacknowledge, unacknowledgeIncident(context));
  app.action<Press>(ACTION.rescan, rescanCamera(context, 'passive'));
  app.action<Press>(ACTION.rescanActive, rescanCamera(context, 'active'));
  app.action<Press>(ACTION.history, showHistory(context));
  app.action<Press>(ACTION.silence, openSilenceForm(context));
  app.action<Press>(ACTION.acceptReference, scanReference(context));
  app.action<Press>(ACTION.scanReference, scanReference(context));
  app.action<Press>(ACTION.restoreReference, restoreReference(context));
  const { homeFilter, homeDeployment, homePrevious, homeNext, homeRefresh } = ACTION;
  for (const id of [homeFilter, homeDeployment, homePrevious, homeNext, homeRefresh])
    app.action<HomeAction>(id, changeHome(context));

  app.shortcut<GlobalShortcut>({ callback_id: SHORTCUT.check, type: 'shortcut' }, openCheckForm(context));
  app.shortcut<MessageShortcut>(
    { callback_id: SHORTCUT.note, type: 'message_action' },
    openNoteForm(context),
  );
  app.view(VIEW.check, checkFormSubmitted(context));
  app.view(VIEW.silence, silenceFormSubmitted(context));
  app.view(VIEW.note, noteFormSubmitted(context));
};
