import { readFile } from 'node:fs/promises';
import { createSystemClock } from '../../adapters/runtime/system-clock.js';
import { openSlack } from '../../compose.js';
import type { LogEntry, Product } from '../../monitor/product.js';
import type { SlackApp } from '../../slack/slack-app.js';
import { SlackSandbox } from '../slack/sandbox.js';

const MANIFEST = new URL('../../../../manifest.json', import.meta.url);
const TELL_MS = 30_000;

/** A Slack workspace of the demo's own, with the app's manifest installed. */
export const startWorkspace = async (): Promise<SlackSandbox> => {
  const manifest: unknown = JSON.parse(await readFile(MANIFEST, 'utf8'));
  const workspace = new SlackSandbox({ manifest, clock: createSystemClock() });
  await workspace.start();
  return workspace;
};

/** Works with the Slack app connected; what is still to be told then gets half a minute. */
export const withSlack = async <T>(
  product: Product,
  log: (entry: LogEntry) => void,
  signal: AbortSignal,
  work: (slack: SlackApp) => Promise<T>,
): Promise<T> => {
  const slack = await openSlack(product, log);
  if (slack === null) throw new Error('The demo settings have no slack section.');
  try {
    await slack.start(signal);
    const result = await work(slack);
    await Promise.race([slack.settled(), createSystemClock().sleep(TELL_MS, signal)]);
    return result;
  } finally {
    await slack.close();
  }
};
