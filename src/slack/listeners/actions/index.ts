import type { App, BlockAction, ButtonAction, StaticSelectAction } from '@slack/bolt';
import type { SlackContext } from '../../requests/context.js';
import { ACTION } from '../../api/ids.js';
import { acknowledgeIncident } from './acknowledge.js';
import { showHistory } from './history.js';
import { changeHome } from './home.js';
import { rescanCamera } from './rescan.js';
import { restoreReference } from './restore-reference.js';
import { scanReference } from './scan-reference.js';
import { askSilence } from './silence.js';
import { unacknowledgeIncident } from './unacknowledge.js';

export const register = (app: App, context: SlackContext): void => {
  type Press = BlockAction<ButtonAction>;
  app.action<Press>(ACTION.acknowledge, acknowledgeIncident(context));
  app.action<Press>(ACTION.unacknowledge, unacknowledgeIncident(context));
  app.action<Press>(ACTION.rescan, rescanCamera(context, 'passive'));
  app.action<Press>(ACTION.rescanActive, rescanCamera(context, 'active'));
  app.action<Press>(ACTION.history, showHistory(context));
  app.action<Press>(ACTION.silence, askSilence(context));
  app.action<Press>(ACTION.acceptReference, scanReference(context));
  app.action<Press>(ACTION.scanReference, scanReference(context));
  app.action<Press>(ACTION.restoreReference, restoreReference(context));
  for (const id of [
    ACTION.homeFilter,
    ACTION.homeDeployment,
    ACTION.homePrevious,
    ACTION.homeNext,
    ACTION.homeRefresh,
  ])
    app.action<BlockAction<ButtonAction | StaticSelectAction>>(id, changeHome(context));
};
