/** A number that a person may set: what it is, what the paper has, and which values are refused. */
export interface FieldRule {
  readonly label: string;
  readonly step: number;
  /** Why a value cannot be used and what could be, in a sentence; undefined where it can. */
  readonly refuse: (value: number) => string | undefined;
}

/** The fields of the form, by what they set. */
export type FieldName =
  | 'betaOfKl'
  | 'betaOfTc'
  | 'alpha'
  | 'gamma'
  | 'latentDim'
  | 'epochs'
  | 'batchSize'
  | 'learningRate'
  | 'seed'
  | 'heldOutPercent';

/** The paper's values, as they stand in the fields. */
export const PAPERS_FIELDS: Readonly<Record<FieldName, number>> = {
  betaOfKl: 5,
  betaOfTc: 20,
  alpha: 1,
  gamma: 1,
  latentDim: 32,
  epochs: 30,
  batchSize: 128,
  learningRate: 0.0001,
  seed: 1,
  heldOutPercent: 5,
};

const number = new Intl.NumberFormat('en', { maximumFractionDigits: 6 });

function weight(letter: string, name: FieldName): FieldRule {
  const paper = `The paper uses ${PAPERS_FIELDS[name]}.`;
  return {
    label: letter,
    step: name === 'alpha' || name === 'gamma' ? 0.5 : 1,
    refuse: (value) => (value < 0 ? `${letter} cannot be negative. ${paper}` : undefined),
  };
}

function whole(label: string, name: FieldName, least: number, most: number, step = 1): FieldRule {
  const paper = `The paper uses ${number.format(PAPERS_FIELDS[name])}.`;
  return {
    label,
    step,
    refuse: (value) => {
      if (value < least) return `At least ${number.format(least)}. ${paper}`;
      if (value > most) return `At most ${number.format(most)}. ${paper}`;
      return Number.isInteger(value) ? undefined : `Whole numbers only. ${paper}`;
    },
  };
}

/** What each field may hold; the same limits as the contract's. */
export const FIELD_RULES: Readonly<Record<FieldName, FieldRule>> = {
  betaOfKl: weight('β', 'betaOfKl'),
  betaOfTc: weight('β', 'betaOfTc'),
  alpha: weight('α', 'alpha'),
  gamma: weight('γ', 'gamma'),
  latentDim: whole('Latent dimensions', 'latentDim', 1, 512),
  epochs: whole('Epochs', 'epochs', 1, 100_000),
  batchSize: whole('Batch', 'batchSize', 2, 4096, 16),
  learningRate: {
    label: 'Learning rate',
    step: 0.0001,
    refuse: (value) => {
      if (value <= 0) return 'It must be above zero. The paper uses 0.0001.';
      if (value < 1e-9) return 'So small a rate changes nothing. The paper uses 0.0001.';
      return value > 1 ? 'So large a rate diverges at once. The paper uses 0.0001.' : undefined;
    },
  },
  seed: {
    label: 'Seed',
    step: 1,
    refuse: (value) =>
      Number.isSafeInteger(value) && value >= 0 ? undefined : 'A whole number from 0 on, any you like.',
  },
  heldOutPercent: {
    label: 'Held out',
    step: 5,
    refuse: (value) => {
      if (value < 0.1) return 'Without held-out images the numbers would flatter. At least 0.1 %.';
      return value > 50 ? 'At most 50 %: the model learns from the others.' : undefined;
    },
  },
};
