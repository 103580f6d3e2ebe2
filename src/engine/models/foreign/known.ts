import type { MappedLayer, Mapping } from './mapping.ts';

/** The shapes of a file's weights, by name, in the order of the file. */
export type Shapes = ReadonlyMap<string, readonly number[]>;

/** A model whose architecture was recognised by the names and shapes of its weights. */
export interface Recognised {
  readonly mapping: Mapping;
  /** True for the layers of Burgess et al., which Unravel has too. */
  readonly isBurgess: boolean;
  /** True where the weights do not tell the range of the images, which is then measured. */
  readonly isRangeUnknown: boolean;
}

/** An architecture, and how it is recognised. */
interface KnownArchitecture {
  /** Where it comes from, for messages. */
  readonly title: string;
  /** Names that all models of this architecture have, and hardly another. */
  readonly marks: readonly string[];
  /** The model; undefined if the shapes are those of another one. */
  readonly recognise: (shapes: Shapes) => Recognised | undefined;
}

const RELU = { layer: 'relu' } as const;

function conv(weights: string, stride = 2, padding = 1): MappedLayer {
  return { layer: 'conv', weights, stride, padding };
}

function convTranspose(weights: string, stride = 2, padding = 1, outputPadding = 0): MappedLayer {
  return { layer: 'conv-transpose', weights, stride, padding, outputPadding };
}

const dense = (weights: string): MappedLayer => ({ layer: 'dense', weights });
const batchNorm = (weights: string): MappedLayer => ({ layer: 'batch-norm', weights, epsilon: 1e-5 });

/** Each layer followed by a ReLU. */
function withRelu(layers: readonly MappedLayer[]): MappedLayer[] {
  return layers.flatMap((layer) => [layer, RELU]);
}

/** The channels of the images that a first convolution takes; undefined if they are not one or three. */
function channelsOf(shapes: Shapes, first: string): 1 | 3 | undefined {
  const channels = shapes.get(`${first}.weight`)?.[1];
  return channels === 1 || channels === 3 ? channels : undefined;
}

/** Whether weights have these shapes; −1 is any size. */
function areShaped(shapes: Shapes, expected: Readonly<Record<string, readonly number[]>>): boolean {
  return Object.entries(expected).every(([name, shape]) => {
    const found = shapes.get(name);
    return found?.length === shape.length && shape.every((n, i) => n === -1 || n === found[i]);
  });
}

function image(size: number, channels: 1 | 3): Mapping['image'] {
  return { size, channels, range: '0..1' };
}

/** disentangling-vae (Dubois et al. 2019): Burgess's layers for 32 or 64 pixels. */
const disentanglingVae: KnownArchitecture = {
  title: 'disentangling-vae',
  marks: ['encoder.mu_logvar_gen.weight', 'encoder.conv1.weight'],
  recognise(shapes) {
    const channels = channelsOf(shapes, 'encoder.conv1');
    if (channels === undefined) return undefined;
    const isLarge = shapes.has('encoder.conv_64.weight');
    const convs = ['conv1', 'conv2', 'conv3', ...(isLarge ? ['conv_64'] : [])];
    const transposed = [...(isLarge ? ['convT_64'] : []), 'convT1', 'convT2', 'convT3'];
    const decoder: MappedLayer[] = [
      ...withRelu(['lin1', 'lin2', 'lin3'].map((name) => dense(`decoder.${name}`))),
      { layer: 'reshape', to: [32, 4, 4] },
      ...withRelu(transposed.map((name) => convTranspose(`decoder.${name}`))),
    ];
    return {
      isBurgess: true,
      isRangeUnknown: false,
      mapping: {
        name: this.title,
        image: image(isLarge ? 64 : 32, channels),
        encoder: [
          ...withRelu(convs.map((name) => conv(`encoder.${name}`))),
          ...withRelu([dense('encoder.lin1'), dense('encoder.lin2')]),
        ],
        posterior: { both: 'encoder.mu_logvar_gen', order: 'alternating' },
        // The last convolution has no ReLU.
        decoder: [...decoder.slice(0, -1), { layer: 'sigmoid' }],
        ignore: [],
      },
    };
  },
};

