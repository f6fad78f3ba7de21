import { describe, expect, it } from '@jest/globals';
import { checkMessageBlocks, checkView } from '../../../src/sandbox/slack/block-kit/validate-blocks.js';
import type { JsonObject } from '../../../src/sandbox/slack/workspace/json.js';
import { SlackError } from '../../../src/sandbox/slack/workspace/slack-error.js';
import { plain } from './open-sandbox.js';

const text = (length: number): string => 'x'.repeat(length);
const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));
const mrkdwn = (length: number): JsonObject => ({ type: 'mrkdwn', text: text(length) });
const button = (more: JsonObject = {}): JsonObject => ({ type: 'button', text: plain('b'), ...more });
const actions = (...elements: JsonObject[]): JsonObject => ({ type: 'actions', elements });
const option = (index: number): JsonObject => ({ text: plain(`o${index}`), value: `v${index}` });
const select = (more: JsonObject): JsonObject => ({ type: 'static_select', ...more });
const header = (more: JsonObject = {}): JsonObject => ({ type: 'header', text: plain('h'), ...more });
const input = (element: JsonObject): JsonObject => ({ type: 'input', label: plain('l'), element });
const confirm = (more: JsonObject): JsonObject => ({
  title: plain('t'),
  text: plain('t'),
  confirm: plain('y'),
  deny: plain('n'),
  ...more,
});

const faultsOf = (check: () => unknown): readonly string[] => {
  try {
    check();
  } catch (fault) {
    if (!(fault instanceof SlackError)) throw fault;
    const metadata = fault.details['response_metadata'] as { messages?: string[] } | undefined;
    return metadata?.messages ?? [fault.code];
  }
  return [];
};
const inMessage = (blocks: readonly JsonObject[]): readonly string[] =>
  faultsOf(() => checkMessageBlocks(blocks, () => null));

/** The most that fits, and Slack's message for one more. */
const LIMITS: readonly [string, (size: number) => readonly JsonObject[], number, string][] = [
  ['blocks', (n) => times(n, () => header()), 50, 'no more than 50 items allowed [json-pointer:/blocks]'],
  [
    'section text',
    (n) => [{ type: 'section', text: mrkdwn(n) }],
    3000,
    'must be less than 3001 characters [json-pointer:/blocks/0/text/text]',
  ],
  [
    'header',
    (n) => [{ type: 'header', text: plain(text(n)) }],
    150,
    'must be less than 151 characters [json-pointer:/blocks/0/text/text]',
  ],
  [
    'context elements',
    (n) => [{ type: 'context', elements: times(n, () => mrkdwn(1)) }],
    10,
    'no more than 10 items allowed [json-pointer:/blocks/0/elements]',
  ],
  [
    'action elements',
    (n) => [actions(...times(n, () => button()))],
    25,
    'no more than 25 items allowed [json-pointer:/blocks/0/elements]',
  ],
  [
    'button text',
    (n) => [actions(button({ text: plain(text(n)) }))],
    75,
    'must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]',
  ],
  [
    'button value',
    (n) => [actions(button({ value: text(n) }))],
    2000,
    'must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]',
  ],
  [
    'action_id',
    (n) => [actions(button({ action_id: text(n) }))],
    255,
    'must be less than 256 characters [json-pointer:/blocks/0/elements/0/action_id]',
  ],
  [
    'block_id',
    (n) => [header({ block_id: text(n) })],
    255,
    'must be less than 256 characters [json-pointer:/blocks/0/block_id]',
  ],
  [
    'options',
    (n) => [actions(select({ options: times(n, option) }))],
    100,
    'no more than 100 items allowed [json-pointer:/blocks/0/elements/0/options]',
  ],
  [
    'option text',
    (n) => [actions(select({ options: [{ ...option(0), text: plain(text(n)) }] }))],
    75,
    'must be less than 76 characters [json-pointer:/blocks/0/elements/0/options/0/text/text]',
  ],
  [
    'option value',
    (n) => [actions(select({ options: [{ ...option(0), value: text(n) }] }))],
    150,
    'must be less than 151 characters [json-pointer:/blocks/0/elements/0/options/0/value]',
  ],
  [
    'radio options',
    (n) => [actions({ type: 'radio_buttons', options: times(n, option) })],
    10,
    'no more than 10 items allowed [json-pointer:/blocks/0/elements/0/options]',
  ],
  [
    'confirm title',
    (n) => [actions(button({ confirm: confirm({ title: plain(text(n)) }) }))],
    100,
    'must be less than 101 characters [json-pointer:/blocks/0/elements/0/confirm/title/text]',
  ],
  [
    'confirm text',
    (n) => [actions(button({ confirm: confirm({ text: mrkdwn(n) }) }))],
    300,
    'must be less than 301 characters [json-pointer:/blocks/0/elements/0/confirm/text/text]',
  ],
  [
    'confirm button',
    (n) => [actions(button({ confirm: confirm({ deny: plain(text(n)) }) }))],
    30,
    'must be less than 31 characters [json-pointer:/blocks/0/elements/0/confirm/deny/text]',
  ],
  [
    'alt text',
    (n) => [{ type: 'image', image_url: 'https://x.test/a.png', alt_text: text(n) }],
    2000,
    'must be less than 2001 characters [json-pointer:/blocks/0/alt_text]',
  ],
  [
    'placeholder',
    (n) => [actions(select({ placeholder: plain(text(n)), options: [option(0)] }))],
    150,
    'must be less than 151 characters [json-pointer:/blocks/0/elements/0/placeholder/text]',
  ],
];

