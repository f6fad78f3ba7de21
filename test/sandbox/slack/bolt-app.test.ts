import { afterEach, describe, expect, it } from '@jest/globals';
import { App, LogLevel } from '@slack/bolt';
import { createSystemClock } from '../../../src/adapters/runtime/system-clock.js';
import { SlackSandbox } from '../../../src/sandbox/slack/sandbox.js';
import { MANIFEST } from './sandbox-manifest.js';

let sandbox: SlackSandbox | null = null;
let app: App | null = null;

const start = async (listen: (app: App) => void): Promise<SlackSandbox> => {
  sandbox = new SlackSandbox({ manifest: MANIFEST, clock: createSystemClock() });
  await sandbox.start();
  app = new App({
    token: sandbox.botToken,
    appToken: sandbox.appToken,
    socketMode: true,
    logLevel: LogLevel.ERROR,
    clientOptions: { slackApiUrl: sandbox.apiUrl },
  });
  listen(app);
  await app.start();
  return sandbox;
};

afterEach(async () => {
  await app?.stop();
  await sandbox?.close();
});

describe('the real Bolt app in the sandbox', () => {
  it('answers a command, opens a modal, takes its form, edits its message on a click', async () => {
    const box = await start((bolt) => {
      bolt.command('/calib', async ({ ack, client, body }) => {
        await ack('working on it');
        await client.views.open({
          trigger_id: body.trigger_id,
          view: {
            type: 'modal',
            callback_id: 'pick',
            title: { type: 'plain_text', text: 'Check' },
            submit: { type: 'plain_text', text: 'Start' },
            blocks: [
              {
                type: 'input',
                block_id: 'device',
                label: { type: 'plain_text', text: 'Device' },
                element: { type: 'plain_text_input', action_id: 'name' },
              },
            ],
          },
        });
      });
      bolt.view('pick', async ({ ack, client, view }) => {
        await ack();
        await client.chat.postMessage({
          channel: '#calibration_monitoring',
          text: `checking ${view.state.values['device']?.['name']?.value ?? '?'}`,
          blocks: [
            {
              type: 'actions',
              elements: [
                {
                  type: 'button',
                  action_id: 'acknowledge',
                  value: 'x',
                  text: { type: 'plain_text', text: 'Acknowledge' },
                },
              ],
            },
          ],
        });
      });
      bolt.action('acknowledge', async ({ ack, respond, body }) => {
        await ack();
        await respond({ replace_original: true, text: `acknowledged by <@${body.user.id}>` });
      });
    });
    const anna = box.user('U0ANNA00001');
    expect((await anna.slash('/calib')).outcome).toBe('acked');
    expect(anna.ephemerals.map((message) => message.text)).toEqual(['working on it']);
    await box.waitFor(() => anna.modals[0]);
    expect(await anna.submitView()).toEqual({ device: 'Please complete this required field.' });
    expect(await anna.submitView({ device: { name: 'north-mast' } })).toEqual({});
    expect(anna.modals).toEqual([]);
    const message = await box.waitFor(() => box.messages('calibration_monitoring')[0]);
    expect(message.text).toBe('checking north-mast');
    await anna.click(message, 'acknowledge');
    await box.waitFor(() =>
      box.messages('calibration_monitoring')[0]?.text.startsWith('acknowledged by <@U0ANNA'),
    );
    expect(box.complaints).toEqual([]);
  });

  it('publishes a Home tab when one is opened', async () => {
    const box = await start((bolt) =>
      bolt.event('app_home_opened', async ({ event, client }) => {
        await client.views.publish({
          user_id: event.user,
          view: { type: 'home', blocks: [{ type: 'header', text: { type: 'plain_text', text: 'Fleet' } }] },
        });
      }),
    );
    const ben = box.user('U0BEN000001');
    await ben.openHome();
    expect((await box.waitFor(() => ben.home)).content['type']).toBe('home');
  });
});
