import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { createPictures } from '../../src/adapters/pictures/pictures.js';
import type { Pictures } from '../../src/ports/pictures.js';
import { device, measured } from '../monitor/monitor-rig.js';
import { openBrowser, visit, type Look } from '../servers/browser.js';
import { messageWith, overlayShown, type, typeOffered } from '../support/slack-page.js';
import { ANNA, BEN, createSlackRig, scanned, type Replica, type SlackRig } from './slack-rig.js';

const camera = (site: string, id: string, cameraName: string) => ({
  ...device(site, id, { activeStops: [{ panDeg: 5, tiltDeg: 0, zoom: 1 }] }),
  cameraName,
});
const cameras = [
  camera('harbour', 'cam-1', 'quay-crane'),
  camera('harbour', 'cam-2', 'north-pier'),
  camera('ridge', 'cam-3', 'fire-tower'),
];

let rig: SlackRig;
let run: Replica;
let browser: Browser;
let pictures: Pictures;
const faults: string[] = [];

beforeAll(async () => {
  pictures = createPictures();
  const picture = readFileSync(new URL('../../../docs/overlay.jpg', import.meta.url));
  rig = await createSlackRig(cameras, {
    pictures: { overlay: async () => picture, historyPlot: pictures.historyPlot },
  });
  rig.monitor.script.solve = (dir) =>
    dir.includes('/quay-crane/') ? { ...measured(0.71), cause: 'mount_rotation' } : measured(0.01);
  run = await rig.replica();
  await scanned(run.product, cameras);
  browser = await openBrowser();
}, 60_000);
afterAll(async () => {
  await browser.close();
  await rig.close();
  await pictures.close();
});
afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()));
  expect(faults).toEqual([]);
});

const open = (look?: Look, who = ANNA): Promise<Page> =>
  visit(browser, `${rig.sandbox.url}/page/?user=${who}`, faults, look);
/** How far to the right anything of the page reaches. */
const widest = (page: Page): Promise<number> =>
  page.evaluate(
    'Math.max(document.documentElement.scrollWidth, ' +
      "...[...document.querySelectorAll('main *')].map((each) => each.getBoundingClientRect().right))",
  );
/** 0 black to 255 white. */
const lightness = async (page: Page, selector: string, property: string): Promise<number> => {
  const colour = await page.evaluate<string>(
    `getComputedStyle(document.querySelector('${selector}')).${property}`,
  );
  const [red = 0, green = 0, blue = 0] = (colour.match(/[\d.]+/g) ?? []).map(Number);
  return (red + green + blue) / 3;
};

