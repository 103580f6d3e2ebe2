import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ArchitectureNameSchema } from '../../../src/contract/architecture.ts';
import { DecoderKindSchema } from '../../../src/contract/decoder.ts';
import {
  equationOf,
  glossary,
  searchGlossary,
  termFor,
  termOf,
} from '../../../src/contract/glossary/glossary.ts';
import { METRIC_TEXTS } from '../../../src/contract/glossary/metrics.ts';
import { TERM_GROUPS, type ExplainedKey, type SeenIn } from '../../../src/contract/glossary/term.ts';
import { partsText } from '../../../src/contract/objectives/formula.ts';
import { objectiveDescriptors, weightNames } from '../../../src/contract/objectives/registry.ts';
import { VIEWS } from '../../../src/contract/views.ts';
import { METRICS } from '../../../src/engine/metrics/registry.ts';
import { METRIC_CHOICES } from '../../../src/renderer/views/measure/state/metric-choices.ts';
import { OPTIMISER_FIELDS, SETTING_FIELDS } from '../../../src/renderer/views/train/state/field-rules.ts';
import { registerToy } from '../../fixtures/toy-objective.ts';

/** Every entry of every registry that the window shows. */
function registered(): ExplainedKey[] {
  const descriptors = objectiveDescriptors();
  return [
    ...descriptors.map(({ model }) => `objective:${model}` as const),
    ...weightNames().map((name) => `weight:${name}` as const),
    ...descriptors.flatMap(({ formula, klTerms }) =>
      [...formula.map(({ name }) => name), ...klTerms].map((name) => `loss:${name}` as const),
    ),
    ...METRICS.flatMap(({ scores }) => scores.map(({ key }) => `metric:${key}` as const)),
    ...METRIC_CHOICES.flatMap(({ keys }) => keys.map((key) => `metric:${key}` as const)),
    ...DecoderKindSchema.options.map((kind) => `decoder:${kind}` as const),
    ...ArchitectureNameSchema.options.map((name) => `architecture:${name}` as const),
    ...SETTING_FIELDS.map((field) => `setting:${field}` as const),
    ...OPTIMISER_FIELDS.map((field) => `setting:${field}` as const),
    'setting:variance',
    'setting:schedule',
  ];
}

describe('the glossary', () => {
  it('has a term for every objective, weight, term of a loss, metric, decoder, architecture and setting', () => {
    const keys = registered();
    expect(keys.length).toBeGreaterThan(50);
    expect(keys.filter((key) => termFor(key) === undefined)).toEqual([]);
  });

  it('lacks what is registered without a term, which the test before would find', () => {
    const remove = registerToy();
    try {
      expect([...new Set(registered().filter((key) => termFor(key) === undefined))]).toEqual([
        'objective:toy-vae',
        'weight:meanPull',
        'loss:meanSquare',
      ]);
    } finally {
      remove();
    }
  });

  it('explains nothing that is not registered, and nothing twice', () => {
    const known = new Set<string>([...registered(), 'setting:condition', 'setting:sampling']);
    const explained = glossary().flatMap(({ explains = [] }) => explains);
    expect(explained.filter((key) => !known.has(key))).toEqual([]);
    expect(new Set(explained).size).toBe(explained.length);
  });

  it('gives metrics the words that the engine has', () => {
    for (const { key, title, sentence } of METRICS.flatMap(({ scores }) => scores)) {
      expect({ title, sentence }).toMatchObject({ title: METRIC_TEXTS[key as 'mig'].title });
      expect(termOf(termFor(`metric:${key}`)!).sentence).toBe(sentence);
    }
  });

  it('has the terms that the field speaks in', () => {
    const wanted = [
      'latent',
      'posterior',
      'mu',
      'log variance',
      'reconstruction',
      'prior',
      'KL',
      'β',
      'beta',
      'total correlation',
      'TC',
      'mutual information',
      'dimension-wise KL',
      'ELBO',
      'held-out error',
      'traversal',
      'interpolation',
      'active dimension',
      'collapse',
      'MIG',
      'SAP',
      'DCI',
      'FactorVAE metric',
      'warm-up',
      'capacity',
      'AE',
      'VAE',
      'β-VAE',
      'beta-tcvae',
    ];
    for (const text of wanted) {
      const [first] = searchGlossary(text);
      const names = [first?.title, ...(first?.also ?? [])].map((name) => name?.toLowerCase());
      expect([text, names.some((name) => name?.startsWith(text.toLowerCase()))]).toEqual([text, true]);
    }
  });

  it('has each term once, in a group, with a whole sentence and a place where it is seen', () => {
    const terms = glossary();
    const ids = terms.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const titles = terms.map(({ title }) => title);
    expect(new Set(titles).size).toBe(titles.length);
    const groups = TERM_GROUPS.map(({ id }) => id);
    for (const { id, group, sentence, seen } of terms) {
      expect(groups).toContain(group);
      expect([id, /^[A-ZΑ-Ω].*[.)]$/su.test(sentence)]).toEqual([id, true]);
      expect([id, seen.length > 0]).toEqual([id, true]);
    }
    for (const group of groups) expect(terms.some((term) => term.group === group)).toBe(true);
  });

  it('names places that the views have', () => {
    const views = join(import.meta.dirname, '../../../src/renderer/views');
    const sourceOf = (view: string): string =>
      readdirSync(join(views, view), { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.svelte'))
        .map((file) => readFileSync(join(views, view, file), 'utf8'))
        .join('');
    const sources = Object.fromEntries(VIEWS.map(({ id }) => [id, sourceOf(id)]));
    const places = glossary().flatMap(({ id, seen }) => seen.map(({ view, where }) => ({ id, view, where })));
    const isThere = ({ view, where }: SeenIn): boolean =>
      sources[view]!.includes(`"${where}"`) || sources[view]!.includes(`>${where}<`);
    expect(places.filter((place) => !isThere(place))).toEqual([]);
  });

  it('gives an objective the formula of its descriptor, with letters for the weights', () => {
    const equation = equationOf(termOf('objective:beta-vae'))!;
    expect(partsText(equation)).toBe('‖x − g(z)‖² + β·KL( q(z|x) ‖ p(z) )');
  });

  it('is searched by names first, whatever signs and letters are typed for them', () => {
    expect(searchGlossary('beta vae')[0]!.title).toBe('β-VAE');
    expect(searchGlossary('Total-Correlation')[0]!.id).toBe('total-correlation');
    expect(searchGlossary('')).toHaveLength(glossary().length);
    expect(searchGlossary('nothing like this')).toEqual([]);
    const inSentences = searchGlossary('hair colour');
    expect(inSentences.map(({ id }) => id)).toEqual(['factor']);
  });
});
