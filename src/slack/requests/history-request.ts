import type { DeviceSettings } from '../../config/settings.js';
import { cameraPath } from '../../monitor/text/wording.js';
import { historyMessage } from '../blocks/history.js';
import { paragraph, when } from '../blocks/text.js';
import type { SlackDeps } from '../state/slack-deps.js';
import { addPicture } from '../messages/picture-upload.js';
import type { Reply, Whisper } from './reply.js';

/** Posts one camera's history: the text at once, the plot once it is ready. */
export const postHistory = async (
  deps: SlackDeps,
  { device, by, sinceMs }: { device: DeviceSettings; by: string; sinceMs: number },
  reply: Reply,
  whisper: Whisper,
): Promise<void> => {
  const { product, web } = deps;
  const rows = await product.history({ device, sinceMs });
  if (rows.length === 0)
    return whisper(paragraph(`${cameraPath(device)} has no checks since ${when(sinceMs)}.`));
  await reply.done(historyMessage(device, rows, by, sinceMs, null));
  const upload = async (): Promise<string> => {
    const body = await product.historyPlot(device, sinceMs);
    const title = `History of ${cameraPath(device)}`;
    return web.upload({ body, filename: `${device.cameraName}-history.png`, title });
  };
  await addPicture(deps, { device, what: 'The plot of a history' }, upload, (plotId) =>
    reply.illustrate(historyMessage(device, rows, by, sinceMs, plotId)),
  );
};
