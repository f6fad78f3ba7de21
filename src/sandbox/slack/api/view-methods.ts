import { LIMITS } from '../block-kit/block-limits.js';
import { checkView } from '../block-kit/validate-blocks.js';
import type { JsonObject } from '../workspace/json.js';
import { SlackError } from '../workspace/slack-error.js';
import { viewOnWire } from './wire-format.js';
import type { View } from '../workspace/workspace-model.js';
import type { Call, Methods, Office } from './web-method.js';
import { optionalText, required, structured } from './web-method.js';

export const modalFrom = (office: Office, content: unknown): JsonObject =>
  checkView(content, 'modal', (file) => office.uploads.fault(file));

const viewArgument = ({ args }: Call): unknown => structured(args, 'view', 'invalid_arguments');

const answer = ({ office }: Call, view: View): JsonObject => ({
  view: viewOnWire(view, office.workspace, office.identity),
});

const uniqueExternalId = ({ office }: Call, content: JsonObject, self: View | null): void => {
  const id = optionalText(content, 'external_id');
  if (id === '') return;
  const other = office.workspace.view((view) => view.content['external_id'] === id && view.id !== self?.id);
  if (other !== undefined) throw new SlackError('duplicate_external_id');
};

const open = (call: Call): JsonObject => {
  const { workspace, triggers } = call.office;
  const content = modalFrom(call.office, viewArgument(call));
  uniqueExternalId(call, content, null);
  const userId = triggers.redeem(required(call.args, 'trigger_id'));
  const view = workspace.newView(userId, content, null);
  workspace.setModals(userId, [view]);
  return answer(call, view);
};

/** Puts a view on top of the person's modals; SlackError `push_limit_reached`. */
export const pushView = (office: Office, userId: string, content: JsonObject): View => {
  const stack = office.workspace.modals(userId);
  if (stack.length >= LIMITS.viewStack) throw new SlackError('push_limit_reached');
  const view = office.workspace.newView(userId, content, stack.at(-1) ?? null);
  office.workspace.setModals(userId, [...stack, view]);
  return view;
};

const push = (call: Call): JsonObject => {
  const content = modalFrom(call.office, viewArgument(call));
  const userId = call.office.triggers.redeem(required(call.args, 'trigger_id'));
  if (call.office.workspace.modals(userId).length === 0) throw new SlackError('not_found');
  return answer(call, pushView(call.office, userId, content));
};

/** Puts other content into a view that is shown. */
export const replaceView = ({ workspace }: Office, view: View, content: JsonObject): View => {
  const renewed = workspace.renewView(view, content);
  if (content['type'] === 'home') workspace.setHome(renewed);
  else
    workspace.setModals(
      view.userId,
      workspace.modals(view.userId).map((each) => (each.id === view.id ? renewed : each)),
    );
  return renewed;
};

const checkHash = ({ args }: Call, view: View): void => {
  const hash = optionalText(args, 'hash');
  if (hash !== '' && hash !== view.hash) throw new SlackError('hash_conflict');
};

const update = (call: Call): JsonObject => {
  const externalId = optionalText(call.args, 'external_id');
  const id = externalId === '' ? required(call.args, 'view_id') : '';
  const view = call.office.workspace.view(
    (each) => each.id === id || (externalId !== '' && each.content['external_id'] === externalId),
  );
  if (view === undefined) throw new SlackError('not_found');
  checkHash(call, view);
  const surface = view.content['type'] === 'home' ? 'home' : 'modal';
  const content = checkView(viewArgument(call), surface, (file) => call.office.uploads.fault(file));
  uniqueExternalId(call, content, view);
  return answer(call, replaceView(call.office, view, content));
};

const publish = (call: Call): JsonObject => {
  const { workspace, manifest, uploads } = call.office;
  const userId = required(call.args, 'user_id');
  if (!workspace.people.has(userId)) throw new SlackError('user_not_found');
  if (!manifest.homeTab) throw new SlackError('not_enabled');
  const content = checkView(viewArgument(call), 'home', (file) => uploads.fault(file));
  const known = workspace.home(userId);
  if (known !== undefined) checkHash(call, known);
  const view =
    known === undefined ? workspace.newView(userId, content, null) : workspace.renewView(known, content);
  workspace.setHome(view);
  return answer(call, view);
};

export const VIEW_METHODS: Methods = {
  'views.open': { token: 'bot', scopes: [], tier: 'tier4', run: open },
  'views.push': { token: 'bot', scopes: [], tier: 'tier4', run: push },
  'views.update': { token: 'bot', scopes: [], tier: 'tier4', run: update },
  'views.publish': { token: 'bot', scopes: [], tier: 'tier4', run: publish },
};
