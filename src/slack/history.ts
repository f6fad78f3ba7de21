import type { DeviceSettings } from '../config/settings.js';
import { cameraPath } from '../monitor/words.js';
import { historyMessage } from './blocks/history.js';
import { said } from './blocks/said.js';
import { when } from './blocks/text.js';
import type { SlackDeps } from './context.js';
import { whenReady } from './pictures.js';
import type { Reply, Whisper } from './reply.js';

/** Tells one camera's history: the words at once, the plot as soon as it is there. */
export const tellHistory = async (
  deps: SlackDeps,
  { device, by, sinceMs }: { device: DeviceSettings; by: string; sinceMs: number },
  reply: Reply,
  whisper: Whisper,
): Promise<void> => {
  const { product, web, clock, signal, log } = deps;
  const rows = await product.history({ device, sinceMs });
  if (rows.length === 0)
    return whisper(said(`${cameraPath(device)} was not checked since ${when(sinceMs)}.`));
  await reply.done(historyMessage(device, rows, by, sinceMs, null));
  try {
    const body = await product.historyPlot(device, sinceMs);
    const title = `History of ${cameraPath(device)}`;
    const plotId = await web.upload({ body, filename: `${device.cameraName}-history.png`, title });
    await whenReady(clock, signal, () => reply.done(historyMessage(device, rows, by, sinceMs, plotId)));
  } catch (cause) {
    signal.throwIfAborted();
    const message = 'The plot of a history could not be shown in Slack.';
    log({ level: 'warn', event: 'slack_picture', message, device: device.deviceId, cause });
  }
};
