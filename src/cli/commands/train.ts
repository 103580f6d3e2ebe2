import { Option, type Command } from 'commander';
import {
  DecoderKindSchema,
  descriptorOf,
  modelKinds,
  objectiveTitle,
  PrecisionSchema,
  SamplingSchema,
  suggestedOptimiser,
  weightEntries,
  weightNames,
  type RunInfo,
  type WeightName,
} from '../../contract/run.ts';
import { DeviationSchema } from '../../contract/deviation.ts';
import { describePreset, PresetNameSchema, type PresetName } from '../../contract/presets.ts';
import { ScheduleSchema } from '../../contract/optimiser.ts';
import { describeGoal, GoalSchema, type Goal } from '../../contract/goals/goal.ts';
import { suggestionWords } from '../../contract/objectives/descriptor.ts';
import { weightText } from '../../contract/objectives/formula.ts';
import { heldOutRole } from '../../contract/training-length.ts';
import { addCommand } from '../command.ts';
import { readArchitecture } from '../own-architecture.ts';
import type { Planned } from '../plan-trainings.ts';
import { describeLength, fewStepsWarning } from '../describe-plan.ts';
import { describeConfig, describeObjective } from '../describe-run.ts';
import { findDataset } from '../find.ts';
import { counted, whole } from '../format.ts';
import { decimalNumber, wholeNumber } from '../parse.ts';
import type { Perform, SharedOptions } from '../session.ts';
import { followTraining, reportAllTrained, reportTrained, TENSORBOARD } from '../training-outcome.ts';
import { UsageError } from '../usage-error.ts';
import {
  goalPlanner,
  presetPlanner,
  trainingConfig,
  weightOption,
  type TrainingChoices,
} from '../training-config.ts';

interface TrainOptions extends SharedOptions, Omit<TrainingChoices, 'architecture'> {
  readonly architecture?: string;
  readonly dryRun?: boolean;
  readonly goal?: Goal;
  readonly preset?: PresetName;
  readonly name?: string;
  readonly tensorboard?: string;
}

/** The option of a weight, with its meaning and default for each model that has it. */
function describeWeight(name: WeightName): { flags: string; description: string } {
  const owners = modelKinds().flatMap((model) => {
    const entry = weightEntries(model).find(([each]) => each === name);
    return entry ? [{ model, weight: entry[1] }] : [];
  });
  const meanings = [...new Set(owners.map(({ weight }) => weight.meaning))].map((meaning) => {
    const models = owners
      .filter(({ weight }) => weight.meaning === meaning)
      .map(({ model, weight }) => `${model}: ${weight.defaultText ?? weightText(weight.default)}`);
    return `${meaning} (${models.join(', ')})`;
  });
  const suggestions = owners.flatMap(({ model, weight }) => {
    const words = suggestionWords(weight);
    return words ? [`published for ${model}: ${words}`] : [];
  });
  const value = owners[0]!.weight.kind;
  return { flags: `${weightOption(name)} <${value}>`, description: [...meanings, ...suggestions].join('; ') };
}

/** The models that come with a weight decay. */
function decayDefaults(): string {
  return modelKinds()
    .flatMap((model) => {
      const decay = suggestedOptimiser(model)?.weightDecay;
      return decay === undefined ? [] : [`${model}: ${decay}`];
    })
    .join(', ');
}

/** What a goal is for and how long it takes, for the help. */
function goalTime(goal: Goal): string {
  const { summary, budgetSeconds } = describeGoal(goal);
  return budgetSeconds === undefined ? summary : `${summary}, about ${budgetSeconds / 60} min`;
}

/** What a preset is, for the help. */
function presetFacts(name: PresetName): string {
  const { title, steps, objectives } = describePreset(name);
  return `${title}, ${whole(steps)} steps, ${objectives.map(({ model }) => model).join(', ')}`;
}

