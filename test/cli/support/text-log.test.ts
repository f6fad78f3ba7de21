import { describe, expect, it } from '@jest/globals';
import { createTextLog } from '../../../src/cli/support/text-log.js';
import { AppError } from '../../../src/ports/app-error.js';

const MINUTE_MS = 60_000;

describe('the log for people', () => {
  it('says what repeats every ten minutes, with how often it was met', () => {
    let nowMs = 0;
    const lines: string[] = [];
    const log = createTextLog(
      (text) => lines.push(text),
      () => nowMs,
    );
    const cause = new AppError('aws_forbidden', 'The queue: not allowed.', 'Allow it.');
    for (; nowMs <= 25 * MINUTE_MS; nowMs += MINUTE_MS)
      log({ level: 'error', event: 'queue_failed', message: cause.message, cause });
    expect(lines).toEqual([
      'error: The queue: not allowed. Allow it.\n',
      'error: The queue: not allowed. Allow it. (9 times more meanwhile)\n',
      'error: The queue: not allowed. Allow it. (9 times more meanwhile)\n',
    ]);
  });

  it('says each other thing at once, news as often as they come, and nothing for machines', () => {
    const lines: string[] = [];
    const log = createTextLog(
      (text) => lines.push(text),
      () => 0,
    );
    const cause = new AppError('x', 'Away.', 'Wait.');
    log({ level: 'warn', event: 'a', message: 'Away. Wait.', cause });
    log({ level: 'error', event: 'a', message: 'Away. Wait.', cause });
    for (let times = 0; times < 2; times += 1) log({ level: 'info', event: 'b', message: '6 rows.' });
    log({ level: 'debug', event: 'c', message: 'sent' });
    expect(lines).toEqual([
      'warn: Away. Wait.\n',
      'error: Away. Wait.\n',
      'info: 6 rows.\n',
      'info: 6 rows.\n',
    ]);
  });
});
