import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Opened } from './open-sandbox.js';
import { ANNA, CHANNEL, clientOf, openSandbox, refusalOf } from './open-sandbox.js';
import { MANIFEST } from './sandbox-manifest.js';

let opened: Opened;
beforeEach(async () => {
  opened = await openSandbox({ userGroups: [{ id: 'S0OPERATORS', handle: 'operators', users: [ANNA] }] });
});
afterEach(() => opened.sandbox.close());

describe('tokens and scopes', () => {
  it('knows its bot', async () => {
    const who = await opened.client.auth.test();
    expect(who).toMatchObject({ ok: true, user: 'calibration', bot_id: expect.stringMatching(/^B/) });
  });

  it.each([
    ['no token', undefined, 'not_authed'],
    ['an unknown token', 'xoxb-wrong', 'invalid_auth'],
    ['the app-level token', 'xapp-1-sandbox-app', 'not_allowed_token_type'],
  ])('refuses %s', async (_, token, error) => {
    expect(await refusalOf(clientOf(opened.sandbox, token).auth.test())).toMatchObject({ error });
  });

  it('opens Socket Mode for the app-level token alone', async () => {
    const answer = await clientOf(opened.sandbox, opened.sandbox.appToken).apps.connections.open({});
    expect(answer.url).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\/link/);
    expect(await refusalOf(opened.client.apps.connections.open({}))).toMatchObject({
      error: 'not_allowed_token_type',
    });
  });

  it('names the scope that is missing', async () => {
    const poor = await openSandbox({
      manifest: { ...MANIFEST, oauth_config: { scopes: { bot: ['commands'] } } },
    });
    try {
      expect(
        await refusalOf(poor.client.chat.postMessage({ channel: poor.channel, text: 'hi' })),
      ).toMatchObject({ error: 'missing_scope', needed: 'chat:write', provided: 'commands' });
    } finally {
      await poor.sandbox.close();
    }
  });

  it('refuses unknown methods, and logs every call', async () => {
    expect(await refusalOf(opened.client.apiCall('chat.shout'))).toMatchObject({ error: 'unknown_method' });
    expect(opened.sandbox.calls).toMatchObject([{ method: 'chat.shout', error: 'unknown_method' }]);
  });

  it('takes JSON bodies too', async () => {
    const response = await fetch(`${opened.sandbox.apiUrl}chat.postMessage`, {
      method: 'POST',
      headers: { authorization: `Bearer ${opened.sandbox.botToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ channel: opened.channel, text: 'as JSON' }),
    });
    expect(await response.json()).toMatchObject({ ok: true, message: { text: 'as JSON' } });
    const broken = await fetch(`${opened.sandbox.apiUrl}auth.test`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"a":',
    });
    expect(await broken.json()).toEqual({ ok: false, error: 'invalid_json' });
  });
});

describe('messages', () => {
  const post = (text: string, more: { thread_ts?: string; channel?: string } = {}): Promise<string> =>
    opened.client.chat
      .postMessage({ channel: more.channel ?? opened.channel, text, ...more })
      .then((answer) => answer.ts ?? '');

  it('are posted, edited, answered in threads and found', async () => {
    const { client, channel, sandbox } = opened;
    const ts = await post('north-mast drifted', { channel: `#${CHANNEL}` });
    const reply = await post('again', { thread_ts: ts });
    await client.chat.update({ channel, ts, text: 'acknowledged' });
    expect(sandbox.messages(CHANNEL)).toMatchObject([{ ts, text: 'acknowledged' }]);
    expect(sandbox.messages(CHANNEL)[0]?.editedTs).not.toBeNull();
    expect(sandbox.thread(sandbox.messages(CHANNEL)[0]!)).toMatchObject([{ ts: reply, text: 'again' }]);
    const history = await client.conversations.history({ channel });
    expect(history.messages).toMatchObject([{ ts, text: 'acknowledged', reply_count: 1, edited: {} }]);
    const replies = await client.conversations.replies({ channel, ts });
    expect(replies.messages?.map((message) => message.text)).toEqual(['acknowledged', 'again']);
  });

  it('are refused where Slack refuses them', async () => {
    const { client, channel, sandbox } = opened;
    const ts = await post('mine');
    const theirs = sandbox.user(ANNA).say('not yours', CHANNEL);
    const cases: readonly [Promise<unknown>, string][] = [
      [client.chat.postMessage({ channel: 'C0NOWHERE', text: 'x' }), 'channel_not_found'],
      [client.chat.postMessage({ channel: 'general', text: 'x' }), 'not_in_channel'],
      [client.chat.postMessage({ channel, text: '' }), 'no_text'],
      [client.chat.postMessage({ channel, text: 'x'.repeat(40_001) }), 'msg_too_long'],
      [client.chat.postMessage({ channel, text: 'x', thread_ts: '1.2' }), 'thread_not_found'],
      [client.apiCall('chat.postMessage', { channel, text: 'x', blocks: '[{' }), 'invalid_blocks_format'],
      [client.chat.update({ channel, ts: '1.000000', text: 'x' }), 'message_not_found'],
      [client.chat.update({ channel, ts: theirs.ts, text: 'x' }), 'cant_update_message'],
      [client.chat.update({ channel: `#${CHANNEL}`, ts, text: 'x' }), 'channel_not_found'],
      [client.chat.postEphemeral({ channel, user: 'U0NOBODY', text: 'x' }), 'user_not_in_channel'],
      [client.apiCall('chat.postMessage', { text: 'x' }), 'invalid_arguments'],
    ];
    sandbox.countCalls(false);
    for (const [call, error] of cases) expect(await refusalOf(call)).toMatchObject({ error });
    sandbox.deleteMessage(sandbox.messages(CHANNEL)[0]!);
    expect(await refusalOf(client.chat.update({ channel, ts, text: 'x' }))).toMatchObject({
      error: 'message_not_found',
    });
    sandbox.archiveChannel(CHANNEL);
    expect(await refusalOf(client.chat.postMessage({ channel, text: 'x' }))).toMatchObject({
      error: 'is_archived',
    });
  });

  it('for one person only are seen by no one else and cannot be edited', async () => {
    const { client, channel, sandbox } = opened;
    const sent = await client.chat.postEphemeral({ channel, user: ANNA, text: 'only you' });
    expect(sandbox.user(ANNA).ephemerals).toMatchObject([{ text: 'only you' }]);
    expect(sandbox.messages(CHANNEL)).toEqual([]);
    expect((await client.conversations.history({ channel })).messages).toEqual([]);
    expect(
      await refusalOf(client.chat.update({ channel, ts: sent.message_ts ?? '', text: 'x' })),
    ).toMatchObject({ error: 'message_not_found' });
  });
});

describe('channels and groups', () => {
  it('hides private channels the app is not in', async () => {
    const closed = await openSandbox({
      channels: [{ name: 'secret', isPrivate: true, hasApp: false }, { name: CHANNEL }],
    });
    try {
      const channel = closed.sandbox.channel('secret').id;
      expect(await refusalOf(closed.client.chat.postMessage({ channel, text: 'x' }))).toMatchObject({
        error: 'channel_not_found',
      });
    } finally {
      await closed.sandbox.close();
    }
  });

  it('lists the people of a group', async () => {
    const { client } = opened;
    expect((await client.usergroups.users.list({ usergroup: 'S0OPERATORS' })).users).toEqual([ANNA]);
    expect(await refusalOf(client.usergroups.users.list({ usergroup: 'S0' }))).toMatchObject({
      error: 'no_such_subteam',
    });
  });
});
