import type { JsonObject } from '../workspace/json.js';
import { objectAt, textAt } from '../workspace/json.js';
import type { Office } from './web-method.js';
import { contentOf } from './chat-methods.js';
import { SlackError } from '../workspace/slack-error.js';
import type { ResponseTarget } from '../workspace/triggers.js';
import type { View } from '../workspace/workspace-model.js';

/** Shows the app's answer to a command or click, sent with its acknowledgement or to the response_url. */
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

/** Follows the app's answer to a form; returns its complaints by `block_id`. */
export const followSubmission = (
  { workspace }: Office,
  view: View,
  answer: JsonObject,
): Record<string, string> => {
  if (answer['response_action'] === 'errors') return objectAt(answer, 'errors') as Record<string, string>;
  if (answer['response_action'] !== undefined) throw new SlackError('invalid_response_action');
  workspace.setModals(view.userId, []);
  return {};
};
