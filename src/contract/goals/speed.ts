import { likeArchitecture, type ArchitectureName } from '../architecture.ts';
import type { OfficialSplit } from '../dataset.ts';
import type { App } from '../operations/app.ts';
import type { TrainingConfig } from '../run.ts';
import { splitCounts, trainingLength, type LengthSettings, type SplitFacts } from '../training-length.ts';

/** The processor that trains, as far as its speed depends on it. */
export type Processor = Pick<App['device'], 'kind' | 'multipliesBfloat16'>;

/** The images of a data set, as far as a training's settings depend on them. */
export interface ImageFacts {
  readonly images: number;
  readonly imageSize: number;
  readonly channels: 1 | 3;
  /** The split that the data set comes with. */
  readonly split?: OfficialSplit | undefined;
}

/** Seconds for a step and for each image of a step; for images of 64×64 pixels. */
interface Cost {
  readonly step: number;
  readonly image: number;
}

/**
 * What a step took where it was measured: two cores of an AMD EPYC (Zen 4), batches of 16 to 64. Used until the
 * speed here is measured.
 */
const CPU_COSTS: Readonly<Record<ArchitectureName, { readonly full: Cost; readonly mixed: Cost }>> = {
  paper: { full: { step: 0.01, image: 1 / 160 }, mixed: { step: 0.01, image: 1 / 230 } },
  burgess: { full: { step: 0.004, image: 1 / 1600 }, mixed: { step: 0.004, image: 1 / 1600 } },
  residual: { full: { step: 0.02, image: 1 / 80 }, mixed: { step: 0.02, image: 1 / 130 } },
};

/** The same on an NVIDIA H200, where a small step is mostly calls into TensorFlow: see docs/gpu.md. */
const GPU_COSTS: Readonly<Record<ArchitectureName, Cost>> = {
  paper: { step: 0.008, image: 1 / 30_000 },
  burgess: { step: 0.005, image: 1 / 60_000 },
  residual: { step: 0.016, image: 1 / 15_000 },
};

const REFERENCE_SIZE = 64;

/**
 * The power of an image's width that the time of a step grows with, measured from 64 to 256 pixels: the paper's network
 * and `residual` have fewer filters in the layers that larger images add.
 */
const GROWTH: Readonly<Record<ArchitectureName, number>> = { paper: 1, burgess: 2, residual: 1 };

/** The settings that determine how fast a step is. */
export type SpeedSettings = Pick<TrainingConfig, 'architecture' | 'batchSize' | 'precision'>;

/** Images per second that are expected before anything is measured. */
export function priorRate(
  { architecture, batchSize, precision }: SpeedSettings,
  { imageSize }: Pick<ImageFacts, 'imageSize'>,
  { kind, multipliesBfloat16 }: Processor,
): number {
  const like = likeArchitecture(architecture);
  const isMixed = precision === 'mixed' && multipliesBfloat16 === true;
  const cost = kind === 'gpu' ? GPU_COSTS[like] : CPU_COSTS[like][isMixed ? 'mixed' : 'full'];
  const image = cost.image * (imageSize / REFERENCE_SIZE) ** GROWTH[like];
  return batchSize / (cost.step + batchSize * image);
}

/**
 * What a sharpening adds to a training's step: it encodes, decodes samples too, and its discriminator judges three batches.
 * Measured on the two cores above, and for a GPU estimated from VAE-GAN's discriminator.
 */
const SHARPENING = { part: 1.3, image: { cpu: 1 / 140, gpu: 1 / 15_000 } } as const;

/**
 * Images per second that are expected of a sharpening.
 *
 * @param training - those of a training with the same settings
 */
export function sharpeningRate(
  training: number,
  { imageSize }: Pick<ImageFacts, 'imageSize'>,
  { kind }: Processor,
): number {
  const discriminator = SHARPENING.image[kind === 'gpu' ? 'gpu' : 'cpu'] * (imageSize / REFERENCE_SIZE) ** 2;
  return 1 / (SHARPENING.part / training + discriminator);
}

/** Batches over which the statistics of batch norms are measured after an epoch. */
const STATISTICS_BATCHES = 10;
/** Maximum number of images whose codes are stored after an epoch. */
const SNAPSHOT_IMAGES = 2000;
/** The part of a training step that encoding and decoding take, and that encoding alone takes. */
const [FORWARD, ENCODING] = [1 / 3, 1 / 6];
/** Seconds to write the pictures and the checkpoint of an epoch. */
const WRITING: Readonly<Record<ArchitectureName, number>> = { paper: 0.2, burgess: 0.1, residual: 0.2 };

/**
 * The time that a training takes: its steps, and what is measured and written after each epoch, which on small data
 * takes as long as the steps.
 *
 * @param imagesPerSecond - the speed of the steps
 */
export function expectedSeconds(
  facts: SplitFacts,
  config: LengthSettings & Pick<TrainingConfig, 'architecture'>,
  imagesPerSecond: number,
): number {
  const { stepsPerEpoch, batchSize } = trainingLength(facts, config);
  const { heldOut } = splitCounts(facts, config.heldOutFraction);
  const images = typeof facts === 'number' ? facts : facts.images;
  const afterwards =
    FORWARD * (Math.min(STATISTICS_BATCHES, stepsPerEpoch) * batchSize + heldOut) +
    ENCODING * Math.min(images, SNAPSHOT_IMAGES);
  const epoch =
    (stepsPerEpoch * batchSize + afterwards) / imagesPerSecond +
    WRITING[likeArchitecture(config.architecture)];
  return config.epochs * epoch;
}
