import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { KnownBlock, View } from '@slack/types';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Opened } from './open-sandbox.js';
import { ANNA, BEN, openSandbox, plain, refusalOf, socketClientOf } from './open-sandbox.js';
import { MANIFEST } from './sandbox-manifest.js';

let opened: Opened;
beforeEach(async () => {
  opened = await openSandbox();
});
afterEach(() => opened.sandbox.close());

const modal = (title: string): View => ({ type: 'modal', title: plain(title), blocks: [] });
const home = (title: string): View => ({ type: 'home', blocks: [{ type: 'header', text: plain(title) }] });

/** The trigger of a slash command that a real client received. */
const withTrigger = async (use: (triggerId: string) => Promise<void>): Promise<void> => {
  const socket = socketClientOf(opened.sandbox);
  const arrived = new Promise<string>((resolve) => {
    socket.on('slash_commands', (event: { body: { trigger_id: string }; ack: () => Promise<void> }) => {
      void event.ack().then(() => resolve(event.body.trigger_id));
    });
  });
  await socket.start();
  try {
    await opened.sandbox.user(ANNA).slash('/calib');
    await use(await arrived);
  } finally {
    await socket.disconnect();
  }
};

describe('modals', () => {
  it('open once with a trigger, for the person who gave it', async () => {
    const { client, sandbox } = opened;
    await withTrigger(async (trigger_id) => {
      const first = await client.views.open({ trigger_id, view: modal('one') });
      expect(sandbox.user(ANNA).modals.map((view) => view.id)).toEqual([first.view?.id]);
      expect(sandbox.user(BEN).modals).toEqual([]);
      expect(await refusalOf(client.views.open({ trigger_id, view: modal('two') }))).toMatchObject({
        error: 'exchanged_trigger_id',
      });
    });
    expect(await refusalOf(client.views.open({ trigger_id: 'made-up', view: modal('x') }))).toMatchObject({
      error: 'invalid_trigger_id',
    });
  });

  it('cannot be opened after three seconds', async () => {
    const { client, clock } = opened;
    await withTrigger(async (trigger_id) => {
      await clock.advance(3_001);
      expect(await refusalOf(client.views.open({ trigger_id, view: modal('late') }))).toMatchObject({
        error: 'expired_trigger_id',
      });
    });
  });

  it('are refused with what is wrong about them', async () => {
    await withTrigger(async (trigger_id) => {
      const view = modal('x'.repeat(25));
      expect(await refusalOf(opened.client.views.open({ trigger_id, view }))).toMatchObject({
        error: 'invalid_arguments',
        messages: ['[ERROR] must be less than 25 characters [json-pointer:/view/title/text]'],
      });
      // A refused view leaves the trigger for another try.
      await opened.client.views.open({ trigger_id, view: modal('short') });
    });
  });
});

describe('Home tabs', () => {
  it('are published for one person', async () => {
    const { client, sandbox } = opened;
    const first = await client.views.publish({ user_id: ANNA, view: home('Fleet') });
    await client.views.publish({ user_id: ANNA, hash: first.view?.hash ?? '', view: home('Fleet again') });
    expect(sandbox.user(ANNA).home?.content).toMatchObject({ blocks: [{ text: plain('Fleet again') }] });
    expect(sandbox.user(BEN).home).toBeUndefined();
    expect(
      await refusalOf(client.views.publish({ user_id: ANNA, hash: first.view?.hash ?? '', view: home('x') })),
    ).toMatchObject({ error: 'hash_conflict' });
    expect(await refusalOf(client.views.publish({ user_id: 'U0', view: home('x') }))).toMatchObject({
      error: 'user_not_found',
    });
  });

  it('need the manifest to say so', async () => {
    const features = { ...MANIFEST.features, app_home: { home_tab_enabled: false } };
    const plainApp = await openSandbox({ manifest: { ...MANIFEST, features } });
    try {
      expect(
        await refusalOf(plainApp.client.views.publish({ user_id: ANNA, view: home('x') })),
      ).toMatchObject({ error: 'not_enabled' });
    } finally {
      await plainApp.sandbox.close();
    }
  });
});

describe('files', () => {
  const picture = readFileSync(path.resolve('docs/overlay.jpg'));
  const image = (id: string): KnownBlock[] => [{ type: 'image', slack_file: { id }, alt_text: 'overlay' }];
  const upload = async (): Promise<string> => {
    const sent = (await opened.client.filesUploadV2({
      file: picture,
      filename: 'overlay.jpg',
      title: 'north-mast',
    })) as { files?: { files?: { id?: string }[] }[] };
    return sent.files?.[0]?.files?.[0]?.id ?? '';
  };

  it('can be shown once they are ready', async () => {
    const { client, channel, clock, sandbox } = opened;
    const id = await upload();
    const post = (): Promise<unknown> =>
      client.chat.postMessage({ channel, text: 'look', blocks: image(id) });
    expect(await refusalOf(post())).toMatchObject({
      error: 'invalid_blocks',
      messages: ['[ERROR] invalid slack file [json-pointer:/blocks/0/slack_file]'],
    });
    await clock.advance(1_500);
    await post();
    const shown = await fetch(`${sandbox.url}/page/files/${id}`);
    expect(shown.headers.get('content-type')).toBe('image/jpeg');
    expect(Buffer.from(await shown.arrayBuffer()).equals(picture)).toBe(true);
  });

  it('are refused where Slack refuses them', async () => {
    const { client, channel } = opened;
    expect(
      await refusalOf(client.files.completeUploadExternal({ files: [{ id: 'F0', title: 't' }] })),
    ).toMatchObject({ error: 'file_not_found' });
    const announced = await client.files.getUploadURLExternal({ filename: 'a.txt', length: 3 });
    expect((await fetch(announced.upload_url ?? '', { method: 'POST', body: 'four' })).status).toBe(400);
    expect((await fetch(announced.upload_url ?? '', { method: 'POST', body: 'abc' })).status).toBe(200);
    await client.files.completeUploadExternal({ files: [{ id: announced.file_id ?? '', title: 'a' }] });
    await opened.clock.advance(2_000);
    expect(
      await refusalOf(
        client.chat.postMessage({ channel, text: 'x', blocks: image(announced.file_id ?? '') }),
      ),
    ).toMatchObject({ error: 'invalid_blocks' });
  });
});