/** BetaVAE_B of 1Konny/Beta-VAE: Burgess's layers for 64 pixels, in nn.Sequential. */
const konnyB: KnownArchitecture = {
  title: 'BetaVAE_B of 1Konny/Beta-VAE',
  marks: ['encoder.0.weight', 'encoder.9.weight', 'encoder.11.weight', 'encoder.13.weight'],
  recognise(shapes) {
    const channels = channelsOf(shapes, 'encoder.0');
    const isShaped = areShaped(shapes, {
      'encoder.0.weight': [32, -1, 4, 4],
      'encoder.6.weight': [32, 32, 4, 4],
      'encoder.9.weight': [256, 512],
      'encoder.13.weight': [-1, 256],
      'decoder.4.weight': [512, 256],
      'decoder.13.weight': [32, -1, 4, 4],
    });
    if (channels === undefined || !isShaped) return undefined;
    return {
      isBurgess: true,
      isRangeUnknown: false,
      mapping: {
        name: this.title,
        image: image(64, channels),
        encoder: [
          ...withRelu([0, 2, 4, 6].map((i) => conv(`encoder.${i}`))),
          ...withRelu([dense('encoder.9'), dense('encoder.11')]),
        ],
        posterior: { both: 'encoder.13', order: 'halves' },
        decoder: [
          ...withRelu([dense('decoder.0'), dense('decoder.2'), dense('decoder.4')]),
          { layer: 'reshape', to: [32, 4, 4] },
          ...withRelu([7, 9, 11].map((i) => convTranspose(`decoder.${i}`))),
          convTranspose('decoder.13'),
          { layer: 'sigmoid' },
        ],
        ignore: [],
      },
    };
  },
};

/** BetaVAE_H of 1Konny/Beta-VAE (Higgins et al. 2017), in nn.Sequential. */
const konnyH: KnownArchitecture = {
  title: 'BetaVAE_H of 1Konny/Beta-VAE',
  marks: ['encoder.0.weight', 'encoder.8.weight', 'encoder.11.weight', 'decoder.3.weight'],
  recognise(shapes) {
    const channels = channelsOf(shapes, 'encoder.0');
    const isShaped = areShaped(shapes, {
      'encoder.0.weight': [32, -1, 4, 4],
      'encoder.6.weight': [64, 64, 4, 4],
      'encoder.8.weight': [256, 64, 4, 4],
      'encoder.11.weight': [-1, 256],
      'decoder.0.weight': [256, -1],
      'decoder.3.weight': [256, 64, 4, 4],
      'decoder.11.weight': [32, -1, 4, 4],
    });
    if (channels === undefined || !isShaped) return undefined;
    return {
      isBurgess: false,
      isRangeUnknown: false,
      mapping: {
        name: this.title,
        image: image(64, channels),
        encoder: [...withRelu([0, 2, 4, 6].map((i) => conv(`encoder.${i}`))), conv('encoder.8', 1, 0), RELU],
        posterior: { both: 'encoder.11', order: 'halves' },
        decoder: [
          dense('decoder.0'),
          RELU,
          { layer: 'reshape', to: [256, 1, 1] },
          convTranspose('decoder.3', 1, 0),
          RELU,
          ...withRelu([5, 7, 9].map((i) => convTranspose(`decoder.${i}`))),
          convTranspose('decoder.11'),
          { layer: 'sigmoid' },
        ],
        ignore: [],
      },
    };
  },
};

/**
 * VanillaVAE, BetaVAE and BetaTCVAE of AntixK/PyTorch-VAE, which have the same layers: a halving for each of
 * `hidden_dims` down to 2×2, with batch norm and LeakyReLU, and a tanh at the end.
 */
const pytorchVae: KnownArchitecture = {
  title: 'AntixK/PyTorch-VAE',
  marks: ['fc_mu.weight', 'fc_var.weight', 'decoder_input.weight', 'final_layer.0.weight'],
  recognise(shapes) {
    const channels = channelsOf(shapes, 'encoder.0.0');
    let depth = 0;
    while (shapes.has(`encoder.${depth}.0.weight`)) depth += 1;
    const deepest = shapes.get(`encoder.${depth - 1}.0.weight`)?.[0];
    const size = 2 ** (depth + 1);
    const isShaped = areShaped(shapes, {
      'encoder.0.0.weight': [-1, -1, 3, 3],
      'final_layer.0.weight': [-1, -1, 3, 3],
      // The decoder gives colour, whatever the encoder takes.
      'final_layer.3.weight': [3, -1, 3, 3],
    });
    if (channels !== 3 || deepest === undefined || size < 16 || size > 256 || !isShaped) return undefined;
    const leaky = { layer: 'leaky-relu', slope: 0.01 } as const;
    return {
      isBurgess: false,
      // Its early versions trained on images in [−1, 1], its later ones in [0, 1].
      isRangeUnknown: true,
      mapping: {
        name: this.title,
        image: image(size, channels),
        encoder: Array.from({ length: depth }, (_, i) => [
          conv(`encoder.${i}.0`),
          batchNorm(`encoder.${i}.1`),
          leaky,
        ]).flat(),
        posterior: { mu: 'fc_mu', logVar: 'fc_var' },
        decoder: [
          dense('decoder_input'),
          { layer: 'reshape', to: [deepest, 2, 2] },
          ...Array.from({ length: depth - 1 }, (_, i) => [
            convTranspose(`decoder.${i}.0`, 2, 1, 1),
            batchNorm(`decoder.${i}.1`),
            leaky,
          ]).flat(),
          convTranspose('final_layer.0', 2, 1, 1),
          batchNorm('final_layer.1'),
          leaky,
          conv('final_layer.3', 1, 1),
          { layer: 'tanh' },
        ],
        ignore: [],
      },
    };
  },
};

