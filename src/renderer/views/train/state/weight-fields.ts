import { symbolText } from '../../../../contract/objectives/formula.ts';
import { suggestionWords, type WeightDescriptor } from '../../../../contract/objectives/descriptor.ts';
import {
  modelKinds,
  weightEntries,
  type ModelKind,
  type Objective,
  type WeightName,
} from '../../../../contract/run.ts';
import { limitedBy, type FieldRule } from './field-rule.ts';

/** A weight of one model, as the form calls it. */
export type WeightField = `${ModelKind}.${WeightName}`;

/** A weight's field: whose it is, how it is called and what may stand in it. */
export interface WeightRule extends FieldRule {
  readonly field: WeightField;
  readonly model: ModelKind;
  readonly weight: WeightName;
  /** Its symbol. */
  readonly label: string;
  /** What it is, in two or three words. */
  readonly aside: string;
  /** Its default, what its value changes, and what was published for certain images. */
  readonly help: string;
  readonly usual: number;
}

const number = new Intl.NumberFormat('en', { maximumFractionDigits: 3 });

/** The field of a model's weight. */
export function weightField(model: ModelKind, weight: WeightName): WeightField {
  return `${model}.${weight}`;
}

/** The default and whose it is: `the paper’s 5`, `10 as published`. */
function defaultWords({
  default: usual,
  defaultText = number.format(usual),
  source,
}: WeightDescriptor): string {
  if (source.origin === 'paper') return `the paper’s ${defaultText}`;
  return `${defaultText} ${source.origin === 'published' ? 'as published' : 'by default'}`;
}

/** What was published for certain images, in a sentence; none for a weight without suggestions. */
function suggested(weight: WeightDescriptor): string[] {
  const words = suggestionWords(weight);
  return words ? [`Published: ${words}`] : [];
}

/** Why a weight that is out of its range cannot be used. */
function weightLimits(weight: WeightDescriptor): Pick<FieldRule, 'limit' | 'refuse'> {
  const { kind, minimum, maximum, source } = weight;
  const name = symbolText(weight);
  const usage = `${source.origin === 'paper' ? 'The paper uses' : 'Usual is'} ${number.format(weight.default)}.`;
  return limitedBy((value) => {
    if (value < minimum) {
      const limit = minimum === 0 ? 'cannot be negative' : `must be at least ${number.format(minimum)}`;
      return `${name} ${limit}.`;
    }
    if (kind === 'count' && !Number.isInteger(value)) return `${name} must be a whole number.`;
    if (value <= maximum) return undefined;
    const limit = kind === 'part' ? 'is a part: at most' : 'must be at most';
    return `${name} ${limit} ${number.format(maximum)}.`;
  }, usage);
}

/** The weights of one model, in the order of the form. */
export function weightRules(model: ModelKind): readonly WeightRule[] {
  return weightEntries(model).map(([name, weight]) => ({
    field: weightField(model, name),
    model,
    weight: name,
    label: weight.symbol,
    aside: weight.aside,
    help: [`${defaultWords(weight)}; ${weight.effect}`, ...suggested(weight)].join('. '),
    step: weight.step ?? 1,
    usual: weight.default,
    isPart: weight.kind === 'part',
    ...weightLimits(weight),
  }));
}

/** Every weight of every model, in the order of the form. */
export function allWeightRules(): readonly WeightRule[] {
  return modelKinds().flatMap(weightRules);
}

/** A model's objective with what stands in the fields; a weight that is not known is left out. */
export function objectiveOf(
  model: ModelKind,
  valueOf: (field: WeightField) => number | undefined,
): Objective {
  const weights = weightRules(model).flatMap(({ field, weight }) => {
    const value = valueOf(field);
    return value === undefined ? [] : [[weight, value] as const];
  });
  return { model, ...Object.fromEntries(weights) };
}
