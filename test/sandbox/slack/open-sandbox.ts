import type { Logger } from '@slack/bolt';
import { LogLevel } from '@slack/bolt';
import { SocketModeClient } from '@slack/socket-mode';
import { WebClient } from '@slack/web-api';
import type { SlackSandboxOptions } from '../../../src/sandbox/slack/sandbox.js';
import { SlackSandbox } from '../../../src/sandbox/slack/sandbox.js';
import type { DrivenClock } from '../../fakes/driven-clock.js';
import { createDrivenClock } from '../../fakes/driven-clock.js';
import { MANIFEST } from './sandbox-manifest.js';

export const ANNA = 'U0ANNA00001';
export const BEN = 'U0BEN000001';
export const CHANNEL = 'calibration_monitoring';

export interface Opened {
  readonly sandbox: SlackSandbox;
  readonly clock: DrivenClock;
  /** The real client, without its own retries. */
  readonly client: WebClient;
  /** The channel that the app is in. */
  readonly channel: string;
}

export const openSandbox = async (options: Partial<SlackSandboxOptions> = {}): Promise<Opened> => {
  const clock = createDrivenClock(Date.UTC(2026, 0, 31, 14));
  const sandbox = new SlackSandbox({ manifest: MANIFEST, clock, ...options });
  await sandbox.start();
  return {
    sandbox,
    clock,
    client: clientOf(sandbox, sandbox.botToken),
    channel: sandbox.channel(CHANNEL).id,
  };
};

/** Refusals are what these tests are about: the clients need not print them. */
export const quietLogger = (): Logger => ({
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  setLevel: () => undefined,
  getLevel: () => LogLevel.ERROR,
  setName: () => undefined,
});

export const clientOf = (sandbox: SlackSandbox, token: string | undefined): WebClient =>
  new WebClient(token, {
    slackApiUrl: sandbox.apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger: quietLogger(),
  });

/** The real Socket Mode client, not yet started. */
export const socketClientOf = (sandbox: SlackSandbox, reconnectAfterMs = 5_000): SocketModeClient =>
  new SocketModeClient({
    appToken: sandbox.appToken,
    clientOptions: { slackApiUrl: sandbox.apiUrl },
    // The client waits this long before it connects again, too.
    clientPingTimeout: reconnectAfterMs,
    logger: quietLogger(),
  });

export interface Refusal {
  readonly error?: string;
  readonly needed?: string;
  readonly provided?: string;
  readonly messages?: readonly string[];
  readonly retryAfter?: number;
}

/** What the real client makes of a refusal; an Error when the call went well. */
export const refusalOf = async (call: Promise<unknown>): Promise<Refusal> => {
  try {
    await call;
  } catch (fault) {
    const seen = fault as { data?: Refusal & { response_metadata?: Refusal }; retryAfter?: number };
    if (seen.data !== undefined) return { ...seen.data, ...seen.data.response_metadata };
    if (seen.retryAfter !== undefined) return { retryAfter: seen.retryAfter };
    throw fault;
  }
  throw new Error('the call went well');
};

export const plain = (text: string): { type: 'plain_text'; text: string } => ({ type: 'plain_text', text });
