import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { openBrowser, visit } from '../servers/browser.js';
import { startOwnProcess, type OwnProcess } from '../support/own-process.js';
import { processesIn } from '../support/processes.js';
import { messageWith, overlayShown, typeOffered } from '../support/slack-page.js';
import { until } from './trial-site.js';

/** Scans, two sweeps and their alerts take two minutes on a quiet machine, twice as long beside other suites. */
const STORY_MS = 420_000;
const CHECK_MS = 60_000;

let dir: string;
let demo: OwnProcess;
let browser: Browser;
let page: Page;
const faults: string[] = [];

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'calib-demo-'));
  demo = startOwnProcess(new URL('../../src/main.js', import.meta.url), ['demo'], { dir });
  const told = await demo.line(/Slack: open http\S+ in a browser/);
  browser = await openBrowser();
  page = await visit(browser, /http\S+/.exec(told)![0], faults);
}, 60_000);
afterAll(async () => {
  await browser?.close();
  demo.child.kill('SIGKILL');
  await demo.ended;
  await until(() => processesIn(dir).length === 0, 10_000);
  await rm(dir, { recursive: true, force: true });
}, 30_000);

describe('the demo, as somebody sees it who starts it and opens its address', () => {
  it('finds both mishaps, tells each in an alert with its picture, and sums the sweep up', async () => {
    await messageWith(page, 'harbour/quay-crane has drifted').waitFor({ timeout: STORY_MS });
    await demo.line(/^Every verdict is correct/);
    for (const camera of ['harbour/quay-crane', 'ridge/fire-tower'])
      await overlayShown(page, messageWith(page, `${camera} has drifted`), CHECK_MS);
    await messageWith(page, 'Sweep of 3 cameras').getByText('2 drifted').waitFor({ timeout: CHECK_MS });
    expect(await page.getByText('harbour/north-mast has drifted').count()).toBe(0);
  }, 540_000);

  it('checks a camera that is asked for by a typed command', async () => {
    await typeOffered(page, 'check north-mast');
    const answer = messageWith(page, 'Checked harbour/north-mast for @');
    await answer.getByText('✅ harbour/north-mast: yaw').waitFor({ timeout: CHECK_MS });
    await overlayShown(page, answer, CHECK_MS);
  }, 150_000);

  it('shows by name who takes an alert', async () => {
    const alert = messageWith(page, 'harbour/quay-crane has drifted');
    await alert.getByRole('button', { name: 'Acknowledge', exact: true }).click();
    await alert.getByText('Acknowledged by @Anna Keller').waitFor();
    expect(faults).toEqual([]);
  }, 30_000);

  it('ends at Ctrl-C with nothing left running', async () => {
    const sites = processesIn(dir).filter((line) => line.includes('site-process'));
    expect(sites).toHaveLength(2);
    demo.pressCtrlC();
    const { code, stderr } = await demo.ended;
    expect(stderr).toMatch(/^\nStopping; .*\nInterrupted\.\n$/);
    expect(code).toBe(130);
    await until(() => processesIn(dir).length === 0, 2_000);
  }, 60_000);
});
