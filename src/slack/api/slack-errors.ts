import { webApi } from '@slack/bolt';
import type { DeviceSettings } from '../../config/settings.js';
import type { LogEntry } from '../../monitor/product.js';
import { AppError } from '../../ports/app-error.js';
import { RateLimited } from './slack-client.js';

const named = (channel: string | undefined): string => channel ?? 'the channel';

/** Slack's error codes → what happened and what to do; `{channel}` and `{needed}` are placeholders. */
const KNOWN: Readonly<Record<string, readonly [code: string, message: string, remedy: string]>> = {
  invalid_auth: [
    'slack_token',
    'Slack rejected the token.',
    "Set the environment variables named in devices.yaml to the app's bot token (xoxb-…) and app token (xapp-…).",
  ],
  not_in_channel: [
    'slack_not_in_channel',
    'The app is not in {channel}.',
    'Invite it there: /invite @Calibration.',
  ],
  channel_not_found: [
    'slack_channel',
    'The app cannot see a channel {channel}.',
    'Correct slack.channel in devices.yaml, or invite the app into that channel.',
  ],
  is_archived: [
    'slack_channel',
    'The channel {channel} is archived.',
    'Unarchive it, or set slack.channel in devices.yaml to another one.',
  ],
  missing_scope: [
    'slack_scope',
    'The Slack app lacks the scope {needed}.',
    'Update the app from manifest.json and reinstall it.',
  ],
  message_not_found: [
    'slack_message_gone',
    'The message was deleted.',
    'No action is needed: the app posts a new one.',
  ],
  cant_update_message: [
    'slack_message_gone',
    'The app may not edit the message.',
    'No action is needed: the app posts a new one.',
  ],
  duplicate_message_not_found: [
    'slack_duplicate_gone',
    'The message was posted before and has been deleted.',
    'No action is needed: the app posts a new one.',
  ],
  invalid_blocks: ['slack_blocks', 'Slack rejected the blocks of a message.', 'Report this with the log.'],
  expired_trigger_id: ['slack_too_late', 'The dialog took too long to open.', 'Press the button again.'],
};
const SAME: Readonly<Record<string, string>> = {
  thread_not_found: 'message_not_found',
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
    `Slack rejected a call: ${error}.`,
    "Look up the code in Slack's documentation of the method.",
  ];
  const text = message.replace('{channel}', named(channel)).replace('{needed}', needed);
  return new AppError(code, text, remedy, fault);
};

/** Turns a failed call of the Web API into an AppError; other errors pass through. */
export const slackFault = (fault: unknown, channel?: string): Error => {
  if (fault instanceof webApi.WebAPIRateLimitedError) return new RateLimited(fault.retryAfter * 1000);
  if (fault instanceof webApi.WebAPIPlatformError) return platformFault(fault, channel);
  if (fault instanceof webApi.WebAPIRequestError || fault instanceof webApi.WebAPIHTTPError)
    return new AppError(
      'slack_unreachable',
      'Slack cannot be reached.',
      'The call is retried. If this persists, check the network and the proxy.',
      fault,
    );
  return fault instanceof Error ? fault : new TypeError(String(fault));
};

export const hasCode = (fault: unknown, ...codes: readonly string[]): fault is AppError =>
  fault instanceof AppError && codes.includes(fault.code);

interface FailureLog {
  readonly log: (entry: LogEntry) => void;
  /** Aborted when the app ends: failures after that are of no interest. */
  readonly signal: AbortSignal;
}

/** Logs that `what` failed, which the app retries later; errors other than AppErrors are thrown. */
export const logUnposted = (
  { log, signal }: FailureLog,
  what: string,
  fault: unknown,
  of?: DeviceSettings,
) => {
  if (signal.aborted) return;
  if (!(fault instanceof AppError)) throw fault;
  const message = `${what} ${fault.message} ${fault.remedy}`;
  log({ level: 'error', event: 'slack_untold', message, ...(of && { device: of.deviceId }), cause: fault });
};
