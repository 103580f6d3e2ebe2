import type { OwnArchitecture } from '../../../../contract/architecture.ts';
import type { DatasetInfo } from '../../../../contract/dataset.ts';
import type { Deviation } from '../../../../contract/deviation.ts';
import {
  brokenRule,
  descriptorOf,
  isVariational,
  modelKinds,
  PAPERS_SETTINGS,
  suggestedOptimiser,
  type Architecture,
  type Decoder,
  type DecoderKind,
  type ModelKind,
  type Objective,
  type Precision,
  type Sampling,
  type TrainingConfig,
} from '../../../../contract/run.ts';
import type { Goal } from '../../../../contract/goals/goal.ts';
import { planGoal, type GoalFacts } from '../../../../contract/goals/plan.ts';
import { describePreset, presetConfig, type PresetName } from '../../../../contract/presets.ts';
import { optimiserWords, type Optimiser, type Schedule } from '../../../../contract/optimiser.ts';
import type { FormulaObjective } from '../../../../contract/objectives/formula.ts';
import {
  OPTIMISER_FIELDS,
  SETTING_FIELDS,
  USUAL_SETTINGS,
  usualFields,
  type FieldName,
} from './field-rules.ts';
import { plannedRuns, type PlannedRun } from './planned-runs.ts';
import { objectiveOf, weightField, weightRules } from './weight-fields.ts';

/** What is varied over several runs. */
export type ListName = 'betas' | 'seeds';

const USUAL_LISTS: Readonly<Record<ListName, readonly number[]>> = { betas: [1, 4, 16], seeds: [1, 2, 3] };

/** More than anybody waits for. */
export const MOST_RUNS = 100;

/** Whether a model's decoder has a distribution that can be chosen. */
function hasDecoder(model: ModelKind): boolean {
  return descriptorOf(model).decoders.allowed.length > 1;
}

/** Whether the way in which a model samples the aggregate posterior can be chosen. */
function hasSampling(model: ModelKind): boolean {
  return descriptorOf(model).samplesAggregatePosterior;
}

/** Whether two lists of runs are the same in every setting. */
function isSame(runs: readonly PlannedRun[], others: readonly PlannedRun[]): boolean {
  return JSON.stringify(runs) === JSON.stringify(others);
}

/** Trainings that a goal or a publication asks for, and every model of it with its weights. */
interface Source {
  readonly configs: readonly TrainingConfig[];
  readonly objectives: readonly Objective[];
}

/** What a goal or a publication becomes on some images; undefined for neither. */
function sourceOf(
  goal: Goal | undefined,
  preset: PresetName | undefined,
  facts: GoalFacts,
): Source | undefined {
  if (goal !== undefined) {
    const configs = planGoal(goal, facts).trainings.map(({ config }) => config);
    return { configs, objectives: configs.map(({ objective }) => objective) };
  }
  if (preset === undefined) return undefined;
  const { objectives } = describePreset(preset);
  const config = { ...presetConfig(preset, facts, PAPERS_SETTINGS), objective: objectives[0]! };
  return { configs: [config], objectives };
}

/** What is about to be trained: one data set, one or several models, and their settings. */
export class RunForm {
  datasetId = $state<string | undefined>();
  /** The goal that the settings come from; undefined for those of a run or of a publication. */
  goal = $state.raw<Goal | undefined>('quick');
  /** The publication that the settings come from; undefined for those of a goal or a run. */
  preset = $state.raw<PresetName | undefined>();
  /** The runs that the goal or the publication asked for, to find out whether anything was changed since. */
  #planned = $state.raw<readonly PlannedRun[] | undefined>();
  models = $state.raw<readonly ModelKind[]>(['beta-tcvae']);
  architecture = $state.raw<Architecture>(PAPERS_SETTINGS.architecture);
  /** The architecture of a person's own that can be chosen, from a file or from a run that has it. */
  ownArchitecture = $state.raw<OwnArchitecture>();
  precision = $state<Precision>(PAPERS_SETTINGS.precision);
  schedule = $state<Schedule>('constant');
  decoder = $state<DecoderKind>('gaussian');
  sampling = $state<Sampling>('weighted');
  /** That of a run or of a publication, which the form keeps but does not offer. */
  deviation = $state.raw<Deviation | undefined>();
  /** The column that is the models' condition; undefined: none. */
  condition = $state<string | undefined>();
  /** Whether every model is trained with several weights and seeds. */
  isSweep = $state(false);
  /** What a sweep varies. */
  lists = $state.raw(USUAL_LISTS);
  /** The last usable value of each field. */
  values = $state.raw(usualFields());
  /** Why what stands in a field cannot be used. */
  refusals = $state.raw<Partial<Record<FieldName | ListName, string>>>({});
  /** Grows when all fields are filled anew, so that what was half typed in them goes. */
  filled = $state(0);

