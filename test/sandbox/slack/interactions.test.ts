import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Opened } from './open-sandbox.js';
import { ANNA, BEN, CHANNEL, openSandbox, plain, socketClientOf } from './open-sandbox.js';

interface Payload {
  readonly type: string;
  readonly trigger_id: string;
  readonly response_url: string;
  readonly actions?: readonly object[];
  readonly state?: { readonly values: object };
  readonly view?: { readonly state: { readonly values: object }; readonly private_metadata: string };
}

let opened: Opened;
let received: Payload[];
let answers: object[];
let stop: () => Promise<void>;

beforeEach(async () => {
  opened = await openSandbox();
  received = [];
  answers = [];
  const socket = socketClientOf(opened.sandbox);
  const take = (event: { body: Payload; ack: (response?: object) => Promise<void> }): void => {
    received.push(event.body);
    void event.ack(answers.shift());
  };
  socket.on('interactive', take);
  socket.on('slash_commands', take);
  await socket.start();
  stop = () => socket.disconnect();
});
afterEach(async () => {
  await stop();
  await opened.sandbox.close();
});

const option = (value: string): object => ({ text: plain(value), value });
const post = async (...elements: object[]): Promise<void> => {
  await opened.client.apiCall('chat.postMessage', {
    channel: opened.channel,
    text: 'incident',
    blocks: [{ type: 'actions', block_id: 'row', elements }],
  });
};
const incident = () => opened.sandbox.messages(CHANNEL)[0]!;
const respond = (body: object): Promise<Response> =>
  fetch(received.at(-1)!.response_url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

describe('controls of a message', () => {
  it('tell the app who pressed what where', async () => {
    await post({ type: 'button', action_id: 'ack', value: 'cam-1', text: plain('Acknowledge') });
    expect(await opened.sandbox.user(BEN).click(incident(), 'ack')).toMatchObject({ outcome: 'acked' });
    expect(received).toMatchObject([
      {
        type: 'block_actions',
        user: { id: BEN, username: 'ben' },
        channel: { id: opened.channel, name: CHANNEL },
        container: { type: 'message', message_ts: incident().ts, is_ephemeral: false },
        message: { ts: incident().ts, blocks: [{ block_id: 'row' }] },
        actions: [{ type: 'button', action_id: 'ack', block_id: 'row', value: 'cam-1' }],
      },
    ]);
  });

  it('with a confirmation do nothing until it is accepted', async () => {
    const confirm = {
      title: plain('Sure?'),
      text: plain('Really'),
      confirm: plain('Yes'),
      deny: plain('No'),
    };
    await post({ type: 'button', action_id: 'accept', text: plain('Accept'), confirm });
    const anna = opened.sandbox.user(ANNA);
    expect(await anna.click(incident(), 'accept')).toMatchObject({
      outcome: 'asked',
      dialog: { title: plain('Sure?') },
    });
    anna.deny();
    expect(() => anna.confirm()).toThrow('No confirmation is open');
    expect(received).toEqual([]);
    await anna.click(incident(), 'accept');
    await anna.confirm();
    expect(received).toHaveLength(1);
  });

  it('send the option that was chosen', async () => {
    await post({ type: 'static_select', action_id: 'silence', options: [option('1h'), option('8h')] });
    const anna = opened.sandbox.user(ANNA);
    await anna.click(incident(), 'silence', { value: '8h' });
    expect(received[0]?.actions).toMatchObject([{ selected_option: { value: '8h' } }]);
    expect(received[0]?.state?.values).toMatchObject({
      row: { silence: { selected_option: { value: '8h' } } },
    });
    await expect(anna.click(incident(), 'silence', { value: '9h' })).rejects.toThrow('has no option "9h"');
    await expect(anna.click(incident(), 'nowhere')).rejects.toThrow('There is no control "nowhere"');
  });

  it('offer a response_url: five answers within half an hour', async () => {
    await post({ type: 'button', action_id: 'ack', text: plain('Acknowledge') });
    const anna = opened.sandbox.user(ANNA);
    await anna.click(incident(), 'ack');
    expect((await respond({ text: 'only you' })).status).toBe(200);
    expect(anna.ephemerals).toMatchObject([{ text: 'only you' }]);
    await respond({ response_type: 'in_channel', text: 'all of you', replace_original: false });
    await respond({ replace_original: true, text: 'acknowledged' });
    expect(opened.sandbox.messages(CHANNEL).map((message) => message.text)).toEqual([
      'acknowledged',
      'all of you',
    ]);
    expect(await (await respond({})).json()).toEqual({ ok: false, error: 'no_text' });
    await respond({ delete_original: true });
    expect(opened.sandbox.messages(CHANNEL).map((message) => message.text)).toEqual(['all of you']);
    const sixth = await respond({ text: 'x' });
    expect([sixth.status, await sixth.json()]).toEqual([404, { ok: false, error: 'used_url' }]);
  });

  it('let the response_url expire', async () => {
    await opened.sandbox.user(ANNA).slash('/calib status');
    await opened.clock.advance(30 * 60_000 + 1);
    expect(await (await respond({ text: 'late' })).json()).toEqual({ ok: false, error: 'expired_url' });
  });
});

describe('forms', () => {
  const form = (title: string) => ({
    type: 'modal',
    callback_id: 'pick',
    title: plain(title),
    submit: plain('Start'),
    private_metadata: 'm',
    blocks: [
      {
        type: 'input',
        block_id: 'stops',
        optional: true,
        label: plain('Stops'),
        element: { type: 'plain_text_input', action_id: 'text', min_length: 3 },
      },
      {
        type: 'input',
        block_id: 'mode',
        label: plain('Mode'),
        element: { type: 'radio_buttons', action_id: 'mode', options: [option('passive'), option('active')] },
      },
      {
        type: 'input',
        block_id: 'tell',
        label: plain('Tell'),
        element: {
          type: 'multi_static_select',
          action_id: 'who',
          option_groups: [{ label: plain('All'), options: [option('a'), option('b')] }],
          initial_options: [option('a')],
        },
      },
    ],
  });
  const open = async (): Promise<void> => {
    await opened.sandbox.user(ANNA).slash('/calib');
    await opened.client.apiCall('views.open', { trigger_id: received.at(-1)!.trigger_id, view: form('one') });
  };
  const chosen = { mode: { mode: 'active' } };

  it('are held back until they are complete, then sent with their state', async () => {
    await open();
    const anna = opened.sandbox.user(ANNA);
    expect(await anna.submitView({ stops: { text: '1' } })).toEqual({
      stops: 'Must be at least 3 characters.',
      mode: 'Please complete this required field.',
    });
    expect(await anna.submitView({ ...chosen, tell: { who: ['a', 'b'] } })).toEqual({});
    expect(received.at(-1)).toMatchObject({
      type: 'view_submission',
      view: {
        callback_id: 'pick',
        private_metadata: 'm',
        state: {
          values: {
            stops: { text: { type: 'plain_text_input', value: null } },
            mode: { mode: { type: 'radio_buttons', selected_option: { value: 'active' } } },
            tell: { who: { selected_options: [{ value: 'a' }, { value: 'b' }] } },
          },
        },
      },
    });
    expect(anna.modals).toEqual([]);
  });

  it('show the complaints of the app and stay open', async () => {
    await open();
    const anna = opened.sandbox.user(ANNA);
    answers.push({ response_action: 'errors', errors: { stops: 'not three numbers' } });
    expect(await anna.submitView(chosen)).toEqual({ stops: 'not three numbers' });
    expect(anna.modals.map((view) => view.content['title'])).toEqual([plain('one')]);
  });

  it('keep the complaint about an answer that Slack could not show', async () => {
    await open();
    answers.push({ response_action: 'shout' });
    await opened.sandbox.user(ANNA).submitView(chosen);
    expect(opened.sandbox.complaints).toEqual([expect.stringContaining('invalid_response_action')]);
  });
});

describe('message shortcuts', () => {
  it('reach the app with the message', async () => {
    await post({ type: 'button', action_id: 'ack', text: plain('Acknowledge') });
    await opened.sandbox.user(ANNA).shortcut(incident(), 'note');
    expect(received).toMatchObject([
      { type: 'message_action', callback_id: 'note', message: { ts: incident().ts } },
    ]);
    await expect(opened.sandbox.user(ANNA).shortcut(incident(), 'unknown')).rejects.toThrow(
      'has no shortcut',
    );
  });
});
