import * as v from 'valibot';
import type { OwnArchitecture, OwnLayer } from './architecture.ts';
import { DECODER_TITLES } from './decoder.ts';
import { deviationWords } from './deviation.ts';
import { defaultWeights, MOST_EPOCHS, type ModelKind, type Objective, type TrainingConfig } from './run.ts';
import { trainingLength, type SplitFacts } from './training-length.ts';

export const PresetNameSchema = v.picklist([
  'dsprites-locatello',
  'dsprites-chen',
  'shapes3d-locatello',
  'celeba-burgess',
  'celeba-schik-program',
]);
export type PresetName = v.InferOutput<typeof PresetNameSchema>;

/** Settings that were published with results. */
export interface Preset {
  readonly title: string;
  /** Where the settings are published. */
  readonly source: string;
  /** What images they are for. */
  readonly data: string;
  /** Number of training steps. */
  readonly steps: number;
  /** The models with their weights, the one to begin with first. */
  readonly objectives: readonly Objective[];
  readonly config: Pick<
    TrainingConfig,
    'architecture' | 'latentDim' | 'batchSize' | 'learningRate' | 'decoder' | 'deviation'
  >;
}

const conv = (filters: number, kernel: number): OwnLayer => ({
  ...{ kind: 'conv', filters, kernel, stride: 2, padding: 'same', batchNorm: false, activation: 'relu' },
});
const up = (filters: number | 'channels', activation: 'relu' | 'linear' = 'relu'): OwnLayer => ({
  ...{ kind: 'conv-transpose', filters, kernel: 4, stride: 2, padding: 'same', batchNorm: false, activation },
});
const dense = (units: number, activation: 'relu' | 'tanh' | 'linear'): OwnLayer => ({
  kind: 'dense',
  units,
  activation,
});

/**
 * The convolutional network of Locatello et al. 2019, table 1, after Higgins et al. 2017. Its third and fourth kernels
 * are 2×2.
 */
const LOCATELLO: OwnArchitecture = {
  name: 'Locatello et al. 2019',
  encoder: [conv(32, 4), conv(32, 4), conv(64, 2), conv(64, 2), dense(256, 'relu')],
  decoder: [
    dense(256, 'relu'),
    dense(1024, 'relu'),
    { kind: 'reshape', to: [4, 4, 64] },
    ...[up(64), up(32), up(32), up('channels', 'linear')],
  ],
};

/** The fully connected network of Higgins et al. 2017 and of Chen et al. 2018 for dSprites, of one channel. */
const DENSE: OwnArchitecture = {
  name: 'Chen et al. 2018',
  encoder: [dense(1200, 'relu'), dense(1200, 'relu')],
  decoder: [
    ...[dense(1200, 'tanh'), dense(1200, 'tanh'), dense(1200, 'tanh'), dense(4096, 'linear')],
    { kind: 'reshape', to: [64, 64, 1] },
  ],
};

function objective(model: ModelKind, weights: Partial<Objective> = {}): Objective {
  return { ...defaultWeights(model), ...weights, model };
}

/** The models of the study of Locatello et al. 2019, each with a weight in the middle of those that were tried. */
const LOCATELLO_OBJECTIVES: readonly Objective[] = [
  objective('beta-tcvae', { beta: 6 }),
  objective('vae'),
  objective('beta-vae', { beta: 4 }),
  objective('factor-vae', { gamma: 40 }),
  objective('dip-vae-i', { lambda: 10, lambdaDiagonal: 100 }),
  objective('dip-vae-ii', { lambda: 10, lambdaDiagonal: 10 }),
  objective('annealed-vae', { capacity: 25, gamma: 1000, warmUp: 1 / 3 }),
];

const LOCATELLO_CONFIG = {
  architecture: LOCATELLO,
  latentDim: 10,
  batchSize: 64,
  learningRate: 1e-4,
  decoder: { kind: 'bernoulli' },
} as const;

const LOCATELLO_SOURCE =
  'Locatello et al. 2019, appendix C, and disentanglement_lib, study v1: β 1 to 16 (β-VAE), 1 to 10 (β-TCVAE), γ 10 to 100 (FactorVAE)';

