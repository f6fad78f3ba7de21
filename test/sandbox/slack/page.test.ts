import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Opened } from './open-sandbox.js';
import { ANNA, BEN, CHANNEL, openSandbox } from './open-sandbox.js';

let opened: Opened;
let leave: AbortController;
beforeEach(async () => {
  opened = await openSandbox();
  leave = new AbortController();
});
afterEach(async () => {
  leave.abort();
  await opened.sandbox.close();
});

interface Told {
  readonly kind: string;
  readonly message?: { readonly text: string; readonly isEphemeral: boolean };
  readonly messages?: readonly { readonly text: string }[];
  readonly me?: string;
}

/** What one person's page is told, as it arrives. */
const follow = async (userId: string): Promise<() => Promise<Told>> => {
  const response = await fetch(`${opened.sandbox.url}/page/feed?user=${userId}`, { signal: leave.signal });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  return async () => {
    while (!rest.includes('\n\n')) rest += (await reader.read()).value ?? '';
    const [event = '', ...more] = rest.split('\n\n');
    rest = more.join('\n\n');
    return JSON.parse(event.replace(/^data: /, '')) as Told;
  };
};

const act = (body: object, origin = opened.sandbox.url): Promise<Response> =>
  fetch(`${opened.sandbox.url}/page/act`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin },
    body: JSON.stringify(body),
  });

describe('the page of the Slack workspace', () => {
  it('asks no other address for anything', async () => {
    const root = await fetch(opened.sandbox.url);
    expect(root.url).toBe(`${opened.sandbox.url}/page/`);
    expect(root.headers.get('content-security-policy')).toContain("default-src 'self'");
    const text = (await root.text()).replaceAll('http://www.w3.org/2000/svg', '');
    expect(text).not.toMatch(/(?:src|href)="[^"]*\.(?:js|css)"/);
    expect(text).not.toMatch(/https?:\/\/[a-z]|url\(|^(import|export) /m);
    expect((await fetch(`${opened.sandbox.url}/page/icon.svg`)).status).toBe(200);
    expect((await fetch(`${opened.sandbox.url}/page/..%2fsandbox.ts`)).status).toBe(404);
  });

  it('tells each person what they see, and nothing else', async () => {
    const { client, channel } = opened;
    await client.chat.postMessage({ channel, text: 'before' });
    const anna = await follow(ANNA);
    const ben = await follow(BEN);
    expect(await anna()).toMatchObject({ kind: 'snapshot', me: ANNA, messages: [{ text: 'before' }] });
    expect(await ben()).toMatchObject({ kind: 'snapshot', me: BEN });
    await client.chat.postEphemeral({ channel, user: ANNA, text: 'only Anna' });
    await client.chat.postMessage({ channel, text: 'for both' });
    const seen: (string | undefined)[] = [];
    while (!seen.includes('for both')) seen.push((await ben()).message?.text);
    expect(seen).not.toContain('only Anna');
    expect(await anna()).toMatchObject({ message: { text: 'only Anna', isEphemeral: true } });
  });

  it('does what the person does there, and only from this page', async () => {
    const channelId = opened.channel;
    expect((await act({ act: 'say', user: ANNA, channelId, text: 'hello' })).status).toBe(200);
    expect(opened.sandbox.messages(CHANNEL)).toMatchObject([{ text: 'hello', authorId: ANNA }]);
    const foreign = await act({ act: 'say', user: ANNA, channelId, text: 'x' }, 'http://elsewhere.test');
    expect(await foreign.json()).toEqual({ ok: false, error: 'not_allowed' });
    const nobody = await act({ act: 'say', user: 'USLACKBOT', channelId, text: 'x' });
    expect(await nobody.json()).toEqual({ ok: false, error: 'invalid_arguments' });
    const slash = await act({ act: 'slash', user: ANNA, channelId, line: '/calib check' });
    expect(await slash.json()).toEqual({ ok: true, outcome: 'no_socket' });
    const [told] = opened.sandbox.user(ANNA).ephemerals;
    expect((await act({ act: 'forget', user: ANNA, channelId, ts: told?.ts })).status).toBe(200);
    expect(opened.sandbox.user(ANNA).ephemerals).toEqual([]);
  });
});
