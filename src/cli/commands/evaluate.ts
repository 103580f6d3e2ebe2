import { Option, type Command } from 'commander';
import { UnravelError } from '../../contract/errors.ts';
import type { ElboDecomposition, Evaluation } from '../../contract/metrics.ts';
import { METRICS, chooseMetrics } from '../../engine/metrics/registry.ts';
import { addCommand } from '../command.ts';
import { describeDecomposition, describeDimensions, describeScores } from '../describe-evaluation.ts';
import { withModelOrCodes } from '../find.ts';
import { followEvaluation } from '../evaluation-progress.ts';
import { counted } from '../format.ts';
import { wholeNumber } from '../parse.ts';
import { openRunDataset } from '../run-dataset.ts';
import type { Perform, Session, SharedOptions } from '../session.ts';
import { commandHint } from '../hints.ts';
import { UsageError } from '../usage-error.ts';

interface EvaluateOptions extends SharedOptions {
  readonly table?: string;
  readonly data?: string;
  readonly metrics?: readonly string[];
  readonly images?: number;
  readonly seed: number;
  readonly onlyValues?: true;
}

/** The name in `--metrics` that asks for the decomposition of the ELBO. */
const ELBO = 'elbo';
/** The names for `--metrics`: the score's key for a metric with one score, the metric's id for others. */
const names = METRICS.map(({ id, scores }) => (scores.length === 1 ? scores[0]!.key : id));

function nameList(text: string): string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/** Refuses an unknown metric before anything is computed. */
function checkNames(metrics: readonly string[] | undefined): void {
  if (metrics?.length === 0) throw new UsageError('--metrics must name at least one metric.');
  try {
    chooseMetrics(metrics?.filter((name) => name.toLowerCase() !== ELBO));
  } catch (error) {
    if (error instanceof UnravelError) throw new UsageError(error.message, commandHint(error));
    throw error;
  }
}

/** Reports the result: everything for scripts, tables for people. */
function report(
  { reporter }: Session,
  ids: object,
  sentence: string,
  evaluation: Evaluation | null,
  decomposition: ElboDecomposition | null,
  axes?: Evaluation,
): void {
  const { metrics = {}, dimensionNames = [], factors = [], notes = [] } = evaluation ?? {};
  reporter.done(
    { ...ids, factors, notes, metrics, dimensionNames, decomposition, axes: axes?.metrics },
    sentence,
    ...(evaluation ? ['', ...describeScores(evaluation), ...describeDimensions(evaluation)] : []),
    ...(axes ? ['', 'Independent axes of the codes', ...describeScores(axes)] : []),
    ...(decomposition ? describeDecomposition(decomposition) : []),
  );
}

async function evaluateTable(session: Session, path: string, options: EvaluateOptions): Promise<void> {
  const { metrics, seed, onlyValues = false } = options;
  const { reporter, signal } = session;
  if (metrics?.some((name) => name.toLowerCase() === ELBO)) {
    throw new UsageError(
      `--metrics ${ELBO} needs a model's posteriors, and a table has codes only.`,
      'Name a run.',
    );
  }
  const { readCodeTable } = await import('../../engine/evaluation/read-table.ts');
  const { evaluate } = await import('../../engine/evaluation/evaluate.ts');
  const codes = await readCodeTable(path);
  const evaluation = await evaluate({
    table: codes,
    seed,
    onlyValues,
    signal,
    onProgress: reporter.progress('Measuring', 'steps'),
    ...(metrics ? { metrics } : {}),
  });
  const { images, latentDim, factors } = evaluation;
  report(
    session,
    { table: path, images, latentDim, seed },
    `Scored ${counted(images, 'code')} of ${counted(latentDim, 'dimension')} by ${counted(factors.length, 'factor')}.`,
    evaluation,
    null,
  );
}

async function evaluateRun(session: Session, run: string, options: EvaluateOptions): Promise<void> {
  const { metrics, seed, data, images: most, onlyValues = false } = options;
  const { reporter, signal } = session;
  await withModelOrCodes(session, run, async (model, latentDim) => {
    const { evaluateRunAndAxes } = await import('../../engine/axes/evaluate-axes.ts');
    const dataset = await openRunDataset(session, model, data);
    if (!dataset) {
      throw new UsageError(
        "Evaluating needs a data set, and the run's own is not in this workspace.",
        'Name one with --data.',
      );
    }
    try {
      const measured = await evaluateRunAndAxes(session.workspace, model, dataset, {
        seed,
        onlyValues,
        signal,
        onProgress: followEvaluation(reporter),
        onAxesProgress: reporter.progress('Measuring the axes', 'steps'),
        ...(metrics ? { metrics } : {}),
        ...(most === undefined ? {} : { images: most }),
      });
      const { evaluation, decomposition, images, axes } = measured;
      const by = evaluation
        ? ` by ${counted(evaluation.factors.length, 'label or factor', 'labels or factors')}`
        : '';
      const only =
        !evaluation && metrics === undefined
          ? ' It has no labels or factors, so only the ELBO was measured.'
          : '';
      report(
        session,
        {
          ...{ run: model.info.id, step: 'step' in model ? model.step : model.info.step },
          ...{ dataset: dataset.info.id, images, latentDim, seed },
        },
        `Evaluated ${model.info.name} on ${counted(images, 'image')} of ${dataset.info.name}${by}.${only}`,
        evaluation,
        decomposition,
        axes,
      );
    } finally {
      await dataset.close();
    }
  });
}

/** `unravel evaluate`: measures how well a code separates factors. */
export function addEvaluateCommand(program: Command, perform: Perform): void {
  addCommand(program, 'evaluate [run]', {
    summary: 'measure how well a code separates factors (disentanglement)',
    details: `Scores the posterior's means by the data set's labels and factors, with 95 % intervals and two baselines: shuffled labels, and an untrained encoder. Also decomposes the ELBO, and scores the axes that unravel axes has found, on all images.\n\nMetrics: ${[...names, ELBO].join(', ')}.`,
    examples: [
      'unravel evaluate first',
      'unravel evaluate first --metrics mig,dci,elbo --images 5000 --json',
      'unravel evaluate --table codes.safetensors',
    ],
  })
    .addOption(
      new Option(
        '--table <file>',
        'a .safetensors of any program with the tensors "codes" and "factors" (or codes_train, codes_test, factors_train, factors_test)',
      ).conflicts(['data', 'images']),
    )
    .option('--data <dataset>', "a data set with labels or factors (default: the run's own)")
    .option('--metrics <list>', 'compute only these metrics, separated by commas', nameList)
    .option('--images <number>', 'maximum number of images (default: all)', wholeNumber({ min: 10 }))
    .option('--seed <number>', 'seed of all random numbers', wholeNumber({ min: 0 }), 0)
    .option('--only-values', 'leave out intervals and baselines, which is many times faster')
    .action((run: string | undefined, options: EvaluateOptions) =>
      perform(options, async (session) => {
        const { table, metrics } = options;
        checkNames(metrics);
        if (run !== undefined && table !== undefined) {
          throw new UsageError(`Name a run or a --table, not both: ${run} and ${table}.`);
        }
        if (table !== undefined) await evaluateTable(session, table, options);
        else if (run !== undefined) await evaluateRun(session, run, options);
        else throw new UsageError('Name a run, or a file with --table.');
      }),
    );
}