describe('limits of blocks', () => {
  it.each(LIMITS)('%s', (_, blocks, limit, message) => {
    expect(inMessage(blocks(limit))).toEqual([]);
    expect(inMessage(blocks(limit + 1))).toEqual([`[ERROR] ${message}`]);
  });

  it.each<[string, readonly JsonObject[], string]>([
    ['an unknown block', [{ type: 'carousel' }], 'unsupported type: carousel [json-pointer:/blocks/0/type]'],
    [
      'an unknown element',
      [actions({ type: 'slider' })],
      'unsupported type: slider [json-pointer:/blocks/0/elements/0/type]',
    ],
    [
      'an input that has no control',
      [input(button())],
      'unsupported type: button [json-pointer:/blocks/0/element/type]',
    ],
    [
      'a section without text',
      [{ type: 'section' }],
      'missing required field: text [json-pointer:/blocks/0]',
    ],
    [
      'a missing label',
      [{ type: 'input', element: { type: 'plain_text_input' } }],
      'missing required field: label [json-pointer:/blocks/0]',
    ],
    [
      'a member that does not exist',
      [header({ colour: 'red' })],
      'invalid additional property: colour [json-pointer:/blocks/0/colour]',
    ],
    [
      'mark-up where plain text belongs',
      [{ type: 'header', text: mrkdwn(1) }],
      'unsupported type: mrkdwn [json-pointer:/blocks/0/text/type]',
    ],
    [
      'empty text',
      [{ type: 'section', text: mrkdwn(0) }],
      'must be more than 0 characters [json-pointer:/blocks/0/text/text]',
    ],
    [
      'an unknown style',
      [actions(button({ style: 'loud' }))],
      'must be a valid enum value (primary, danger) [json-pointer:/blocks/0/elements/0/style]',
    ],
    [
      'the same block_id twice',
      times(2, () => header({ block_id: 'b' })),
      '`block_id` "b" already exists [json-pointer:/blocks/1/block_id]',
    ],
    [
      'the same action_id twice',
      [actions(button({ action_id: 'a' }), button({ action_id: 'a' }))],
      '`action_id` "a" already exists [json-pointer:/blocks/0/elements/1/action_id]',
    ],
    [
      'an image from nowhere',
      [{ type: 'image', alt_text: 'a' }],
      'must provide either image_url or slack_file [json-pointer:/blocks/0]',
    ],
    [
      'neither options nor groups',
      [actions(select({}))],
      'must have either options or option_groups [json-pointer:/blocks/0/elements/0]',
    ],
  ])('refuses %s', (_, blocks, message) => {
    expect(inMessage(blocks)).toEqual([`[ERROR] ${message}`]);
  });

  it('allows the same action_id in two blocks and adds missing ids', () => {
    const [first] = checkMessageBlocks(
      [actions(button()), actions(button({ action_id: 'a' })), actions(button({ action_id: 'a' }))],
      () => null,
    );
    expect(first).toMatchObject({
      block_id: expect.any(String),
      elements: [{ action_id: expect.any(String) }],
    });
  });
});

describe('limits of views', () => {
  const modal = (more: JsonObject = {}): JsonObject => ({
    type: 'modal',
    title: plain('t'),
    blocks: [],
    ...more,
  });
  const inModal = (view: JsonObject): readonly string[] =>
    faultsOf(() => checkView(view, 'modal', () => null));
  const submit = plain('Send');

  it.each<[string, JsonObject, string | null]>([
    ['100 blocks', modal({ blocks: times(100, () => header()) }), null],
    [
      '101 blocks',
      modal({ blocks: times(101, () => header()) }),
      'no more than 100 items allowed [json-pointer:/view/blocks]',
    ],
    [
      'a long title',
      modal({ title: plain(text(25)) }),
      'must be less than 25 characters [json-pointer:/view/title/text]',
    ],
    [
      'a long button',
      modal({ submit: plain(text(25)) }),
      'must be less than 25 characters [json-pointer:/view/submit/text]',
    ],
    [
      'much metadata',
      modal({ private_metadata: text(3001) }),
      'must be less than 3001 characters [json-pointer:/view/private_metadata]',
    ],
    [
      'a form without a button',
      modal({ blocks: [input({ type: 'plain_text_input' })] }),
      'missing required field: submit [json-pointer:/view]',
    ],
    ['a form', modal({ submit, blocks: [input({ type: 'plain_text_input' })] }), null],
    [
      'the wrong type',
      { type: 'home', blocks: [] },
      'must be a valid view type: modal [json-pointer:/view/type]',
    ],
  ])('%s', (_, view, message) => {
    expect(inModal(view)).toEqual(message === null ? [] : [`[ERROR] ${message}`]);
  });
});
