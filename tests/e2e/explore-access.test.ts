import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answered, findChromium, openWindow, startBrowser, THEMES } from './browser.ts';
import { facesOf, pinnedIndex } from './faces.ts';
import { startServer, type Served } from './served.ts';
import { MORE_CONTRAST, PALETTES } from '../../src/renderer/theme/tokens.ts';

/** What of a page's elements is used here; the tests themselves run without a page's types. */
interface PageElement {
  readonly tagName: string;
}
interface PageStyle {
  readonly backgroundColor: string;
  readonly outlineStyle: string;
  readonly transitionDuration: string;
  readonly animationDuration: string;
}

function borderColourOf(element: unknown): string {
  const { getComputedStyle } = globalThis as unknown as {
    getComputedStyle: (element: unknown) => { readonly borderTopColor: string };
  };
  return getComputedStyle(element).borderTopColor;
}

/** `#3B3B42` as a browser writes it. */
function rgb(hex: string): string {
  return `rgb(${[1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)).join(', ')})`;
}

describe.skipIf(findChromium() === undefined)(
  'Explore, without seeing, with less motion, more contrast',
  () => {
    let served: Served;
    let browser: Browser;
    let page: Page;
    let complaints: string[];

    beforeAll(async () => {
      served = await startServer();
      browser = await startBrowser();
      ({ page, complaints } = await openWindow(browser, served.url));
      await facesOf(page).live.waitFor({ timeout: 30_000 });
      await answered(page);
    });
    afterAll(async () => {
      await browser.close();
      await served.stop();
    });

    /** What is read aloud after something has changed. */
    const said = (): Promise<string | null> =>
      page.getByRole('status', { name: 'What has changed' }).textContent();

    it('says what the scatter shows and which keys move in it, and then what is pinned', async () => {
      const scatter = page.getByLabel('Scatter of latent codes');
      const description = page.locator(`#${(await scatter.getAttribute('aria-describedby'))!}`);
      expect(await description.textContent()).toMatch(
        /^20,000 codes on a\d+ Sunglasses, .*Arrow keys go to the nearest point/,
      );
      await scatter.focus();
      const before = await pinnedIndex(page);
      await page.keyboard.press('ArrowRight');
      await expect.poll(() => pinnedIndex(page)).not.toBe(before);
      const name = `face-${String(await pinnedIndex(page)).padStart(5, '0')}`;
      await expect.poll(said).toMatch(new RegExp(`^Pinned ${name}, .*(train|held out)\\.$`));
    });

    it('says what a slider does and how far it is from the image, and what undoing has changed', async () => {
      await page.getByRole('radio', { name: 'Dimensions', exact: true }).click();
      const slider = page.getByRole('slider', { name: /^z\d/ }).first();
      const help = page.locator(`#${(await slider.getAttribute('aria-describedby'))!}`);
      expect(await help.textContent()).toMatch(
        /Moves the live code along this dimension or axis; the face is decoded again/,
      );
      await slider.focus();
      const words = await said();
      await page.keyboard.press('Shift+ArrowRight');
      await expect.poll(() => slider.getAttribute('aria-valuetext')).toMatch(/, 0\.50 above the image$/);
      // The slider says it; nothing says it twice.
      expect(await said()).toBe(words);
      await page.keyboard.press('Backspace');
      await expect.poll(said).toBe('The live code is back at the image.');
      await expect.poll(() => slider.getAttribute('aria-valuetext')).toMatch(/, as the image$/);
    });

    it('says what is drawn in another way', async () => {
      await page.keyboard.press('v');
      await expect
        .poll(said)
        .toMatch(/^The scatter shows two axes: a\d+ [\w ]+, \d+ %; a\d+ [\w ]+, \d+ %\.$/);
      await page.keyboard.press('f');
      await expect.poll(said).toBe('Points are drawn as faces.');
      await page.keyboard.press('f');
      await expect.poll(said).toBe('Points are drawn as dots.');
      await page
        .getByRole('region', { name: /^Legend/ })
        .getByRole('button')
        .first()
        .click();
      await expect.poll(said).toMatch(/^The scatter shows [\d,]+ of 20,000 codes\.$/);
      await page
        .getByRole('region', { name: /^Legend/ })
        .getByRole('button')
        .first()
        .click();
      await page.keyboard.press('v');
      await expect.poll(said).toMatch(/^The scatter shows three axes/);
    });

    it('moves nothing by itself where less motion is asked for', async () => {
      /** Elements that take time to change their look. */
      const moving = (): Promise<string[]> =>
        page.evaluate(() => {
          const { document, getComputedStyle } = globalThis as unknown as {
            document: { querySelectorAll(selector: string): Iterable<PageElement> };
            getComputedStyle: (element: PageElement) => PageStyle;
          };
          const takesTime = (durations: string): boolean =>
            durations.split(',').some((duration) => parseFloat(duration) > 0);
          return [...document.querySelectorAll('body *')]
            .filter((element) => {
              const { transitionDuration, animationDuration } = getComputedStyle(element);
              return takesTime(transitionDuration) || takesTime(animationDuration);
            })
            .map(({ tagName }) => tagName);
        });
      await page.emulateMedia({ reducedMotion: 'no-preference' });
      expect(await moving()).not.toEqual([]);
      await page.emulateMedia({ reducedMotion: 'reduce' });
      expect(await moving()).toEqual([]);
    });

    it.each(THEMES)(
      'has texts of seven to one against their ground where more contrast is asked for (%s)',
      async (theme) => {
        /** Texts with less, as axe-core finds them. */
        const faint = async (): Promise<string[]> => {
          await answered(page);
          await page.evaluate(axe.source);
          const { violations } = await page.evaluate<axe.AxeResults>(
            'axe.run(document, { runOnly: ["color-contrast-enhanced"] })',
          );
          return violations.flatMap(({ nodes }) =>
            nodes.map(({ html, failureSummary = '' }) => `${html} ${failureSummary}`),
          );
        };
        const frame = (): Promise<string> => page.locator('.segmented').first().evaluate(borderColourOf);
        await page.emulateMedia({ colorScheme: theme, contrast: 'no-preference' });
        await expect.poll(frame).toBe(rgb(PALETTES[theme].line2));
        await page.emulateMedia({ colorScheme: theme, contrast: 'more' });
        await expect.poll(frame).toBe(rgb(MORE_CONTRAST[theme].line2!));
        expect(await faint()).toEqual([]);
        await page.emulateMedia({ colorScheme: 'dark', contrast: 'no-preference' });
      },
    );

    it('shows sliders and what is chosen in the system’s own colours', async () => {
      const styles = (selector: string): Promise<PageStyle[]> =>
        page.locator(selector).evaluateAll((elements) =>
          (elements as unknown as PageElement[]).map((element) => {
            const { getComputedStyle } = globalThis as unknown as {
              getComputedStyle: (element: PageElement) => PageStyle;
            };
            const { backgroundColor, outlineStyle, transitionDuration, animationDuration } =
              getComputedStyle(element);
            return { backgroundColor, outlineStyle, transitionDuration, animationDuration };
          }),
        );
      await page.emulateMedia({ forcedColors: 'active' });
      const [[body], lines, radios] = await Promise.all([
        styles('body'),
        styles('[role=slider] .line'),
        styles('[role=radio][aria-checked=true]'),
      ]);
      expect(lines.length).toBeGreaterThan(5);
      for (const { backgroundColor } of lines) expect(backgroundColor).not.toBe(body!.backgroundColor);
      expect(radios.length).toBeGreaterThan(2);
      for (const { outlineStyle } of radios) expect(outlineStyle).toBe('solid');
      // Without colours of their own all of them had the ground's.
      const swatches = await styles('section[aria-label^=Legend] .data-colour');
      expect(new Set(swatches.map(({ backgroundColor }) => backgroundColor)).size).toBe(swatches.length);
      expect(swatches.length).toBeGreaterThan(1);
      await page.emulateMedia({ forcedColors: 'none' });
    });

    it('says nothing on the console', () => expect(complaints).toEqual([]));
  },
);