  /** Which weights the chosen models have; a sweep has lists instead of their βs. */
  readonly weights = $derived(
    this.models.flatMap(weightRules).filter(({ weight }) => !(this.isSweep && weight === 'beta')),
  );

  /** Which lists a sweep of the chosen models has. */
  readonly sweepLists: readonly ListName[] = $derived.by(() => {
    if (!this.isSweep) return [];
    const hasBeta = this.models.flatMap(weightRules).some(({ weight }) => weight === 'beta');
    return hasBeta ? ['betas', 'seeds'] : ['seeds'];
  });

  readonly hasDecoder = $derived(this.models.some(hasDecoder));
  readonly hasVariance = $derived(
    this.hasDecoder && (this.decoder === 'gaussian' || this.decoder === 'laplace'),
  );
  readonly hasSampling = $derived(this.models.some(hasSampling));

  /** Whether more than the paper's own form has was chosen. */
  readonly hasMore = $derived(
    this.isSweep ||
      this.condition !== undefined ||
      (this.hasSampling && this.sampling !== 'weighted') ||
      (this.hasDecoder && (this.decoder !== 'gaussian' || this.values.variance !== USUAL_SETTINGS.variance)),
  );

  /** Which fields count. */
  readonly fields: readonly FieldName[] = $derived([
    ...this.weights.map(({ field }) => field),
    ...SETTING_FIELDS.filter((field) => !(this.isSweep && field === 'seed')),
    ...(this.hasVariance ? (['variance'] as const) : []),
    ...OPTIMISER_FIELDS,
  ]);

  /** What is added to Adam; undefined for nothing. */
  readonly optimiser: Optimiser | undefined = $derived.by(() => {
    const numbers = OPTIMISER_FIELDS.flatMap((field) =>
      this.values[field] === 0 ? [] : [[field, this.values[field]] as const],
    );
    if (this.schedule === 'constant' && numbers.length === 0) return undefined;
    const schedule = this.schedule === 'constant' ? {} : { schedule: this.schedule };
    return { ...schedule, ...(Object.fromEntries(numbers) as Optimiser) };
  });

  /** What is added to Adam, in words; empty for nothing. */
  readonly optimiserNote = $derived(optimiserWords(this.optimiser ?? {}).join(', '));

  /** Whether a number of Adam's further settings cannot be used. */
  readonly isOptimiserRefused = $derived(
    OPTIMISER_FIELDS.some((field) => this.refusals[field] !== undefined),
  );

