import { checkView } from '../block-kit/validate-blocks.js';
import type { JsonObject } from '../workspace/json.js';
import { SlackError } from '../workspace/slack-error.js';
import { viewOnWire } from './wire-format.js';
import type { View } from '../workspace/workspace-model.js';
import type { Call, Methods } from './web-method.js';
import { optionalText, required, structured } from './web-method.js';

const viewArgument = ({ args, office }: Call, surface: 'modal' | 'home'): JsonObject =>
  checkView(structured(args, 'view', 'invalid_arguments'), surface, (file) => office.uploads.fault(file));

const answer = ({ office }: Call, view: View): JsonObject => ({
  view: viewOnWire(view, office.workspace, office.identity),
});

const open = (call: Call): JsonObject => {
  const { workspace, triggers } = call.office;
  const content = viewArgument(call, 'modal');
  const userId = triggers.redeem(required(call.args, 'trigger_id'));
  const view = workspace.newView(userId, content);
  workspace.setModals(userId, [view]);
  return answer(call, view);
};

const publish = (call: Call): JsonObject => {
  const { workspace, manifest } = call.office;
  const userId = required(call.args, 'user_id');
  if (!workspace.people.has(userId)) throw new SlackError('user_not_found');
  if (!manifest.homeTab) throw new SlackError('not_enabled');
  const content = viewArgument(call, 'home');
  const known = workspace.home(userId);
  const hash = optionalText(call.args, 'hash');
  if (known !== undefined && hash !== '' && hash !== known.hash) throw new SlackError('hash_conflict');
  const view = known === undefined ? workspace.newView(userId, content) : workspace.renewView(known, content);
  workspace.setHome(view);
  return answer(call, view);
};

export const VIEW_METHODS: Methods = {
  'views.open': { token: 'bot', scopes: [], tier: 'tier4', run: open },
  'views.publish': { token: 'bot', scopes: [], tier: 'tier4', run: publish },
};
