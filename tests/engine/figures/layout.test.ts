import { describe, expect, it } from 'vitest';
import { PAPER } from '../../../src/engine/figures/colours.ts';
import { textWidth } from '../../../src/engine/figures/fonts.ts';
import { exploreLayout } from '../../../src/engine/figures/explore-figure.ts';
import {
  composeFigure,
  CONTENT_WIDTH_PT,
  counted,
  fitText,
  LABELS,
  signedOffset,
} from '../../../src/engine/figures/layout.ts';
import { modelLabels } from '../../../src/engine/figures/model-labels.ts';
import { layoutParagraph, type Span } from '../../../src/engine/figures/paragraph.ts';
import { sampleColumns } from '../../../src/engine/figures/samples-figure.ts';
import { traversalLayout } from '../../../src/engine/figures/traversals-figure.ts';
import { defaultConfig } from '../../../src/engine/training/config.ts';
import { makeObjective } from '../../../src/engine/losses/objectives.ts';
import type { ModelKind } from '../../../src/contract/run.ts';

const style = { family: 'serif', sizePt: 9, leadingPt: 12, colour: PAPER.ink } as const;

function textsOf(spans: readonly Span[], width: number): { text: string; x: number; baseline: number }[] {
  return layoutParagraph(spans, width, style).marks.flatMap((mark) => (mark.kind === 'text' ? [mark] : []));
}

describe('a paragraph', () => {
  it('breaks lines at spaces, none wider than it may be, and loses no word', () => {
    const words = 'One dimension of each model is moved from end to end about the codes of the same images.';
    const { marks, height } = layoutParagraph([words], 120, style);
    const texts = marks.flatMap((mark) => (mark.kind === 'text' ? [mark] : []));
    for (const mark of texts) {
      expect(textWidth(mark.text, mark.style)).toBeLessThanOrEqual(120);
      expect(mark.text).toBe(mark.text.trim());
    }
    expect(texts.map(({ text }) => text).join(' ')).toBe(words);
    expect(texts.length).toBeGreaterThan(2);
    expect(height).toBe(texts.length * 12);
  });

  it('sets pieces of other styles one behind the other, and never parts what no space parts', () => {
    const spans: Span[] = [
      'the prior ',
      { text: 'N', italic: true },
      '(0, ',
      { text: 'I', italic: true },
      ').',
    ];
    const line = textsOf(spans, 500);
    expect(line.map(({ text }) => text.trimEnd())).toEqual(['the prior', 'N', '(0,', 'I', ').']);
    expect(line.map(({ x }) => x)).toEqual([...line.map(({ x }) => x)].sort((a, b) => a - b));
    const narrow = textsOf(spans, 52);
    const lineOf = (text: string): number => narrow.find((mark) => mark.text.trimEnd() === text)!.baseline;
    expect(lineOf('N')).toBe(lineOf('(0,'));
    expect(lineOf('I')).toBe(lineOf(').'));
  });
});

describe('a text that is too long', () => {
  it('is cut short with an ellipsis that still fits', () => {
    const cut = fitText('Wearing Necktie and Hat', 50, LABELS.small);
    expect(cut).toMatch(/^Wearing.*…$/);
    expect(textWidth(cut, LABELS.small)).toBeLessThanOrEqual(50);
    expect(fitText('Bald', 50, LABELS.small)).toBe('Bald');
    const ended = fitText('Background Brightness', 70, LABELS.small, ', 0.49 bits');
    expect(ended).toMatch(/^Backg.*…, 0\.49 bits$/);
    expect(textWidth(ended, LABELS.small)).toBeLessThanOrEqual(70);
  });
});

describe('sizes', () => {
  it.each([1, 2, 3, 4, 5, 6])('fit the width of a page with %i models', (models) => {
    const columns = sampleColumns(models);
    expect(models * (columns * 37.5 - 1.5) + (models - 1) * 12).toBeLessThanOrEqual(CONTENT_WIDTH_PT);
    const { tilePt, steps } = traversalLayout(models);
    expect(models * steps * tilePt + (models - 1) * 10).toBeLessThanOrEqual(CONTENT_WIDTH_PT);
    expect(steps % 2).toBe(1);
    expect(steps).toBeGreaterThanOrEqual(3);
  });

  it.each([5, 10, 32, 64, 512])('fit the width of a page with %i dimensions', (dimensions) => {
    const { columns, steps, tilePt, gutterPt } = exploreLayout(dimensions);
    expect(columns * (gutterPt + steps * tilePt) + (columns - 1) * 14).toBeLessThanOrEqual(CONTENT_WIDTH_PT);
  });

  it('of a figure hold its caption', () => {
    const content = { marks: [], width: 100, height: 50 };
    const plain = composeFigure(content, { number: 1, title: '', caption: undefined });
    const captioned = composeFigure(content, { number: 1, title: '', caption: ['Some words.'] });
    expect([plain.width, plain.height]).toEqual([112, 62]);
    expect(captioned.height).toBeGreaterThan(plain.height);
    expect(captioned.marks[0]).toMatchObject({ text: 'Figure 1.' });
  });
});

describe('words', () => {
  it('write offsets with their signs and small numbers out', () => {
    expect([-3, 0, 2.5, -0.001].map(signedOffset)).toEqual(['−3', '0', '+2.5', '0']);
    expect([counted(1, 'image'), counted(12, 'image'), counted(24, 'image')]).toEqual([
      'one image',
      'twelve images',
      '24 images',
    ]);
  });
});

describe('the labels of models', () => {
  const run = (model: ModelKind, more: { beta?: number; seed?: number; name?: string } = {}) => ({
    id: `${model}-${more.beta ?? ''}-${more.seed ?? ''}${more.name ?? ''}`,
    name: more.name ?? 'run',
    config: {
      ...defaultConfig(makeObjective(model, more.beta === undefined ? {} : { beta: more.beta })),
      seed: more.seed ?? 1,
    },
  });

  it('name the weight that the model is known by', () => {
    const runs = [run('ae'), run('vae'), run('beta-vae'), run('beta-tcvae'), run('factor-vae')];
    expect(modelLabels(runs)).toEqual([
      { name: 'AE', note: '' },
      { name: 'VAE', note: '' },
      { name: 'β-VAE', note: 'β = 5' },
      { name: 'β-TCVAE', note: 'β = 20' },
      { name: 'FactorVAE', note: 'γ = 6.4' },
    ]);
  });

  it('tell equals apart by their seeds, else by their names', () => {
    expect(modelLabels([run('vae', { seed: 1 }), run('vae', { seed: 2 })]).map(({ note }) => note)).toEqual([
      'seed 1',
      'seed 2',
    ]);
    const named = [run('beta-vae', { name: 'short' }), run('beta-vae', { name: 'long' })];
    expect(modelLabels(named).map(({ note }) => note)).toEqual(['β = 5, short', 'β = 5, long']);
  });
});
