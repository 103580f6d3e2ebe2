import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { glossary } from '../../src/contract/glossary/glossary.ts';
import { TOUR_STEPS } from '../../src/renderer/state/tour-steps.ts';
import { paletteOf } from '../../src/renderer/theme/tokens.ts';
import {
  answered,
  findChromium,
  openWindow,
  screenshots,
  seriousFaults,
  startBrowser,
  THEMES,
} from './browser.ts';
import { facesOf, pixelsOf } from './faces.ts';
import { startServer, type Served } from './served.ts';
import { viewButton } from './steps.ts';
import { unexplainedTerms } from './terms.ts';

describe.skipIf(findChromium() === undefined)('Help, in a real browser', { timeout: 120_000 }, () => {
  let served: Served;
  let browser: Browser;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    served = await startServer();
    browser = await startBrowser();
    ({ page, complaints } = await openWindow(browser, served.url));
    await ready();
  });
  afterAll(async () => {
    await browser.close();
    await served.stop();
  });

  const offer = () => page.getByRole('button', { name: 'Take the tour' });
  const card = () => page.getByRole('dialog', { name: /./ });
  const help = () => page.getByRole('button', { name: 'Help', exact: true });
  const presentation = () => page.getByRole('region', { name: 'Presentation' });

  async function ready(): Promise<void> {
    await page.getByText('20,000 codes').first().waitFor({ timeout: 40_000 });
    await answered(page);
  }

  async function faultsInBothThemes(): Promise<string[]> {
    const faults: string[] = [];
    for (const colorScheme of THEMES) {
      await page.emulateMedia({ colorScheme });
      faults.push(...(await seriousFaults(page)));
    }
    await page.emulateMedia({ colorScheme: 'dark' });
    return faults;
  }

  /** Whether the keyboard is on a button of this name. */
  function focusedName(): Promise<string> {
    return page.evaluate<string>(
      "document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent.trim()",
    );
  }

  async function chooseHelp(item: string): Promise<void> {
    await help().click();
    await page.getByRole('menuitem', { name: item }).click();
  }

  it('offers the tour in the first window without a dialog, and in no later one', async () => {
    await offer().waitFor();
    expect(await page.getByRole('dialog').count()).toBe(0);
    await page.reload();
    await ready();
    expect(await offer().count()).toBe(0);
  });

  it('offers it no more once it was declined', async () => {
    const other = await openWindow(browser, served.url);
    const button = other.page.getByRole('button', { name: 'Take the tour' });
    await button.waitFor({ timeout: 40_000 });
    await other.page.getByRole('button', { name: 'No tour' }).click();
    expect(await button.count()).toBe(0);
    await other.page.context().close();
  });

  it('is walked by the keyboard alone, through five controls that are there, in three views', async () => {
    const other = await openWindow(browser, served.url);
    const mine = page;
    page = other.page;
    try {
      await ready();
      await offer().waitFor();
      for (let pressed = 0; (await focusedName()) !== 'Take the tour' && pressed < 20; pressed++) {
        await page.keyboard.press('Tab');
      }
      await page.keyboard.press('Enter');
      for (const [i, step] of TOUR_STEPS.entries()) {
        await page.getByRole('dialog', { name: step.title }).waitFor();
        await page.getByText(step.text).waitFor();
        const place = `document.querySelector('nav [aria-current]').textContent.trim().toLowerCase()`;
        expect(await page.evaluate(place)).toBe(step.view);
        // The ring is around the control, inside the window.
        await expect
          .poll(() =>
            page.evaluate(`(() => {
              const box = (e) => e.getBoundingClientRect();
              const target = [...document.querySelectorAll('[data-tour="${step.target}"]')]
                .find((e) => getComputedStyle(e).visibility === 'visible' && box(e).width > 0);
              const spot = document.querySelector('.spot');
              if (!target || !spot) return 'missing';
              const [t, s] = [box(target), box(spot)];
              const holds = s.left <= t.left && s.top <= t.top && s.right >= Math.min(t.right, innerWidth - 4) &&
                s.bottom >= Math.min(t.bottom, innerHeight - 4);
              return holds && s.left >= 0 && s.top >= 0 && s.right <= innerWidth && s.bottom <= innerHeight
                ? 'around it' : JSON.stringify([t, s]);
            })()`),
          )
          .toBe('around it');
        const isLast = i === TOUR_STEPS.length - 1;
        expect(await focusedName()).toBe(isLast ? 'Done' : 'Next');
        if (i === 2) {
          // And back, with what it leaves the keyboard on.
          await page.keyboard.press('Shift+Tab');
          expect(await focusedName()).toBe('Back');
          await page.keyboard.press('Enter');
          await page.getByRole('dialog', { name: TOUR_STEPS[1]!.title }).waitFor();
          await page.keyboard.press('Tab');
          expect(await focusedName()).toBe('Next');
          await page.keyboard.press('Enter');
          await page.getByRole('dialog', { name: step.title }).waitFor();
        }
        expect(await faultsInBothThemes()).toEqual([]);
        if (i === 0) await screenshots(page, 'tour');
        await page.keyboard.press('Enter');
      }
      await card().waitFor({ state: 'detached' });
      await expect.poll(focusedName).toBe('Help');
      // It ends where it began.
      await page.getByRole('region', { name: 'Latent codes' }).waitFor();
      expect(other.complaints).toEqual([]);
    } finally {
      page = mine;
      await other.page.context().close();
    }
  });

  it('lets the window be used, and is skipped by Escape wherever the keyboard is', async () => {
    await chooseHelp('Tour of the window');
    await page.getByRole('dialog', { name: TOUR_STEPS[0]!.title }).waitFor();
    const before = await pixelsOf(facesOf(page).live);
    const slider = page.getByRole('region', { name: 'Dimensions' }).getByRole('slider').first();
    await slider.focus();
    await page.keyboard.press('Home');
    await expect.poll(() => pixelsOf(facesOf(page).live)).not.toEqual(before);
    await page.keyboard.press('Escape');
    await card().waitFor({ state: 'detached' });
    await page.locator('.spot').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Back to image' }).click();
  });

  it('says where a step is when a person has gone to another view, and takes them there', async () => {
    await chooseHelp('Tour of the window');
    await page.getByRole('dialog', { name: TOUR_STEPS[0]!.title }).waitFor();
    await viewButton(page, 'Measure').click();
    await page.getByText('It is in the view Explore.').waitFor();
    await page.locator('.spot').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Show Explore' }).click();
    await page.locator('.spot').waitFor();
    await page.getByRole('button', { name: 'Skip' }).click();
    await card().waitFor({ state: 'detached' });
  });

  it('is a menu of four, by the keyboard too', async () => {
    await help().focus();
    await page.keyboard.press('Enter');
    await page.getByRole('menu', { name: 'Help' }).waitFor();
    const items = await page.getByRole('menuitem').allInnerTexts();
    expect(items.map((text) => text.split('\n')[0])).toEqual([
      'Tour of the window',
      'Glossary',
      'Keyboard shortcuts',
      'Presentation',
    ]);
    expect(await faultsInBothThemes()).toEqual([]);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    await page.keyboard.press('Escape');
  });

  it('has a glossary of every term, which is searched as one types and leads to where a term is seen', async () => {
    await chooseHelp('Glossary');
    const sheet = page.getByRole('dialog', { name: 'Glossary' });
    await sheet.waitFor();
    expect(await sheet.getByRole('term').allInnerTexts()).toHaveLength(glossary().length);
    expect(await faultsInBothThemes()).toEqual([]);
    await screenshots(page, 'glossary');
    await page.keyboard.type('total corr');
    await expect
      .poll(async () => (await sheet.getByRole('term').allInnerTexts())[0])
      .toBe('Total correlation');
    await sheet.getByRole('math', { name: 'KL( q(z) ‖ Πⱼ q(zⱼ) )' }).waitFor();
    await sheet.getByRole('button', { name: 'Measure, Parts of the KL' }).first().click();
    await sheet.waitFor({ state: 'detached' });
    await page.getByText('How disentangled is it?').waitFor();
    await page.keyboard.press('3');
  });

  it('explains a term where it stands, to the pointer and to the keyboard, and opens the glossary at it', async () => {
    // The starter begins with its axes, which have no KL.
    await page.getByRole('radio', { name: 'Dimensions', exact: true }).click();
    const term = page.locator('[data-term="kl-per-dimension"] button').first();
    await term.hover();
    await page.getByRole('tooltip').getByText('How far one dimension’s posterior').first().waitFor();
    await page.mouse.move(0, 0);
    await page.getByRole('tooltip').waitFor({ state: 'detached' });
    await page.keyboard.press('Tab');
    await term.focus();
    const tooltip = page.getByRole('tooltip');
    await tooltip.first().waitFor();
    expect(await term.getAttribute('aria-describedby')).toBe(await tooltip.first().getAttribute('id'));
    await page.keyboard.press('Enter');
    const sheet = page.getByRole('dialog', { name: 'Glossary' });
    await sheet.waitFor();
    await expect
      .poll(() =>
        page.evaluate(
          `document.querySelector('[data-entry="kl-per-dimension"]').getBoundingClientRect().top`,
        ),
      )
      .toBeLessThan(320);
    await page.keyboard.press('Escape');
    await sheet.waitFor({ state: 'detached' });
  });

  it('explains every term that Explore and the form of a new run have in their texts', async () => {
    await page.keyboard.press('3');
    await answered(page);
    expect(await unexplainedTerms(page)).toEqual([]);
    await page.keyboard.press('2');
    await page.getByRole('button', { name: 'New run' }).click();
    await page.getByRole('form', { name: 'New run' }).waitFor();
    for (const more of await page.getByRole('button', { name: /^More/ }).all()) await more.click();
    await answered(page);
    expect(await unexplainedTerms(page)).toEqual([]);
    await page.keyboard.press('3');
  });

  it('presents scatter, face and sliders in large type, and nothing else', async () => {
    await page.keyboard.press('p');
    await presentation().waitFor();
    await answered(page);
    expect(await page.getByRole('navigation', { name: 'Views' }).count()).toBe(0);
    expect(await page.getByRole('banner').count()).toBe(0);
    for (const name of ['Faces', 'Dimensions', 'Track']) {
      expect([name, await page.getByRole('region', { name, exact: true }).isVisible()]).toEqual([
        name,
        false,
      ]);
    }
    expect(await page.getByRole('radio', { name: 'Dots' }).isVisible()).toBe(false);
    expect(await page.getByRole('region', { name: 'Latent codes' }).isVisible()).toBe(true);
    const sizes = await page.evaluate<number[]>(
      `[...document.querySelectorAll('.presented .name, .presented figcaption')].map((e) => parseFloat(getComputedStyle(e).fontSize))`,
    );
    expect(sizes.length).toBeGreaterThan(4);
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(18);
    // Whatever the system's theme, it is light and has the strongest contrast; T changes the ground.
    const ink = () =>
      page.evaluate<string>("getComputedStyle(document.documentElement).getPropertyValue('--ink').trim()");
    expect(await ink()).toBe(paletteOf('light', true).ink);
    expect(await seriousFaults(page)).toEqual([]);
    await screenshots(page, 'presentation');
    await page.keyboard.press('t');
    expect(await ink()).toBe(paletteOf('dark', true).ink);
    expect(await seriousFaults(page)).toEqual([]);
    await screenshots(page, 'presentation-dark-ground');
  });

  it('decodes while a slider of the presentation is pulled, and by the keys of Explore', async () => {
    const face = presentation().getByRole('img', { name: 'Decoded from the live code' });
    const before = await pixelsOf(face);
    const slider = presentation().getByRole('slider').first();
    const box = (await slider.boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.1, box.y + box.height / 2, { steps: 8 });
    await page.mouse.up();
    await expect.poll(() => pixelsOf(face)).not.toEqual(before);
    const pulled = await pixelsOf(face);
    await page.keyboard.press('0');
    await expect.poll(() => pixelsOf(face)).not.toEqual(pulled);
    await expect.poll(() => pixelsOf(face)).toEqual(before);
  });

  it('ends by Escape, as the window was before, and is not there after a reload', async () => {
    await page.keyboard.press('Escape');
    await presentation().waitFor({ state: 'detached' });
    await expect.poll(() => page.evaluate('document.fullscreenElement === null')).toBe(true);
    await page.getByRole('region', { name: 'Dimensions', exact: true }).waitFor();
    expect(
      await page.evaluate<string>(
        "getComputedStyle(document.documentElement).getPropertyValue('--ink').trim()",
      ),
    ).toBe(paletteOf('dark', false).ink);
    await page.keyboard.press('p');
    await presentation().waitFor();
    await page.reload();
    await ready();
    expect(await presentation().count()).toBe(0);
    await page.getByRole('navigation', { name: 'Views' }).waitFor();
  });

  it('is begun from Help in any view, fills the screen, and ends with the screen or with another view', async () => {
    await page.keyboard.press('1');
    await chooseHelp('Presentation');
    await presentation().waitFor();
    await expect.poll(() => page.evaluate('document.fullscreenElement !== null')).toBe(true);
    await page.evaluate('document.exitFullscreen()');
    await presentation().waitFor({ state: 'detached' });
    await page.keyboard.press('p');
    await presentation().waitFor();
    await page.keyboard.press('5');
    await page.getByRole('navigation', { name: 'Views' }).waitFor();
    await page.keyboard.press('3');
    await answered(page);
    expect(await presentation().count()).toBe(0);
  });

  it('says nothing on the console', () => expect(complaints).toEqual([]));
});
