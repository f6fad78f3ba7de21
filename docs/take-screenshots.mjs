// Takes the pictures of README and slack.md from a running demo: `npm run demo`, then in another terminal
// `node docs/take-screenshots.mjs http://127.0.0.1:PORT` with the address that the demo printed. Needs Chromium.
import { statSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { messageWith as message, type } from '../dist/test/support/slack-page.js';

const address = process.argv[2];
if (address === undefined) throw new Error('Give the address that the demo printed.');
const MAX_BYTES = 200_000;
const MINUTES_MS = 20 * 60_000;

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});

const open = async (look, user = 'U0ANNA00001') => {
  const context = await browser.newContext({
    viewport: { width: look.width, height: look.height },
    colorScheme: look.dark ? 'dark' : 'light',
    deviceScaleFactor: look.scale ?? 1,
    hasTouch: look.width < 700,
    locale: 'en-GB',
  });
  const page = await context.newPage();
  page.setDefaultTimeout(MINUTES_MS);
  await page.goto(`${address}/page/?user=${user}`);
  return page;
};

const keep = async (page, name) => {
  await page.waitForTimeout(1_000);
  const file = fileURLToPath(new URL(`slack-${name}.jpg`, import.meta.url));
  for (const quality of [82, 74, 66, 58, 50]) {
    await page.screenshot({ path: file, type: 'jpeg', quality });
    if (statSync(file).size <= MAX_BYTES) break;
  }
  process.stdout.write(`${file} ${Math.round(statSync(file).size / 1000)} kB\n`);
  await page.context().close();
};

const toTop = (page, text) =>
  message(page, text).evaluate((node) => node.scrollIntoView({ block: 'start', behavior: 'instant' }));

const wide = { width: 1280, height: 820 };
const phone = { width: 390, height: 780, scale: 2 };

const story = await open(wide);
const alert = message(story, 'harbour/quay-crane has drifted');
await alert.getByRole('img').waitFor();
await alert.getByRole('button', { name: 'Acknowledge', exact: true }).click();
await alert.getByText('Acknowledged by').waitFor();
await type(story, '/calib history quay-crane');
await message(story, 'History of harbour/quay-crane').getByRole('img').waitFor();
await toTop(story, 'harbour/quay-crane has drifted');
await keep(story, 'incident');

const sweep = await open({ ...wide, dark: true });
await message(sweep, 'Sweep of 3 cameras').waitFor();
await toTop(sweep, 'Sweep of 3 cameras');
await keep(sweep, 'sweep-dark');

const home = await open(wide);
await home.locator('nav a', { hasText: 'Calibration' }).last().click();
await home.getByText('PTZ cameras').waitFor();
await keep(home, 'home');

const hand = await open(phone);
await hand.getByText('calibration_monitoring').click();
await message(hand, 'has drifted').getByRole('img').waitFor();
await toTop(hand, 'has drifted');
await keep(hand, 'phone');

await browser.close();
