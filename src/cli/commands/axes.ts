import type { Command } from 'commander';
import { UnravelError } from '../../contract/errors.ts';
import type { Evaluation } from '../../contract/metrics.ts';
import { addCommand } from '../command.ts';
import { withModelOrCodes } from '../find.ts';
import { counted, listing, table } from '../format.ts';
import { commandHint } from '../hints.ts';
import { wholeNumber } from '../parse.ts';
import { openRunDataset } from '../run-dataset.ts';
import type { Perform, SharedOptions } from '../session.ts';
import { UsageError } from '../usage-error.ts';
import { chooseMetrics } from '../../engine/metrics/registry.ts';

interface AxesOptions extends SharedOptions {
  readonly data?: string;
  readonly metrics: readonly string[];
  readonly images?: number;
  readonly seed: number;
  readonly intervals?: true;
}

const METRICS = ['mig', 'dci', 'infoM', 'infoE', 'infoC'];

function nameList(text: string): string[] {
  const names = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (names.length === 0) throw new UsageError('--metrics must name at least one metric.');
  try {
    chooseMetrics(names);
  } catch (error) {
    if (error instanceof UnravelError) throw new UsageError(error.message, commandHint(error));
    throw error;
  }
  return names;
}

function scoreText({ metrics }: Evaluation, key: string): string {
  const { value, low, high } = metrics[key]!;
  if (value === null) return '–';
  const interval = low === null || high === null ? '' : ` (${low.toFixed(3)} to ${high.toFixed(3)})`;
  return `${value.toFixed(3)}${interval}`;
}

/** The scores of dimensions and axes side by side. */
function comparison(dimensions: Evaluation, axes: Evaluation): string[] {
  return table(
    [{ head: 'metric' }, { head: 'dimensions', align: 'right' }, { head: 'axes', align: 'right' }],
    Object.entries(dimensions.metrics).map(([key, { title }]) => [
      title,
      scoreText(dimensions, key),
      scoreText(axes, key),
    ]),
  );
}

/** `unravel axes`: finds independent axes of a run's codes, and measures them beside its dimensions. */
export function addAxesCommand(program: Command, perform: Perform): void {
  addCommand(program, 'axes <run>', {
    summary: 'find independent axes of the codes (FastICA), and measure them beside the dimensions',
    details:
      "Independent component analysis (FastICA) of the codes, in the active dimensions of a model with a posterior: axes along which the codes are as independent as possible. They are stored with the run, named after the labels that they carry, and measured by the same metrics on the same images as the run's dimensions. Works with every model, an AE included. Show them with: unravel traverse <run> --axes.",
    examples: [
      'unravel axes first',
      'unravel axes first --metrics mig,infoM --intervals --json',
      'unravel traverse first --axes --labels --out axes.gif',
    ],
  })
    .option('--data <dataset>', "the data set whose codes are used (default: the run's own)")
    .option('--metrics <list>', 'metrics for the comparison, separated by commas', nameList, METRICS)
    .option('--images <number>', 'maximum number of images (default: all)', wholeNumber({ min: 20 }))
    .option('--seed <number>', 'seed of all random numbers', wholeNumber({ min: 0 }), 0)
    .option('--intervals', 'also 95 % intervals, which takes many times longer')
    .action((run: string, options: AxesOptions) =>
      perform(options, async (session) => {
        const { workspace, reporter, signal } = session;
        const { seed, metrics } = options;
        await withModelOrCodes(session, run, async (model, latentDim) => {
          const dataset = await openRunDataset(session, model, options.data);
          if (!dataset) {
            throw new UsageError(
              "Axes need the codes of a data set, and the run's own is not in this workspace.",
              'Name one with --data.',
            );
          }
          try {
            const { findRunAxes } = await import('../../engine/axes/find-run-axes.ts');
            const { componentsOf } = await import('../../engine/axes/fast-ica.ts');
            const { evaluate } = await import('../../engine/evaluation/evaluate.ts');
            const { id, name } = dataset.info;
            const follow = {
              encoding: reporter.progress('Encoding', 'images'),
              searching: reporter.progress('Finding axes', 'steps at most'),
            };
            const { axes, indices, codes, columns } = await findRunAxes(workspace, model, dataset, {
              ...{ seed, signal },
              ...(options.images === undefined ? {} : { images: options.images }),
              onProgress: (phase, progress) => follow[phase](progress),
            });
            const { components, names } = axes;
            const measure = (values: Float32Array, width: number): Promise<Evaluation> =>
              evaluate({
                table: { codes: values, count: indices.length, latentDim: width, columns },
                metrics,
                seed,
                onlyValues: options.intervals !== true,
                signal,
                onProgress: reporter.progress('Measuring', 'steps'),
              });
            const scores = columns.length
              ? {
                  dimensions: await measure(codes.mu, latentDim),
                  axes: await measure(componentsOf(components, codes.mu), components.count),
                }
              : undefined;
            const carried = names.filter(({ column }) => column !== null);
            reporter.done(
              {
                ...{ run: model.info.id, dataset: id, images: indices.length, seed },
                ...{ axes: names, converged: components.hasConverged },
                metrics: scores && { dimensions: scores.dimensions.metrics, axes: scores.axes.metrics },
              },
              `Found ${counted(components.count, 'axis', 'axes')} in the codes of ${counted(indices.length, 'image')} of ${name} under ${model.info.name}.`,
              ...(components.hasConverged
                ? []
                : [
                    'Some directions did not settle: along them the codes are nearly Gaussian, so axes there are arbitrary.',
                  ]),
              ...(scores ? ['', ...comparison(scores.dimensions, scores.axes)] : []),
              ...(carried.length
                ? [
                    '',
                    'Axes',
                    ...listing(carried.map((one) => [`  a${one.dimension}`, one.name] as [string, string])),
                  ]
                : []),
            );
          } finally {
            await dataset.close();
          }
        });
      }),
    );
}