/** A batch norm and a ReLU after a layer, as pythae has them. */
const normed = (layer: MappedLayer, norm: string): MappedLayer[] => [layer, batchNorm(norm), RELU];

const pythaeEncoder = Array.from({ length: 4 }, (_, i) =>
  normed(conv(`encoder.layers.${i}.0`), `encoder.layers.${i}.1`),
).flat();

/** pythae's posterior, or the code of its autoencoders. */
function pythaePosterior(shapes: Shapes): Mapping['posterior'] {
  return shapes.has('encoder.log_var.weight')
    ? { mu: 'encoder.embedding', logVar: 'encoder.log_var' }
    : { code: 'encoder.embedding' };
}

const pythaeLayer = (i: number, padding: number, outputPadding: number): MappedLayer[] =>
  normed(convTranspose(`decoder.layers.${i}.0`, 2, padding, outputPadding), `decoder.layers.${i}.1`);

/** pythae's convolutional models for CelebA: 64 pixels. */
const pythaeCeleba: KnownArchitecture = {
  title: 'pythae’s convolutional model for CelebA',
  marks: ['encoder.layers.3.0.weight', 'encoder.embedding.weight', 'decoder.layers.0.0.weight'],
  recognise(shapes) {
    const isShaped = areShaped(shapes, {
      'encoder.layers.0.0.weight': [128, 3, 4, 4],
      'encoder.layers.3.0.weight': [1024, 512, 4, 4],
      'decoder.layers.0.0.weight': [1024 * 8 * 8, -1],
      'decoder.layers.4.0.weight': [128, 3, 5, 5],
    });
    if (!isShaped) return undefined;
    return {
      isBurgess: false,
      isRangeUnknown: false,
      mapping: {
        name: this.title,
        image: image(64, 3),
        encoder: pythaeEncoder,
        posterior: pythaePosterior(shapes),
        decoder: [
          dense('decoder.layers.0.0'),
          { layer: 'reshape', to: [1024, 8, 8] },
          ...pythaeLayer(1, 2, 0),
          ...pythaeLayer(2, 1, 0),
          ...pythaeLayer(3, 2, 1),
          convTranspose('decoder.layers.4.0', 1, 1),
          { layer: 'sigmoid' },
        ],
        ignore: [],
      },
    };
  },
};

/** pythae's convolutional models for MNIST: 28 pixels, one channel. */
const pythaeMnist: KnownArchitecture = {
  title: 'pythae’s convolutional model for MNIST',
  marks: ['encoder.layers.3.0.weight', 'encoder.embedding.weight', 'decoder.layers.0.weight'],
  recognise(shapes) {
    const isShaped = areShaped(shapes, {
      'encoder.layers.0.0.weight': [128, 1, 4, 4],
      'encoder.layers.3.0.weight': [1024, 512, 4, 4],
      'decoder.layers.0.weight': [1024 * 4 * 4, -1],
      'decoder.layers.3.0.weight': [256, 1, 3, 3],
    });
    if (!isShaped) return undefined;
    return {
      isBurgess: false,
      isRangeUnknown: false,
      mapping: {
        name: this.title,
        image: image(28, 1),
        encoder: pythaeEncoder,
        posterior: pythaePosterior(shapes),
        decoder: [
          dense('decoder.layers.0'),
          { layer: 'reshape', to: [1024, 4, 4] },
          ...pythaeLayer(1, 1, 0),
          ...pythaeLayer(2, 1, 1),
          convTranspose('decoder.layers.3.0', 2, 1, 1),
          { layer: 'sigmoid' },
        ],
        ignore: [],
      },
    };
  },
};

const KNOWN: readonly KnownArchitecture[] = [
  disentanglingVae,
  konnyB,
  konnyH,
  pytorchVae,
  pythaeCeleba,
  pythaeMnist,
];

/** The architectures that are recognised, for messages. */
export const KNOWN_TITLES = KNOWN.map(({ title }) => title);

/**
 * Recognises a model by the names and shapes of its weights.
 *
 * @returns undefined for one of no known architecture
 */
export function recognise(shapes: Shapes): Recognised | undefined {
  for (const known of KNOWN) {
    if (!known.marks.every((name) => shapes.has(name))) continue;
    const found = known.recognise(shapes);
    if (found) return found;
  }
  return undefined;
}