const PRESETS: Readonly<Record<PresetName, Preset>> = {
  'dsprites-locatello': {
    title: 'dSprites, Locatello et al. 2019',
    source: LOCATELLO_SOURCE,
    data: 'dSprites or the sprites that Unravel draws',
    steps: 300_000,
    objectives: LOCATELLO_OBJECTIVES,
    config: LOCATELLO_CONFIG,
  },
  'dsprites-chen': {
    title: 'dSprites, Chen et al. 2018',
    source: 'Chen et al. 2018, and their code: batches of 2,048, 50 epochs of 737,280 images, β = 6',
    data: 'dSprites or the sprites that Unravel draws',
    steps: 18_000,
    objectives: [objective('beta-tcvae', { beta: 6 }), objective('beta-vae', { beta: 6 }), objective('vae')],
    config: {
      architecture: DENSE,
      latentDim: 10,
      batchSize: 2048,
      learningRate: 1e-3,
      decoder: { kind: 'bernoulli' },
    },
  },
  'shapes3d-locatello': {
    title: 'Shapes3D, Locatello et al. 2019',
    source: LOCATELLO_SOURCE,
    data: '3dshapes, or other drawn images with few factors',
    steps: 300_000,
    objectives: LOCATELLO_OBJECTIVES,
    config: LOCATELLO_CONFIG,
  },
  'celeba-burgess': {
    title: 'CelebA, Burgess et al. 2018',
    source:
      'Burgess et al. 2018, and disentangling-vae for what it leaves out: C up to 50 nats over 100,000 steps, 200 epochs of CelebA; FactorVAE with γ = 6.4 (Kim & Mnih 2018)',
    data: 'CelebA or other photographs',
    steps: 633_000,
    objectives: [
      objective('annealed-vae', { capacity: 50, gamma: 1000, warmUp: 100_000 / 633_000 }),
      objective('beta-vae', { beta: 10 }),
      objective('factor-vae', { gamma: 6.4 }),
      objective('beta-tcvae', { beta: 6.4 }),
    ],
    config: {
      architecture: 'burgess',
      latentDim: 10,
      batchSize: 64,
      learningRate: 5e-4,
      decoder: { kind: 'bernoulli' },
    },
  },
  'celeba-schik-program': {
    title: 'CelebA, the paper’s program',
    source:
      'models.py, train_model.py and train_models.sh of taDachs/Overview-of-Variational-Autoencoder-based-Generative-Models: 30 epochs of 202,599 images; the script never passes β, so that β-VAE and β-TCVAE are trained with β = 1, as a VAE',
    data: 'CelebA',
    steps: 47_490,
    objectives: [
      objective('vae'),
      objective('beta-vae', { beta: 1 }),
      objective('beta-tcvae', { beta: 1 }),
      objective('ae'),
    ],
    config: {
      architecture: 'paper',
      latentDim: 32,
      batchSize: 128,
      learningRate: 1e-4,
      // The program gives a softplus 0.01 as the decoder's standard deviation: ln(1 + exp(0.01))² = 0.4874.
      decoder: { kind: 'gaussian', variance: 0.4874 },
      deviation: 'softplus',
    },
  },
};

/** A preset's settings and their source. */
export function describePreset(name: PresetName): Preset {
  return PRESETS[name];
}

/** What a preset is, in a sentence: `For photographs: 633,000 steps of 64 images, 10 dimensions, Bernoulli decoder.` */
export function presetSentence(name: PresetName): string {
  const { data, steps, config } = PRESETS[name];
  const { batchSize, latentDim, decoder } = config;
  const deviation = deviationWords(config.deviation);
  const details = [
    `${latentDim} dimensions`,
    ...(decoder
      ? [
          `${DECODER_TITLES[decoder.kind]} decoder${decoder.variance === undefined ? '' : ` of variance ${decoder.variance}`}`,
        ]
      : []),
    ...(deviation === undefined ? [] : [deviation]),
  ];
  const [many, batch] = [steps, batchSize].map((number) => number.toLocaleString('en'));
  return `For ${data}: ${many!} steps of ${batch!} images, ${details.join(', ')}.`;
}

/**
 * The settings of a preset for some images, with the epochs that make its number of steps, or the next after it; of very few
 * images the most epochs that a training may have.
 */
export function presetConfig(
  name: PresetName,
  images: SplitFacts,
  rest: Omit<TrainingConfig, keyof Preset['config'] | 'objective' | 'epochs'>,
): Omit<TrainingConfig, 'objective'> {
  const { steps, config } = PRESETS[name];
  const once = { ...rest, ...config, epochs: 1 };
  const { stepsPerEpoch } = trainingLength(images, once);
  return { ...once, epochs: Math.min(MOST_EPOCHS, Math.max(1, Math.ceil(steps / stepsPerEpoch))) };
}
