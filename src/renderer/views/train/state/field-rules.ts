import { MOST_EPOCHS, PAPERS_SETTINGS } from '../../../../contract/run.ts';
import { limitedBy, type FieldRule } from './field-rule.ts';
import { allWeightRules, type WeightField } from './weight-fields.ts';

/** The numbers that every training has. */
export const SETTING_FIELDS = [
  'latentDim',
  'epochs',
  'batchSize',
  'learningRate',
  'seed',
  'heldOutPercent',
] as const;
export type SettingField = (typeof SETTING_FIELDS)[number];

/** The numbers that a training may add to Adam; 0 stands for none. */
export const OPTIMISER_FIELDS = ['warmUpSteps', 'clipNorm', 'weightDecay', 'averageDecay'] as const;
export type OptimiserField = (typeof OPTIMISER_FIELDS)[number];

/** The fields of the form, by what they set. */
export type FieldName = SettingField | OptimiserField | 'variance' | WeightField;

const { latentDim, epochs, batchSize, learningRate, seed, heldOutFraction } = PAPERS_SETTINGS;

/** The paper's values of everything but the weights, as they stand in the fields. */
export const USUAL_SETTINGS: Readonly<Record<SettingField | OptimiserField | 'variance', number>> = {
  ...{ latentDim, epochs, batchSize, learningRate, seed },
  heldOutPercent: heldOutFraction * 100,
  variance: 0.5,
  ...{ warmUpSteps: 0, clipNorm: 0, weightDecay: 0, averageDecay: 0 },
};

/** The default of every field. */
export function usualFields(): Readonly<Record<FieldName, number>> {
  const weights = Object.fromEntries(allWeightRules().map(({ field, usual }) => [field, usual]));
  return { ...(weights as Record<WeightField, number>), ...USUAL_SETTINGS };
}

const number = new Intl.NumberFormat('en', { maximumFractionDigits: 6 });

function papers(name: keyof typeof USUAL_SETTINGS): string {
  return `The paper uses ${number.format(USUAL_SETTINGS[name])}.`;
}

function whole(label: string, name: SettingField, least: number, most: number, step = 1): FieldRule {
  return {
    label,
    step,
    ...limitedBy((value) => {
      if (value < least) return `At least ${number.format(least)}.`;
      if (value > most) return `At most ${number.format(most)}.`;
      return Number.isInteger(value) ? undefined : 'Whole numbers only.';
    }, papers(name)),
  };
}

/** The rule of a number that is 0 where it does nothing, and otherwise between limits. */
function orNone(label: string, step: number, least: number, most: number): FieldRule {
  return {
    label,
    step,
    ...limitedBy((value) => {
      if (value === 0 || (value >= least && value <= most)) return undefined;
      return `From ${number.format(least)} to ${number.format(most)}, or 0 for none.`;
    }),
  };
}

const warmUp = orNone('Warm-up steps', 100, 1, 10_000_000);

const settings: Readonly<Record<SettingField | OptimiserField | 'variance', FieldRule>> = {
  latentDim: whole('Latent dimensions', 'latentDim', 1, 512),
  epochs: whole('Epochs', 'epochs', 1, MOST_EPOCHS),
  batchSize: whole('Batch', 'batchSize', 2, 4096, 16),
  learningRate: {
    label: 'Learning rate',
    step: 0.0001,
    ...limitedBy((value) => {
      if (value <= 0) return 'It must be above zero.';
      if (value < 1e-9) return 'A rate this small has no effect.';
      return value > 1 ? 'Training diverges at a rate this large.' : undefined;
    }, papers('learningRate')),
  },
  seed: {
    label: 'Seed',
    step: 1,
    ...limitedBy((value) =>
      Number.isSafeInteger(value) && value >= 0 ? undefined : 'Type any whole number from 0 up.',
    ),
  },
  heldOutPercent: {
    label: 'Held out',
    step: 5,
    ...limitedBy((value) => {
      if (value < 0.1)
        return 'At least 0.1 %: measured on its training images only, a model looks better than it is.';
      return value > 50 ? 'At most 50 %: the model is trained on the rest.' : undefined;
    }),
  },
  warmUpSteps: {
    ...warmUp,
    ...limitedBy((value) =>
      Number.isInteger(value) ? warmUp.limit(value) : 'Whole numbers only, or 0 for none.',
    ),
  },
  clipNorm: orNone('Clipping', 0.5, 0.000_001, 1_000_000_000),
  weightDecay: orNone('Weight decay', 0.01, 0.000_001, 1),
  averageDecay: orNone('Averaging', 0.001, 0.5, 0.999_999),
  variance: {
    label: 'Variance',
    step: 0.1,
    ...limitedBy((value) => {
      if (value < 1e-6) return 'It must be above zero.';
      return value > 1e6 ? 'At most 1,000,000.' : undefined;
    }, papers('variance')),
  },
};

/** What each field may hold; the same limits as the contract's. */
export function fieldRules(): Readonly<Record<FieldName, FieldRule>> {
  const weights = Object.fromEntries(allWeightRules().map((rule) => [rule.field, rule]));
  return { ...settings, ...(weights as unknown as Record<WeightField, FieldRule>) };
}

/** What one field may hold. */
export function fieldRule(field: FieldName): FieldRule {
  return fieldRules()[field];
}
