import type { Coefficient, FormulaPart, FormulaTerm, WeightDescriptor } from './descriptor.ts';
import { below, upright, variable } from './notation.ts';
import { descriptorOf, type ModelKind, type WeightName } from './registry.ts';

/** An objective whose weights may be missing. The formula shows the symbol of a missing weight. */
export type FormulaObjective = { readonly model: ModelKind } & {
  readonly [weight in WeightName]?: number | undefined;
};

/** A weight with at most four digits: a third is 0.3333. */
export function weightText(weight: number): string {
  return String(Number(weight.toPrecision(4))).replace('-', '−');
}

/** A weight's symbol in plain text: `β`, `λ_od`. */
export function symbolText({ symbol, subscript }: Pick<WeightDescriptor, 'symbol' | 'subscript'>): string {
  return subscript === undefined ? symbol : `${symbol}_${subscript}`;
}

/** The value of a term's coefficient; undefined if a weight that it needs is missing. */
export function coefficientValue(
  coefficient: Coefficient<WeightName> | undefined,
  objective: Omit<FormulaObjective, 'model'>,
): number | undefined {
  if (coefficient === undefined) return 1;
  if (typeof coefficient === 'string') return objective[coefficient];
  const { constant, plus = [], minus = [] } = coefficient;
  let sum = constant;
  for (const [names, sign] of [
    [plus, 1],
    [minus, -1],
  ] as const) {
    for (const name of names) {
      const value = objective[name];
      if (value === undefined) return undefined;
      sum += sign * value;
    }
  }
  return sum;
}

function symbolOf(model: ModelKind, name: WeightName): FormulaPart[] {
  const { symbol, subscript } = descriptorOf(model).weights[name]!;
  return [variable(symbol), ...(subscript === undefined ? [] : [below(subscript)])];
}

/** A coefficient as symbols: `β`, `(1 − α)`. */
function symbolic(model: ModelKind, coefficient: Coefficient<WeightName>): FormulaPart[] {
  if (typeof coefficient === 'string') return symbolOf(model, coefficient);
  const { constant, plus = [], minus = [] } = coefficient;
  const summands: { readonly sign: '+' | '−'; readonly parts: readonly FormulaPart[] }[] = [
    ...plus.map((name) => ({ sign: '+' as const, parts: symbolOf(model, name) })),
    ...minus.map((name) => ({ sign: '−' as const, parts: symbolOf(model, name) })),
  ];
  const number = {
    sign: constant < 0 ? ('−' as const) : ('+' as const),
    parts: [upright(weightText(Math.abs(constant)))],
  };
  // A sum begins with a positive summand: 1 − α, but α + λ − 1.
  const ordered = constant > 0 ? [number, ...summands] : constant < 0 ? [...summands, number] : summands;
  return [
    upright('('),
    ...ordered.flatMap(({ sign, parts }, i) =>
      i === 0 && sign === '+' ? parts : [upright(i === 0 ? sign : ` ${sign} `), ...parts],
    ),
    upright(')'),
  ];
}

/** One term with its coefficient. A coefficient of 1 is not written, and a term of weight zero is left out. */
function termParts(
  objective: FormulaObjective,
  { coefficient, notation }: FormulaTerm<WeightName>,
): FormulaPart[] {
  const { model } = objective;
  const value = coefficientValue(coefficient, objective);
  if (value === 0) return [];
  const parts = notation.flatMap((part): FormulaPart[] => {
    if (!('weight' in part)) return [part];
    const number = objective[part.weight];
    const written = number === undefined ? symbolOf(model, part.weight) : [upright(weightText(number))];
    return part.style ? [{ text: partsText(written), style: part.style }] : written;
  });
  if (value === 1) return parts;
  const factor = value === undefined ? symbolic(model, coefficient!) : [upright(weightText(value))];
  return [...factor, upright('·'), ...parts];
}

/** The formula that a model minimises, with its weights as numbers. A missing weight is shown by its symbol. */
export function formulaOf(objective: FormulaObjective): readonly FormulaPart[] {
  const terms = descriptorOf(objective.model)
    .formula.map((term) => termParts(objective, term))
    .filter((parts) => parts.length > 0);
  return terms.flatMap((parts, i) => (i === 0 ? parts : [upright(' + '), ...parts]));
}

const ABOVE: Readonly<Record<string, string>> = { '2': '²' };
const BELOW: Readonly<Record<string, string>> = { j: 'ⱼ', 'i≠j': 'ᵢ≠ⱼ' };

/** Parts of a formula as one line of plain text. */
export function partsText(parts: readonly FormulaPart[]): string {
  return parts
    .map(({ text, style }) => {
      if (style === 'above') return ABOVE[text] ?? `^${text}`;
      return style === 'below' ? (BELOW[text] ?? `_${text}`) : text;
    })
    .join('');
}

/** The formula as one line of plain text, also for screen readers. */
export function formulaText(objective: FormulaObjective): string {
  return partsText(formulaOf(objective));
}
