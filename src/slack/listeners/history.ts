import type { SlackContext } from '../requests/context.js';
import { postHistory } from '../requests/history-request.js';
import { onCameraButton } from './camera-button.js';

const WEEK_MS = 7 * 86_400_000;

export const showHistory = (context: SlackContext) =>
  onCameraButton(context, ({ device, by, whisper, reply }) =>
    postHistory(context, { device, by, sinceMs: context.clock.nowMs() - WEEK_MS }, reply(), whisper),
  );
