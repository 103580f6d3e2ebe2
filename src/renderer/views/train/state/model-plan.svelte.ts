import type { DatasetInfo } from '../../../../contract/dataset.ts';
import { errorPayload, inOneLine } from '../../../../contract/errors.ts';
import { priorRate, type Processor } from '../../../../contract/goals/speed.ts';
import type { PlannedModel } from '../../../../contract/operations/models.ts';
import { isVariational, type TrainingConfig } from '../../../../contract/run.ts';
import { trainingLength } from '../../../../contract/training-length.ts';
import { counted, wholeNumber } from '../../../components/format.ts';
import type { AppState } from '../../../state/app.svelte.ts';
import { Latest } from '../../../state/latest.ts';

/** A training whose layers are asked for. */
interface Planned {
  readonly key: string;
  readonly dataset: DatasetInfo;
  readonly config: TrainingConfig;
}

/** Everything that decides which layers a model has, as a key. */
function planKey({ id, imageSize, channels }: DatasetInfo, config: TrainingConfig): string {
  const { architecture, latentDim, condition, objective } = config;
  return JSON.stringify([
    id,
    imageSize,
    channels,
    architecture,
    latentDim,
    condition,
    isVariational(objective),
  ]);
}

/** The layers that the form's model would have, with their sizes. */
export class ModelPlan {
  /** Undefined until the first is known, and where the architecture does not fit the images. */
  plan = $state.raw<PlannedModel | undefined>();
  /** Why the architecture cannot be used for these images. */
  refused = $state<string | undefined>();
  #key: string | undefined;
  readonly #ask: Latest<Planned, PlannedModel>;

  constructor(app: AppState) {
    this.#ask = new Latest({
      load: ({ dataset, config }) => app.client.request('models.plan', { dataset: dataset.id, config }),
      show: (plan) => {
        this.plan = plan;
        this.refused = undefined;
      },
      fail: (error) => {
        this.plan = undefined;
        const payload = errorPayload(error);
        if (payload.code === 'bad-input') this.refused = inOneLine(payload);
        else app.toasts.fail(error);
      },
    });
  }

  /** Plans this training from now on; the same layers are asked for only once. */
  follow(dataset: DatasetInfo, config: TrainingConfig): void {
    const key = planKey(dataset, config);
    if (key === this.#key) return;
    this.#key = key;
    this.#ask.ask({ key, dataset, config });
  }

  close(): void {
    this.#ask.close();
  }
}

/** A weight count as it is said: `6.3 million weights`, `512,480 weights`. */
export function weightsText(parameters: number): string {
  if (parameters < 1e6) return counted(parameters, 'weight');
  const millions = parameters / 1e6;
  return `${millions < 100 ? millions.toFixed(1) : wholeNumber(millions)} million weights`;
}

/** A short time: `0.84 s`, `35 ms`. */
function stepTime(seconds: number): string {
  return seconds < 0.1
    ? `${Math.max(1, Math.round(seconds * 1000))} ms`
    : `${Number(seconds.toPrecision(2))} s`;
}

/**
 * What a step of a training costs: `a step of 128 images takes 0.84 s`, or how long it is expected to take where no rate
 * is known.
 *
 * @param rate - images per second, where it was measured
 */
export function stepCost(
  dataset: DatasetInfo,
  config: TrainingConfig,
  { rate, processor }: { readonly rate: number | null | undefined; readonly processor: Processor },
): string {
  const { batchSize } = trainingLength(dataset, config);
  const seconds = batchSize / (rate || priorRate({ ...config, batchSize }, dataset, processor));
  const verb = rate ? 'takes' : 'is expected to take';
  return `a step of ${counted(batchSize, 'image')} ${verb} ${stepTime(seconds)}`;
}
