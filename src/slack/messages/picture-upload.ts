import type { DeviceSettings } from '../../config/settings.js';
import { overlayKey } from '../../state/object-layout.js';
import { cameraPath } from '../../monitor/text/wording.js';
import { hasCode } from '../api/slack-errors.js';
import type { Clock } from '../../ports/clock.js';
import type { ObjectStore } from '../../ports/object-store.js';
import type { SlackDeps } from '../state/slack-deps.js';
import type { SlackClient } from '../api/slack-client.js';

/** How often, and how far apart, to post a message whose picture Slack is still processing. */
const TRIES = 8;
const RETRY_MS = 750;

/** Uploads the overlay of a check; null when there is none. */
export const uploadOverlay = async (
  deps: { readonly store: ObjectStore; readonly web: Pick<SlackClient, 'upload'> },
  device: DeviceSettings,
  at: string,
): Promise<string | null> => {
  const found = await deps.store.get(overlayKey(device, at));
  if (found === null) return null;
  const title = `${cameraPath(device)} ${at}`;
  return deps.web.upload({ body: found.body, filename: `${device.cameraName}.jpg`, title });
};

/**
 * Sends a message that shows an uploaded picture. Slack rejects its blocks until the picture is ready and does not say when
 * that is (asking needs another scope), so this retries; AppError `slack_blocks` in the end.
 */
export const whenReady = async <T>(clock: Clock, signal: AbortSignal, send: () => Promise<T>): Promise<T> => {
  for (let tries = 1; ; tries += 1) {
    try {
      return await send();
    } catch (fault) {
      if (!hasCode(fault, 'slack_blocks') || tries >= TRIES) throw fault;
      await clock.sleep(RETRY_MS, signal);
    }
  }
};

/** Adds a picture to a message whose text is already posted; a failure is only logged. */
export const addPicture = async (
  { clock, signal, log }: Pick<SlackDeps, 'clock' | 'signal' | 'log'>,
  /** `what` begins the log line, as in `The plot of a history`. */
  { device, what }: { readonly device: DeviceSettings; readonly what: string },
  /** Returns the uploaded file's id; null when there is no picture. */
  upload: () => Promise<string | null>,
  show: (fileId: string) => Promise<void>,
): Promise<void> => {
  try {
    const fileId = await upload();
    if (fileId !== null) await whenReady(clock, signal, () => show(fileId));
  } catch (cause) {
    if (signal.aborted) return;
    const message = `${what} could not be shown in Slack.`;
    log({ level: 'warn', event: 'slack_picture', message, device: device.deviceId, cause });
  }
};
