import type { Page } from 'playwright-core';
import { glossary } from '../../src/contract/glossary/glossary.ts';

/**
 * Names that are also everyday words, or that stand in a view so often that each view says them once in its glossary
 * entry and not at every place.
 */
const EVERYDAY = new Set([
  'bit',
  'bits',
  'code',
  'dimension',
  'epoch',
  'epochs',
  'error',
  'factor',
  'label',
  'paper',
  'seed',
  'step',
  'variance',
  'baseline',
  'disentangled',
  'decoder',
  'encoder',
  'batch',
  'sampling',
  'architecture',
  'projection',
  'rate',
  'generate',
  'z',
]);

/**
 * Terms of the glossary that the shown view has in its text and explains nowhere.
 *
 * A view explains a term by a tooltip on the term itself or on a control that it names. What is inside of such a
 * control, as the formula beside a model's name, belongs to its explanation.
 */
export async function unexplainedTerms(page: Page): Promise<string[]> {
  const sentences = glossary().map(({ sentence }) => sentence);
  const { text, explained, hints } = await page.evaluate<{
    text: string;
    explained: string[];
    hints: string[];
  }>(`(() => {
    const sentences = new Set(${JSON.stringify(sentences)});
    const view = [...document.querySelectorAll('main')].find((main) => !main.classList.contains('hidden'));
    const attributes = (name) => [...view.querySelectorAll('[' + name + ']')].map((e) => e.getAttribute(name));
    // The text of a drawing is explained at the title of its panel.
    const left = [...view.querySelectorAll('[data-term], svg[role=img], [title]')]
      .filter((e) => !e.title || sentences.has(e.title));
    for (const element of left) element.style.visibility = 'hidden';
    const text = view.innerText;
    for (const element of left) element.style.visibility = '';
    return { text, explained: attributes('data-term'), hints: attributes('title') };
  })()`);
  const letters = (name: string): string => name.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  const isShown = (name: string): boolean =>
    new RegExp(String.raw`(?<![\p{L}\p{N}-])${letters(name)}(?![\p{L}\p{N}-])`, 'u').test(text);
  return glossary()
    .filter(({ id, sentence }) => !explained.includes(id) && !hints.includes(sentence))
    .flatMap(({ id, title, also = [] }) => {
      const shown = [title, ...also].filter((name) => !EVERYDAY.has(name.toLowerCase()) && isShown(name));
      return shown.length > 0 ? [`${id} (${shown.join(', ')})`] : [];
    });
}
