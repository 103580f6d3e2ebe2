import type { Locator, Page } from 'playwright-core';

/** More stops than any view has. */
const MOST_STOPS = 200;

/**
 * Goes on by Tab until a control has the keyboard, as a person without a mouse does. Throws, saying what was passed,
 * where Tab never gets there.
 */
export async function tabTo(page: Page, control: Locator): Promise<void> {
  await control.waitFor();
  const passed: string[] = [];
  for (let stop = 0; stop < MOST_STOPS; stop++) {
    if (await hasFocus(control)) return;
    await page.keyboard.press('Tab');
    passed.push(
      await page.evaluate<string>(
        '(document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent ?? "").trim().slice(0, 40)',
      ),
    );
  }
  throw new Error(`Tab never reaches ${String(control)}; it goes to ${passed.join(' | ')}`);
}

function hasFocus(control: Locator): Promise<boolean> {
  // The tests themselves run without a page's types.
  return control.evaluate(
    (element: unknown) =>
      element === (globalThis as unknown as { document: { activeElement: unknown } }).document.activeElement,
  );
}

/** Goes to a control by Tab and presses a key on it. */
export async function pressOn(page: Page, control: Locator, key = 'Enter'): Promise<void> {
  await tabTo(page, control);
  await page.keyboard.press(key);
}

/** Goes to a field by Tab, which selects what is in it, and types over that. */
export async function typeInto(page: Page, field: Locator, text: string): Promise<void> {
  await tabTo(page, field);
  await page.keyboard.type(text);
}