/** `unravel train`: trains a model on a data set. */
export function addTrainCommand(program: Command, perform: Perform): void {
  const goals = GoalSchema.options.map((goal) => `${goal}: ${goalTime(goal)}`).join('; ');
  const presets = PresetNameSchema.options.map((name) => `${name}: ${presetFacts(name)}`).join('; ');
  const command = addCommand(program, 'train <dataset>', {
    summary: 'train a model on a data set',
    details:
      "With --goal, settings are chosen for these images and this processor, whose speed is measured first; every option replaces what the goal would choose. Without it, the defaults are the paper's, or with --preset those of another publication: the paper's architecture, 32 dimensions, 30 epochs, batches of 128. Ctrl-C writes a checkpoint, from which unravel resume continues. SIGTERM, closing the terminal, and closing the output (unravel train … | head) do the same.",
    examples: [
      'unravel train photos --goal quick',
      'unravel train celeba --model vae',
      'unravel train dsprites --preset dsprites-locatello --model factor-vae',
      'unravel train faces --model beta-tcvae --beta 6 --architecture burgess --latent 10 --epochs 20',
    ],
  })
    .addOption(new Option('--goal <goal>', `what the training is for (${goals})`).choices(GoalSchema.options))
    .addOption(
      new Option('--preset <name>', `settings as published (${presets})`).choices(PresetNameSchema.options),
    )
    .addOption(
      new Option('--model <model>', "the objective (default: the goal's; needed without a goal)").choices(
        modelKinds(),
      ),
    );
  for (const name of weightNames()) {
    const { flags, description } = describeWeight(name);
    command.option(flags, description, decimalNumber());
  }
  const sampling = modelKinds().filter((model) => descriptorOf(model).samplesAggregatePosterior);
  command
    .addOption(
      new Option(
        '--sampling <kind>',
        `how q(z) is estimated from a batch (${sampling.join(', ')}; default: weighted)`,
      ).choices(SamplingSchema.options),
    )
    .addOption(
      new Option(
        '--decoder <kind>',
        "the distribution around the decoder's pictures (default: gaussian)",
      ).choices(DecoderKindSchema.options),
    )
    .option(
      '--variance <number>',
      'variance of that distribution, for pixels from 0 to 1 (gaussian and laplace; default: 0.5)',
      decimalNumber(),
    )
    .addOption(
      new Option(
        '--deviation <kind>',
        "how the posterior's standard deviation follows from s, the second half of what the encoder gives: exp: exp(s/2), as in the paper's text; softplus: softplus(exp(s)), as in the paper's program, whose models it is there to repeat (default: exp)",
      ).choices(DeviationSchema.options),
    )
    .option(
      '--condition <column>',
      'train a conditional model: encoder and decoder get this label or factor of each image',
    )
    .option(
      '--architecture <name>',
      "paper: the paper's; burgess: Burgess et al.'s smaller one; residual: residual blocks, which become sharper; or a JSON file with layers of your own (default: paper)",
    )
    .option('--latent <dimensions>', 'size of the latent space (default: 32)', wholeNumber())
    .option('--epochs <number>', 'number of passes over all images (default: 30)', wholeNumber())
    .option('--batch <images>', 'images per step (default: 128)', wholeNumber())
    .option('--lr <rate>', "Adam's learning rate (default: 0.0001)", decimalNumber())
    .addOption(
      new Option(
        '--schedule <kind>',
        'how the learning rate changes: cosine lets it fall to 0 by the last step (default: constant)',
      ).choices(ScheduleSchema.options),
    )
    .option('--lr-warm-up <steps>', 'steps over which the learning rate rises from 0', wholeNumber())
    .option(
      '--clip-norm <norm>',
      'scale gradients down whose norm, of all together, is larger',
      decimalNumber(),
    )
    .option(
      '--weight-decay <part>',
      `part of each filter and matrix that is taken away at every step, times the learning rate (${decayDefaults()}; 0 for none)`,
      decimalNumber(),
    )
    .option(
      '--average <decay>',
      'evaluate the moving average of the weights, with this decay, such as 0.999',
      decimalNumber(),
    )
    .addOption(
      new Option(
        '--precision <kind>',
        'mixed computes the networks in bfloat16, which is faster on processors that support it (default: full)',
      ).choices(PrecisionSchema.options),
    )
    .option('--seed <number>', 'the same seed gives the same run (default: 1)', wholeNumber())
    .option(
      '--held-out <part>',
      'fraction of the images that is not trained on, but used for measuring (default: 0.05)',
      decimalNumber(),
    )
    .option(
      '--checkpoint-every <steps>',
      'also write a checkpoint each time this number of steps is done',
      wholeNumber(),
    )
    .option('--name <name>', "the run's name (default: the model's and the data's)")
    .option('--tensorboard <folder>', TENSORBOARD)
    .option('--dry-run', 'only say what would be trained: its layers, weights, steps and time')
    .action(
      (data: string, { name, goal, preset, tensorboard, architecture, dryRun, ...given }: TrainOptions) =>
        perform(given, async (session) => {
          const options: TrainingChoices = {
            ...given,
            ...(architecture === undefined ? {} : { architecture: await readArchitecture(architecture) }),
          };
          if (goal !== undefined && preset !== undefined) {
            throw new UsageError('--goal and --preset both choose the settings.', 'Leave one of them out.');
          }
          const planner = goal === undefined ? undefined : goalPlanner(goal, options);
          const published = preset === undefined ? undefined : presetPlanner(preset, options);
          const ownConfig = planner || published ? undefined : trainingConfig(options);
          const { reporter, workspace, signal } = session;
          const dataset = await findDataset(session, data);
          try {
            const { planTrainings } = await import('../plan-trainings.ts');
            const planned: readonly Planned[] = planner
              ? await planTrainings(session, dataset, planner, { hasEpochs: options.epochs !== undefined })
              : [{ config: published?.(dataset.info) ?? ownConfig! }];
            if (preset !== undefined) {
              const { title, source } = describePreset(preset);
              reporter.say(`Settings as published: ${title} (${source}).`);
            }
            if (dryRun) {
              const { describeDryRun } = await import('../dry-run.ts');
              await describeDryRun(session, dataset, planned);
              return;
            }
            const { splitDataset } = await import('../../engine/data/split.ts');
            const { train } = await import('../../engine/training/train.ts');
            const done: RunInfo[] = [];
            for (const { config } of planned) {
              const split = await splitDataset(dataset, config.heldOutFraction);
              reporter.say(
                `Training ${describeObjective(config.objective)} on ${dataset.info.name}: ` +
                  `${counted(split.train.length, 'image')}, ${whole(split.heldOut.length)} more held out${dataset.info.split ? `, which its own split (${dataset.info.split.column}) has for ${heldOutRole(dataset.info.split)}` : ''}.`,
                `It has the ${describeConfig(config)}.`,
                `${describeLength(dataset.info, config)}.`,
              );
              const warning = fewStepsWarning(dataset.info, config);
              if (warning !== undefined) {
                reporter.event('warning', { message: warning });
                reporter.say(warning);
              }
              const ownName =
                name === undefined || planned.length === 1
                  ? name
                  : `${name}, ${objectiveTitle(config.objective.model)}`;
              done.push(
                await followTraining(
                  reporter,
                  config,
                  (onEvent) =>
                    train(workspace, dataset, config, {
                      ...{ signal, onEvent },
                      ...(ownName === undefined ? {} : { name: ownName }),
                    }),
                  tensorboard,
                ),
              );
            }
            if (done.length === 1) await reportTrained(session, done[0]!);
            else await reportAllTrained(session, done);
          } finally {
            await dataset.close();
          }
        }),
    );
}
