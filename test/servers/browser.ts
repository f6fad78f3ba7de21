import { existsSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { chromium, type Browser, type Page } from 'playwright-core';

/** Debian's Chromium, as `npm test` installs it. */
const executable = (): string => {
  const found = (process.env['PATH'] ?? '')
    .split(':')
    .map((dir) => path.join(dir, 'chromium'))
    .find((file) => existsSync(file));
  if (found === undefined) throw new Error('Chromium is missing: apt-get install chromium');
  return found;
};

/** Root may not use the sandbox of Chromium; the page it looks at is our own. */
export const openBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: executable(), args: ['--no-sandbox', '--disable-dev-shm-usage'] });

export interface Look {
  readonly widthPx?: number;
  readonly isDark?: boolean;
}

/** A fresh visitor's page; `faults` gathers what the page complains about. */
export const visit = async (
  browser: Browser,
  address: string,
  faults: string[],
  { widthPx = 1280, isDark = false }: Look = {},
): Promise<Page> => {
  const context = await browser.newContext({
    viewport: { width: widthPx, height: 844 },
    colorScheme: isDark ? 'dark' : 'light',
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
  });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  page.on('pageerror', (fault) => faults.push(fault.message));
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  await page.goto(address);
  return page;
};
