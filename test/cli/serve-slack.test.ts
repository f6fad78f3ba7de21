import { describe, expect, it } from '@jest/globals';
import type { SlackShell } from '../../src/cli/support/shell.js';
import type { SweepWatch } from '../../src/monitor/record/sweep-watch.js';
import { AppError } from '../../src/ports/app-error.js';
import { runCli } from './run-cli.js';

const watch: SweepWatch = {};
const slackThat = (start: SlackShell['start']) => {
  const slack = { watch, start, closed: 0, close: async () => void slack.closed++ };
  return slack;
};

describe('calib serve with Slack', () => {
  it('tells Slack of its sweeps without waiting for the connection', async () => {
    let isClosed = (): void => undefined;
    const slack = slackThat(() => new Promise((resolve) => (isClosed = resolve)));
    slack.close = async () => {
      slack.closed++;
      isClosed();
    };
    const watches: unknown[] = [];
    const serve = async (_tell: unknown, _signal: AbortSignal, given?: SweepWatch): Promise<void> =>
      void watches.push(given);
    const said = await runCli(['serve'], { serve }, { openSlack: async () => slack });
    expect(said).toMatchObject({ code: 0, closed: 1 });
    expect([watches, slack.closed]).toEqual([[watch], 1]);
  });

  it('ends with what only a person can mend', async () => {
    const slack = slackThat(() =>
      Promise.reject(
        new AppError('slack_token', 'Slack does not accept the token.', 'Put the right one there.'),
      ),
    );
    const serve = (_tell: unknown, signal: AbortSignal): Promise<void> =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
    const said = await runCli(['serve'], { serve }, { openSlack: async () => slack });
    expect(said).toMatchObject({ code: 3, closed: 1 });
    expect(said.err).toBe('Slack does not accept the token. Put the right one there.\n');
    expect(slack.closed).toBe(1);
  });
});
