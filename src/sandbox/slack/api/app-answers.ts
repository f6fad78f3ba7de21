import type { JsonObject } from '../workspace/json.js';
import { objectAt, textAt } from '../workspace/json.js';
import type { Office } from './web-method.js';
import { contentOf } from './chat-methods.js';
import { modalFrom, pushView, replaceView } from './view-methods.js';
import { SlackError } from '../workspace/slack-error.js';
import type { ResponseTarget } from '../workspace/triggers.js';
import type { View } from '../workspace/workspace-model.js';

/** Shows what the app answered to a command or click, through its acknowledgement or the response_url. */
export const showAnswer = (office: Office, target: ResponseTarget, answer: JsonObject): void => {
  const { workspace, identity } = office;
  const original =
    target.messageTs === null
      ? undefined
      : workspace.message(target.channelId, target.messageTs, target.userId);
  if (answer['delete_original'] === true) {
    if (original === undefined) throw new SlackError('message_not_found');
    return workspace.remove(original);
  }
  const content = contentOf(office, answer);
  if (answer['replace_original'] === true && original !== undefined) {
    workspace.replace({ ...original, ...content, editedTs: workspace.nextTs() });
    return;
  }
  const threadTs = textAt(answer, 'thread_ts');
  workspace.post(target.channelId, identity.botUserId, {
    ...content,
    threadTs: threadTs === '' ? target.threadTs : threadTs,
    onlyFor: answer['response_type'] === 'in_channel' ? null : target.userId,
  });
};

const closeTop = ({ workspace }: Office, userId: string): void =>
  workspace.setModals(userId, workspace.modals(userId).slice(0, -1));

/** Follows the app's answer to a form; gives back its complaints by `block_id`. */
export const followSubmission = (office: Office, view: View, answer: JsonObject): Record<string, string> => {
  switch (answer['response_action']) {
    case undefined:
      closeTop(office, view.userId);
      return {};
    case 'errors':
      return objectAt(answer, 'errors') as Record<string, string>;
    case 'clear':
      office.workspace.setModals(view.userId, []);
      return {};
    case 'update':
      replaceView(office, view, modalFrom(office, answer['view']));
      return {};
    case 'push':
      pushView(office, view.userId, modalFrom(office, answer['view']));
      return {};
    default:
      throw new SlackError('invalid_response_action');
  }
};
