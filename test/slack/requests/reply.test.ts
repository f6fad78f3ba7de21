import { expect, it } from '@jest/globals';
import { AppError } from '../../../src/ports/app-error.js';
import { Reply } from '../../../src/slack/requests/reply.js';
import type { Outgoing } from '../../../src/slack/api/slack-client.js';

const message = (text: string): Outgoing => ({ text, blocks: [] });

it('a reply where the app may not post is whispered once, also when a picture follows', async () => {
  const refused = (): Promise<never> =>
    Promise.reject(new AppError('slack_not_in_channel', 'The app is not in #general.', 'Invite it there.'));
  const whispers: string[] = [];
  const reply = new Reply(
    {
      queue: { post: refused, edit: refused },
      pendingReplies: { opened: refused, closed: refused },
    },
    'C0GENERAL01',
    async ({ text }) => void whispers.push(text),
  );
  await reply.progress(message('Checking'));
  await reply.done(message('Checked'));
  await reply.illustrate(message('Checked, with its picture'));
  expect(whispers).toEqual(['Checked']);
});