describe('the Slack page in a browser', () => {
  it('goes from a typed command to an alert with its picture, acknowledged by name, seen by others at once', async () => {
    const page = await open();
    await typeOffered(page, 'check quay-crane');
    const alert = messageWith(page, 'harbour/quay-crane has drifted');
    await alert.getByText('turn the mount 0.7° to the left').waitFor();
    await overlayShown(page, alert);
    await messageWith(page, 'Checked harbour/quay-crane').waitFor();
    const other = await open({}, BEN);
    await messageWith(other, 'harbour/quay-crane has drifted').waitFor();
    await alert.getByRole('button', { name: 'Acknowledge', exact: true }).click();
    await alert.getByText('Acknowledged by @Anna Keller').waitFor();
    await messageWith(other, 'harbour/quay-crane has drifted')
      .getByText('Acknowledged by @Anna Keller')
      .waitFor();
    await run.app.settled();
  }, 60_000);

  it('asks before it replaces a reference, and does nothing on Cancel', async () => {
    const page = await open();
    const alert = messageWith(page, 'harbour/quay-crane has drifted');
    const accept = alert.getByRole('button', { name: 'Accept as new reference' });
    await accept.click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Replace the reference?').waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(await page.getByText('has a new reference').count()).toBe(0);
    await accept.click();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await accept.click();
    await dialog.getByRole('button', { name: 'Scan and replace' }).click();
    await messageWith(page, 'harbour/quay-crane has a new reference').waitFor();
    await messageWith(page, 'harbour/quay-crane has a new reference')
      .getByRole('link', { name: /repl/ })
      .click();
    const thread = page.getByRole('complementary', { name: 'Thread' });
    await thread.getByRole('button', { name: 'Restore previous' }).waitFor();
    await thread.getByRole('button', { name: 'Close thread' }).click();
    await thread.waitFor({ state: 'detached' });
    await run.app.settled();
  }, 60_000);

  it('takes a form by keyboard alone', async () => {
    const page = await open();
    await page.locator('main textarea').waitFor();
    await page.keyboard.type('/calib ');
    await page.keyboard.press('Enter');
    const form = page.getByRole('dialog', { name: 'Check cameras' });
    await form.waitFor();
    await page.keyboard.press('Enter');
    await page.keyboard.type('tower');
    await page.getByRole('option', { name: 'ridge/fire-tower' }).waitFor();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Escape');
    await form.getByText('ridge/fire-tower').waitFor();
    await form.getByRole('button', { name: 'Check', exact: true }).focus();
    await page.keyboard.press('Enter');
    await messageWith(page, 'Checked ridge/fire-tower').waitFor();
    await form.waitFor({ state: 'detached' });
    await run.app.settled();
  }, 60_000);

  it('shows the fleet on the Home tab, filtered, and a camera’s history with its plot', async () => {
    const page = await open();
    await page
      .getByRole('link', { name: /Calibration/ })
      .last()
      .click();
    await page.getByText('PTZ cameras').waitFor();
    await page.locator('main').getByText('ridge/fire-tower').waitFor();
    await page.getByRole('button', { name: /All sites/ }).click();
    await page.getByRole('option', { name: 'ridge' }).click();
    await page.locator('main').getByText('harbour/north-pier').waitFor({ state: 'detached' });
    await page.goto(`${rig.sandbox.url}/page/?user=${ANNA}`);
    await type(page, '/calib history quay-crane');
    await messageWith(page, 'History of harbour/quay-crane')
      .getByRole('img', { name: /over time/ })
      .waitFor();
    await run.app.settled();
  }, 60_000);

  it('shows private answers to one person only, and suggests the command that was meant', async () => {
    const [page, other] = [await open(), await open({}, BEN)];
    await messageWith(other, 'harbour/quay-crane').waitFor();
    await type(page, '/calib chekc north-pier');
    await messageWith(page, 'Did you mean /calib check?').getByText('Only visible to you').waitFor();
    expect(await other.getByText('Did you mean /calib check?').count()).toBe(0);
    await messageWith(page, 'Did you mean /calib check?').getByRole('button', { name: 'Dismiss' }).click();
    await page.getByText('Did you mean /calib check?').waitFor({ state: 'detached' });
  }, 60_000);

  it('fits a phone: channels, messages with their buttons, and the way back', async () => {
    const page = await open({ widthPx: 390 });
    await page.getByRole('link', { name: 'calibration_monitoring' }).click();
    await messageWith(page, 'harbour/quay-crane').waitFor();
    expect(await widest(page)).toBeLessThanOrEqual(390);
    await page.getByRole('link', { name: 'All channels' }).click();
    await page.getByRole('link', { name: 'general' }).waitFor();
    expect(await page.locator('main textarea').count()).toBe(0);
  }, 60_000);

  it.each([true, false])(
    'is readable in the dark: %s',
    async (isDark) => {
      const page = await open({ isDark });
      await messageWith(page, 'harbour/quay-crane').waitFor();
      const [ground, letters] = [
        await lightness(page, 'main', 'backgroundColor'),
        await lightness(page, 'main article', 'color'),
      ];
      expect(isDark ? letters - ground : ground - letters).toBeGreaterThan(150);
    },
    60_000,
  );

  it('is one document, and usable within a second on a quiet machine', async () => {
    const page = await open();
    await page.locator('main textarea').waitFor();
    const usableMs = await page.evaluate<number>('performance.now()');
    const asked = await page.evaluate<string[]>(
      "performance.getEntriesByType('resource').map(({ name }) => name)",
    );
    expect(asked.filter((name) => /\.(js|css)$/.test(name))).toEqual([]);
    // Many times as long where other suites run beside this one.
    expect(usableMs).toBeLessThan(5_000);
  }, 60_000);
});