  /**
   * Rules between the weights of a model that the runs would break, each beside the last weight that it relates. A
   * model with a weight that is itself refused is left out.
   */
  readonly #brokenRules: Readonly<Partial<Record<FieldName, string>>> = $derived.by(() => {
    const entries = this.runs.flatMap(({ config: { objective } }): [FieldName, string][] => {
      const fields = weightRules(objective.model).map(({ field }) => field);
      if (fields.some((field) => this.refusals[field] !== undefined)) return [];
      const broken = brokenRule(objective, 'symbol');
      return broken ? [[weightField(objective.model, broken.weights.at(-1)!), broken.message]] : [];
    });
    return Object.fromEntries(entries);
  });

  /** Whether everything that counts can be used. */
  readonly isUsable = $derived(
    this.models.length > 0 &&
      [...this.fields, ...this.sweepLists].every((field) => this.refusals[field] === undefined) &&
      Object.keys(this.#brokenRules).length === 0,
  );

  /** Every run that will be trained, with names where they are needed to tell runs apart. */
  readonly runs: readonly PlannedRun[] = $derived(
    plannedRuns(
      this.models.map((model) => this.#config(model)),
      this.isSweep ? this.lists : undefined,
    ),
  );

  /** Whether a person has changed what the goal or the publication chose. */
  readonly isChanged = $derived(
    this.#planned !== undefined &&
      (Object.keys(this.refusals).length > 0 || !isSame(this.runs, this.#planned)),
  );

  readonly isTooMany = $derived(this.runs.length > MOST_RUNS);

  /** A config for each run, models in the paper's order. */
  readonly configs: readonly TrainingConfig[] = $derived(this.runs.map(({ config }) => config));

  /** A model's formula with its weights; the letter of one that is refused, or that a sweep varies. */
  formula(model: ModelKind): FormulaObjective {
    const varied = this.isSweep ? `${model}.beta` : undefined;
    return objectiveOf(model, (field) =>
      this.refusals[field] === undefined && field !== varied ? this.values[field] : undefined,
    );
  }

  /** Why what stands in a field cannot be used, alone or together with others. */
  refusalOf(field: FieldName): string | undefined {
    return this.refusals[field] ?? this.#brokenRules[field];
  }

  /** Chooses an architecture of a person's own, which can be chosen from now on. */
  useOwn(architecture: OwnArchitecture): void {
    this.ownArchitecture = architecture;
    this.architecture = architecture;
  }

  set(field: FieldName, value: number): void {
    this.values = { ...this.values, [field]: value };
  }

  setList(list: ListName, values: readonly number[]): void {
    this.lists = { ...this.lists, [list]: values };
  }

  refuse(field: FieldName | ListName, message: string | undefined): void {
    const { [field]: _mended, ...others } = this.refusals;
    this.refusals = message === undefined ? others : { ...others, [field]: message };
  }

  /** Whether the images lack the label that is to be the condition. */
  lacksCondition(dataset: DatasetInfo | undefined): boolean {
    const { condition } = this;
    return condition !== undefined && !dataset?.columns.some(({ name }) => name === condition);
  }

  /** Adds a model or takes it away; they stay in the paper's order. */
  toggle(model: ModelKind): void {
    const isChosen = this.models.includes(model);
    this.models = modelKinds().filter((each) => (each === model ? !isChosen : this.models.includes(each)));
    this.#suggestDecay(model, !isChosen);
  }

  /** Fills in the weight decay that a model comes with, or takes it away again with the model. */
  #suggestDecay(model: ModelKind, isChosen: boolean): void {
    const decay = suggestedOptimiser(model)?.weightDecay;
    if (decay === undefined) return;
    const [from, to] = isChosen ? [USUAL_SETTINGS.weightDecay, decay] : [decay, USUAL_SETTINGS.weightDecay];
    if (this.values.weightDecay === from) this.set('weightDecay', to);
  }

  /** Fills the form with what a goal becomes on these images. */
  choose(goal: Goal, facts: GoalFacts): void {
    this.#begin({ goal, facts });
  }

  /** Fills the form with published settings, with the epochs that make their number of steps of these images. */
  choosePreset(preset: PresetName, facts: GoalFacts): void {
    this.#begin({ preset, facts });
  }

  /** Keeps what stands in the fields, which then are the person's own settings; what no field shows is left out. */
  leavePreset(): void {
    this.preset = undefined;
    this.deviation = undefined;
    this.#planned = undefined;
  }

  /** Takes back what a person has changed of a goal's or a publication's settings. */
  undoChanges(facts: GoalFacts): void {
    const { goal, preset } = this;
    this.#begin({ goal, preset, facts });
  }

  /**
   * Fits the settings to the goal or the publication again, where the images are others or the speed was measured. Settings
   * that a person has changed, or taken from a run, stay.
   */
  follow(facts: GoalFacts): void {
    if (this.isChanged) return;
    const source = sourceOf(this.goal, this.preset, facts);
    if (!source) return;
    if (this.#planned && isSame(plannedRuns(source.configs, undefined), this.#planned)) return;
    this.#fill(source.configs, source.objectives);
    this.#planned = this.runs;
  }

  #begin({
    goal,
    preset,
    facts,
  }: {
    readonly goal?: Goal | undefined;
    readonly preset?: PresetName | undefined;
    readonly facts: GoalFacts;
  }): void {
    const source = sourceOf(goal, preset, facts);
    if (!source) return;
    this.#fill(source.configs, source.objectives);
    this.refusals = {};
    this.filled += 1;
    this.goal = goal;
    this.preset = preset;
    this.#planned = this.runs;
  }

  /** The settings of a run, to change some of them. */
  fillWith(config: TrainingConfig, dataset: DatasetInfo | undefined): void {
    if (dataset) this.datasetId = dataset.id;
    this.goal = undefined;
    this.preset = undefined;
    this.#planned = undefined;
    this.#fill([config], [config.objective]);
    this.refusals = {};
    this.filled += 1;
  }

  /**
   * The settings of trainings that differ in their objectives only.
   *
   * @param objectives - whose weights fill the fields, also those of models that are not chosen
   */
  #fill(configs: readonly TrainingConfig[], objectives: readonly Objective[]): void {
    const [config] = configs;
    if (!config) return;
    const { objective, decoder } = config;
    this.models = configs.map(({ objective: { model } }) => model);
    this.architecture = config.architecture;
    if (typeof config.architecture === 'object') this.ownArchitecture = config.architecture;
    this.precision = config.precision;
    const { schedule = 'constant', ...optimiser } = config.optimiser ?? {};
    this.schedule = schedule;
    this.decoder = decoder?.kind ?? 'gaussian';
    this.deviation = config.deviation;
    this.sampling = objective.sampling ?? 'weighted';
    this.condition = config.condition;
    this.isSweep = false;
    const weights = objectives.flatMap((each) =>
      weightRules(each.model).map(({ field, weight, usual }) => [field, each[weight] ?? usual] as const),
    );
    this.lists = USUAL_LISTS;
    this.values = {
      ...usualFields(),
      ...Object.fromEntries(weights),
      latentDim: config.latentDim,
      epochs: config.epochs,
      batchSize: config.batchSize,
      learningRate: config.learningRate,
      seed: config.seed,
      heldOutPercent: Number((config.heldOutFraction * 100).toPrecision(6)),
      variance: decoder?.variance ?? USUAL_SETTINGS.variance,
      ...optimiser,
    };
  }

  /** One model with what stands in the fields; as the command line writes it: what is usual is left out. */
  #config(model: ModelKind): TrainingConfig {
    const { values, sampling, condition } = this;
    const decoder = hasDecoder(model) ? this.#decoder() : undefined;
    const objective = objectiveOf(model, (field) => values[field]);
    const isStratified = hasSampling(model) && sampling !== 'weighted';
    return {
      objective: isStratified ? { ...objective, sampling } : objective,
      ...(decoder ? { decoder } : {}),
      ...(this.deviation !== undefined && isVariational({ model }) ? { deviation: this.deviation } : {}),
      ...(condition === undefined ? {} : { condition }),
      architecture: this.architecture,
      latentDim: values.latentDim,
      epochs: values.epochs,
      batchSize: values.batchSize,
      learningRate: values.learningRate,
      ...(this.optimiser ? { optimiser: this.optimiser } : {}),
      precision: this.precision,
      seed: values.seed,
      heldOutFraction: values.heldOutPercent / 100,
      checkpointEverySteps: PAPERS_SETTINGS.checkpointEverySteps,
    };
  }

  #decoder(): Decoder | undefined {
    const kind = this.decoder;
    if (!this.hasVariance) return { kind };
    const { variance } = this.values;
    return kind === 'gaussian' && variance === USUAL_SETTINGS.variance ? undefined : { kind, variance };
  }
}
