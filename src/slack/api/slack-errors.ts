import { webApi } from '@slack/bolt';
import { AppError } from '../../ports/app-error.js';
import { RateLimited } from './slack-client.js';

const named = (channel: string | undefined): string => channel ?? 'the channel';

/** Slack's own error codes → what happened and what to do; `{channel}` and `{needed}` are filled in. */
const KNOWN: Readonly<Record<string, readonly [code: string, message: string, remedy: string]>> = {
  invalid_auth: [
    'slack_token',
    'Slack does not accept the token.',
    "Put the app's bot token (xoxb-…) and app token (xapp-…) into the variables that devices.yaml names.",
  ],
  not_in_channel: [
    'slack_not_in_channel',
    'The app is not in {channel}.',
    'Invite it there: /invite @Calibration.',
  ],
  channel_not_found: [
    'slack_channel',
    'Slack knows no channel {channel} that the app can see.',
    'Correct slack.channel in devices.yaml, or invite the app into that channel.',
  ],
  is_archived: [
    'slack_channel',
    'The channel {channel} is archived.',
    'Unarchive it, or name another one as slack.channel in devices.yaml.',
  ],
  missing_scope: [
    'slack_scope',
    'The Slack app lacks the scope {needed}.',
    'Update the app from manifest.json and install it again.',
  ],
  message_not_found: [
    'slack_message_gone',
    'The message is gone.',
    'Nothing is to be done: a fresh one is posted.',
  ],
  cant_update_message: [
    'slack_message_gone',
    'The message is not ours to edit.',
    'Nothing is to be done: a fresh one is posted.',
  ],
  duplicate_message_not_found: [
    'slack_duplicate_gone',
    'The message was posted before and is gone.',
    'Nothing is to be done: a fresh one is posted.',
  ],
  thread_not_found: [
    'slack_message_gone',
    'The message of the thread is gone.',
    'Nothing is to be done: a fresh one is posted.',
  ],
  invalid_blocks: ['slack_blocks', 'Slack refuses the blocks of a message.', 'Report this with the log.'],
  expired_trigger_id: ['slack_too_late', 'Slack waited too long for the dialog.', 'Press the button again.'],
};
const SAME: Readonly<Record<string, string>> = {
  duplicate_channel_not_found: 'duplicate_message_not_found',
  not_authed: 'invalid_auth',
  token_revoked: 'invalid_auth',
  token_expired: 'invalid_auth',
  account_inactive: 'invalid_auth',
  not_allowed_token_type: 'invalid_auth',
  edit_window_closed: 'cant_update_message',
  trigger_expired: 'expired_trigger_id',
  exchanged_trigger_id: 'expired_trigger_id',
  invalid_attachments: 'invalid_blocks',
};

const platformFault = (fault: webApi.WebAPIPlatformError, channel: string | undefined): AppError => {
  const { error } = fault.data;
  const needed = 'needed' in fault.data ? String(fault.data.needed) : '';
  const [code, message, remedy] = KNOWN[SAME[error] ?? error] ?? [
    'slack_refused',
    `Slack refused a call: ${error}.`,
    "Look the code up in Slack's documentation of the method.",
  ];
  const told = message.replace('{channel}', named(channel)).replace('{needed}', needed);
  return new AppError(code, told, remedy, fault);
};

/** What a failed call of the Web API means for people; what is no failure of Slack's is passed on. */
export const slackFault = (fault: unknown, channel?: string): Error => {
  if (fault instanceof webApi.WebAPIRateLimitedError) return new RateLimited(fault.retryAfter * 1000);
  if (fault instanceof webApi.WebAPIPlatformError) return platformFault(fault, channel);
  if (fault instanceof webApi.WebAPIRequestError || fault instanceof webApi.WebAPIHTTPError)
    return new AppError(
      'slack_unreachable',
      'Slack cannot be reached.',
      'Nothing is to be done if this passes: the call is made again. Check network and proxy if it stays.',
      fault,
    );
  return fault instanceof Error ? fault : new TypeError(String(fault));
};
