import type { FormulaPart } from '../objectives/descriptor.ts';
import { formulaOf } from '../objectives/formula.ts';
import { descriptorOf, modelKinds, type ModelKind } from '../objectives/registry.ts';
import { CODE_TERMS } from './code-terms.ts';
import { EXPLORING_TERMS } from './exploring-terms.ts';
import { LOSS_TERMS } from './loss-terms.ts';
import { MEASURE_TERMS } from './measure-terms.ts';
import { METRIC_TEXTS, type MetricKey } from './metrics.ts';
import { equation } from './notation.ts';
import { OBJECTIVE_SENTENCES } from './objective-terms.ts';
import type { ExplainedKey, GlossaryTerm } from './term.ts';
import { TRAINING_TERMS } from './training-terms.ts';

const WRITTEN = [
  ...CODE_TERMS,
  ...LOSS_TERMS,
  ...TRAINING_TERMS,
  ...EXPLORING_TERMS,
  ...MEASURE_TERMS,
] as const;

/** Names a term: its own, or an objective's or a score's. */
export type TermId = (typeof WRITTEN)[number]['id'] | `objective:${ModelKind}` | `metric:${MetricKey}`;

function objectiveTerm(model: ModelKind): GlossaryTerm[] {
  const sentence = OBJECTIVE_SENTENCES[model] as string | undefined;
  // An objective that a test has registered has none.
  if (sentence === undefined) return [];
  const { title, source } = descriptorOf(model);
  return [
    {
      id: `objective:${model}`,
      title,
      group: 'objectives',
      also: [model, source],
      sentence: `${sentence} (${source})`,
      seen: [{ view: 'train', where: 'New run' }],
      explains: [`objective:${model}`],
    },
  ];
}

function metricTerm(key: MetricKey): GlossaryTerm {
  const text: { title: string; also?: readonly string[]; sentence: string; equation?: string } =
    METRIC_TEXTS[key];
  return {
    ...text,
    id: `metric:${key}`,
    group: 'measures',
    seen: [{ view: 'measure', where: 'Metrics' }],
    explains: [`metric:${key}`],
  };
}

const METRIC_TERMS = (Object.keys(METRIC_TEXTS) as MetricKey[]).map(metricTerm);

/** Every term, in the order in which the glossary shows them within their groups. */
export function glossary(): readonly GlossaryTerm[] {
  return [...WRITTEN, ...METRIC_TERMS, ...modelKinds().flatMap(objectiveTerm)];
}

/** A term by its name. */
export function termOf(id: TermId): GlossaryTerm {
  const found = glossary().find((term) => term.id === id);
  if (!found) throw new Error(`The glossary has no term ${id}.`);
  return found;
}

/** The term that explains an entry of a registry; undefined for an entry that a test has registered. */
export function termFor(key: ExplainedKey): TermId | undefined {
  return glossary().find(({ explains }) => explains?.includes(key))?.id as TermId | undefined;
}

/** A term's equation, an objective's with letters for its weights; undefined for a term without one. */
export function equationOf(term: GlossaryTerm): readonly FormulaPart[] | undefined {
  if (term.equation !== undefined) return equation(term.equation);
  if (term.group !== 'objectives') return undefined;
  return formulaOf({ model: term.id.slice('objective:'.length) as ModelKind });
}

/** Letters without their marks and signs: `β-VAE` is found by `beta vae`, and `μ` by `mu`. */
function plain(text: string): string {
  return text
    .toLowerCase()
    .replace(/β/g, 'beta')
    .replace(/[-–_\s]+/g, ' ')
    .trim();
}

/**
 * The terms that a text finds: first those whose name begins with it, then those with it in a name, then those with it
 * in their sentence. An empty text finds all.
 */
export function searchGlossary(text: string): readonly GlossaryTerm[] {
  const wanted = plain(text);
  const rank = ({ title, also = [], sentence }: GlossaryTerm): number => {
    const names = [title, ...also].map(plain);
    if (names.some((name) => name.startsWith(wanted))) return 0;
    if (names.some((name) => name.includes(wanted))) return 1;
    return plain(sentence).includes(wanted) ? 2 : 3;
  };
  return glossary()
    .map((term) => ({ term, place: rank(term) }))
    .filter(({ place }) => place < 3)
    .sort((a, b) => a.place - b.place)
    .map(({ term }) => term);
}
