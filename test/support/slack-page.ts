import type { Locator, Page } from 'playwright-core';

/** The latest message of the open channel that says this. */
export const messageWith = (page: Page, text: string): Locator =>
  page.locator('main article', { hasText: text }).last();

/** Types a line past the list of commands and sends it. */
export const type = async (page: Page, line: string): Promise<void> => {
  await page.locator('main textarea').fill(line);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Enter');
};

/** Types the beginning of `/calib`, takes what is offered, types the words after it and sends all. */
export const typeOffered = async (page: Page, words: string): Promise<void> => {
  const field = page.locator('main textarea');
  await field.pressSequentially('/ca');
  await page.getByRole('option', { name: /\/calib/ }).waitFor();
  await page.keyboard.press('Tab');
  const completed = await field.inputValue();
  if (completed !== '/calib ') throw new Error(`completed to “${completed}”`);
  await field.pressSequentially(words);
  await page.keyboard.press('Enter');
};

/** Until a message shows the overlay of a check, loaded and as large as it was drawn; rejects after `timeoutMs`. */
export const overlayShown = async (page: Page, message: Locator, timeoutMs = 10_000): Promise<void> => {
  const picture = message.getByRole('img', { name: /reference and now/ });
  await picture.waitFor({ timeout: timeoutMs });
  await picture.scrollIntoViewIfNeeded();
  const loaded = '(image) => image.complete && image.naturalWidth > 1000';
  await page.waitForFunction(loaded, await picture.elementHandle(), { timeout: timeoutMs });
};
