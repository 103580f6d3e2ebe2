import type { DatasetInfo } from '../../../../contract/dataset.ts';
import type { ArchitectureName, Objective, Precision, TrainingConfig } from '../../../../contract/run.ts';
import type { FormulaObjective } from '../../../components/formula.ts';
import { PAPERS_FIELDS, type FieldName } from './field-rules.ts';
import { MODELS, PAPERS_SETTINGS, type PaperModel } from './papers.ts';

/** What is about to be trained: one data set, one or several models, and their settings. */
export class RunForm {
  datasetId = $state<string | undefined>();
  models = $state.raw<readonly PaperModel[]>(['beta-tcvae']);
  architecture = $state<ArchitectureName>('paper');
  precision = $state<Precision>('full');
  /** The last usable value of each field. */
  values = $state.raw<Readonly<Record<FieldName, number>>>(PAPERS_FIELDS);
  /** Why what stands in a field cannot be used. */
  refusals = $state.raw<Partial<Record<FieldName, string>>>({});
  /** Grows when all fields are filled anew, so that what was half typed in them goes. */
  filled = $state(0);

  /** Which fields the chosen models have. */
  readonly fields: readonly FieldName[] = $derived([
    ...(this.models.includes('beta-vae') ? (['betaOfKl'] as const) : []),
    ...(this.models.includes('beta-tcvae') ? (['betaOfTc', 'alpha', 'gamma'] as const) : []),
    'latentDim',
    'epochs',
    'batchSize',
    'learningRate',
    'seed',
    'heldOutPercent',
  ]);

  /** Whether every field that counts can be used. */
  readonly isUsable = $derived(
    this.models.length > 0 && this.fields.every((field) => this.refusals[field] === undefined),
  );

  /** A config for each chosen model, in the paper's order. */
  readonly configs: readonly TrainingConfig[] = $derived(
    this.models.map((model) => ({
      objective: this.#objective(model),
      architecture: this.architecture,
      latentDim: this.values.latentDim,
      epochs: this.values.epochs,
      batchSize: this.values.batchSize,
      learningRate: this.values.learningRate,
      precision: this.precision,
      seed: this.values.seed,
      heldOutFraction: this.values.heldOutPercent / 100,
      checkpointEverySteps: PAPERS_SETTINGS.checkpointEverySteps,
    })),
  );

  /** A model's formula with its weights; the letter of one that is refused. */
  formula(model: PaperModel): FormulaObjective {
    const known = (field: FieldName): number | undefined =>
      this.refusals[field] === undefined ? this.values[field] : undefined;
    if (model === 'beta-vae') return { model, beta: known('betaOfKl') };
    if (model === 'beta-tcvae')
      return { model, alpha: known('alpha'), beta: known('betaOfTc'), gamma: known('gamma') };
    return { model };
  }

  set(field: FieldName, value: number): void {
    this.values = { ...this.values, [field]: value };
  }

  refuse(field: FieldName, message: string | undefined): void {
    const { [field]: _mended, ...others } = this.refusals;
    this.refusals = message === undefined ? others : { ...others, [field]: message };
  }

  /** Adds a model or takes it away; they stay in the paper's order. */
  toggle(model: PaperModel): void {
    const isChosen = this.models.includes(model);
    this.models = MODELS.filter((each) => (each === model ? !isChosen : this.models.includes(each)));
  }

  /** The paper's four models at the paper's settings. */
  fillWithPapers(): void {
    this.models = MODELS;
    this.architecture = PAPERS_SETTINGS.architecture;
    this.precision = PAPERS_SETTINGS.precision;
    this.#fill(PAPERS_FIELDS);
  }

  /** The settings of a run, to change some of them. */
  fillWith(config: TrainingConfig, dataset: DatasetInfo | undefined): void {
    const { objective } = config;
    const { beta } = objective;
    if (dataset) this.datasetId = dataset.id;
    // One of the wider family is trained by the command line; its settings still serve.
    const model = MODELS.find((each) => each === objective.model);
    if (model) this.models = [model];
    this.architecture = config.architecture;
    this.precision = config.precision;
    this.#fill({
      ...PAPERS_FIELDS,
      ...(objective.model === 'beta-vae' && beta !== undefined ? { betaOfKl: beta } : {}),
      ...(objective.model === 'beta-tcvae' && beta !== undefined ? { betaOfTc: beta } : {}),
      ...(objective.alpha === undefined ? {} : { alpha: objective.alpha }),
      ...(objective.gamma === undefined ? {} : { gamma: objective.gamma }),
      latentDim: config.latentDim,
      epochs: config.epochs,
      batchSize: config.batchSize,
      learningRate: config.learningRate,
      seed: config.seed,
      heldOutPercent: Number((config.heldOutFraction * 100).toPrecision(6)),
    });
  }

  #fill(values: Readonly<Record<FieldName, number>>): void {
    this.values = values;
    this.refusals = {};
    this.filled += 1;
  }

  #objective(model: PaperModel): Objective {
    const { betaOfKl, betaOfTc, alpha, gamma } = this.values;
    if (model === 'beta-vae') return { model, beta: betaOfKl };
    if (model === 'beta-tcvae') return { model, alpha, beta: betaOfTc, gamma };
    return { model };
  }
}
