import type { ImageFacts } from '../../../../contract/goals/speed.ts';
import type { TrainingConfig } from '../../../../contract/run.ts';

type Images = Pick<ImageFacts, 'imageSize' | 'channels'>;

/** Everything that decides how fast a step is, as a key. */
export function rateKey({ imageSize, channels }: Images, config: TrainingConfig): string {
  const { objective, architecture, latentDim, batchSize, precision } = config;
  return [
    imageSize,
    channels,
    objective.model,
    JSON.stringify(architecture),
    latentDim,
    batchSize,
    precision,
  ].join(' ');
}

/** Images per second of trainings, by what decides them. */
export class KnownRates {
  /** By {@link rateKey}; see {@link of} for the values. */
  all = $state.raw<Readonly<Record<string, number | null>>>({});

  /**
   * The rate of a training on such images.
   *
   * @returns null where no earlier training had one and it was not measured, 0 where it could not be measured, undefined
   *   where nobody has asked
   */
  of(images: Images, config: TrainingConfig): number | null | undefined {
    return this.all[rateKey(images, config)];
  }

  keep(key: string, rate: number | null): void {
    this.all = { ...this.all, [key]: rate };
  }
}
