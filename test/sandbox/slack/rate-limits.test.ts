import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { WebClient, WebClientEvent } from '@slack/web-api';
import type { Opened } from './open-sandbox.js';
import { openSandbox, quietLogger, refusalOf } from './open-sandbox.js';

let opened: Opened;
beforeEach(async () => {
  opened = await openSandbox();
});
afterEach(() => opened.sandbox.close());

describe('rate limits', () => {
  const post = (): Promise<unknown> =>
    opened.client.chat.postMessage({ channel: opened.channel, text: 'again' });

  it('allow a short burst to a channel, then a message a second', async () => {
    for (let count = 0; count < 5; count += 1) await post();
    expect(await refusalOf(post())).toEqual({ retryAfter: 1 });
    opened.sandbox.setAppMembership('general', true);
    await opened.client.chat.postMessage({ channel: 'general', text: 'elsewhere' });
    await opened.clock.advance(1_000);
    await post();
    expect(await refusalOf(post())).toEqual({ retryAfter: 1 });
  });

  it('allow 50 edits a minute', async () => {
    const { client, channel, clock } = opened;
    const { ts = '' } = await client.chat.postMessage({ channel, text: 'sweep' });
    const edit = (): Promise<unknown> => client.chat.update({ channel, ts, text: 'progress' });
    for (let count = 0; count < 50; count += 1) await edit();
    await clock.advance(20_000);
    expect(await refusalOf(edit())).toEqual({ retryAfter: 40 });
    await clock.advance(40_000);
    await edit();
  });

  it('can be provoked, and the real client comes back after the time it was told', async () => {
    const patient = new WebClient(opened.sandbox.botToken, {
      slackApiUrl: opened.sandbox.apiUrl,
      logger: quietLogger(),
    });
    let told = 0;
    patient.on(WebClientEvent.RATE_LIMITED, (seconds: number) => (told = seconds));
    opened.sandbox.rateLimit('chat.postMessage', 1);
    await patient.chat.postMessage({ channel: opened.channel, text: 'in the end' });
    expect(told).toBe(1);
    expect(opened.sandbox.calls.map((call) => call.error)).toEqual(['ratelimited', null]);
  });
});
