import { join, parse } from 'node:path';
import type { Command } from 'commander';
import { UnravelError } from '../../contract/errors.ts';
import type { TrainingEvent } from '../../contract/run.ts';
import type { TrialStart } from '../../engine/sweeps/run-sweep.ts';
import type { TrialResult } from '../../engine/sweeps/trial-result.ts';
import type { Trial } from '../../engine/sweeps/trials.ts';
import { addCommand, RAW_CSV } from '../command.ts';
import { followEvaluation } from '../evaluation-progress.ts';
import { FailureWithIds } from '../failure.ts';
import { findDataset } from '../find.ts';
import { counted, whole } from '../format.ts';
import type { Reporter } from '../output.ts';
import type { Perform, SharedOptions } from '../session.ts';

interface SweepCommandOptions extends SharedOptions {
  readonly out?: string;
  readonly rawCsv?: boolean;
}

const STARTS: Readonly<Record<TrialStart, string>> = {
  known: 'already trained',
  resumed: 'continuing from its checkpoint',
  new: 'training',
};

/** Shows the progress of a sweep's trainings. */
function followTrainings(reporter: Reporter): (event: TrainingEvent) => void {
  const show = reporter.progress('Training', 'steps');
  let total = 0;
  return (event) => {
    if (event.event === 'started') total = event.steps;
    if (event.event === 'warning') reporter.remark(event.message);
    if (event.event !== 'step') return;
    const { step: done, secondsLeft } = event;
    show({ done, total, rate: secondsLeft ? (total - done) / secondsLeft : 0, secondsLeft });
  };
}

/** The result of a trial, for scripts. */
function trialFields({ trial, run, failure, measures }: TrialResult): object {
  const { name, axes, beta, seed, config } = trial;
  return {
    ...{ run, name, title: trial.model, model: config.objective.model, axes, beta, seed, failure },
    measures: Object.fromEntries(
      measures.map(({ key, value, low, high }) => [key, { value, low, high }] as const),
    ),
  };
}

/** The error of a sweep in which every training failed. */
function allFailed(
  failed: readonly TrialResult[],
  file: string,
  { out, files }: { readonly out: string; readonly files: readonly string[] },
): FailureWithIds {
  const [{ failure } = { failure: null }] = failed;
  const which =
    failed.length === 1 ? 'The only training failed' : `All ${whole(failed.length)} trainings failed`;
  const error = new UnravelError('diverged', `${which}: ${failure ?? ''}`, {
    hint: `The tables in ${out} say why each failed. Change ${file} and start the sweep again.`,
  });
  return new FailureWithIds(error, {
    ...{ trials: failed.length, failed: failed.length },
    ...{ failedTrials: failed.map(({ trial }) => trial.name), out, files },
  });
}

/** `unravel sweep`: trains and measures models × axes × β × seeds. */
export function addSweepCommand(program: Command, perform: Perform): void {
  addCommand(program, 'sweep <file>', {
    summary:
      'train and measure models with several weights, settings and seeds, and draw metrics against them',
    details:
      'The file is JSON: {"dataset": "faces", "models": ["vae", "beta-vae", "beta-tcvae"], "betas": [1, 4, 16], ' +
      '"seeds": [1, 2, 3], "metrics": ["mig", "dci", "elbo"], "config": {"architecture": "burgess", "latentDim": 10, ' +
      '"epochs": 10}}. A model may be an object with weights of its own. "axes" has values of any setting of the config, such as ' +
      '{"latentDim": [2, 4, 8, 16], "optimiser.clipNorm": [1, 10]}: every model is trained at every point of their grid, ' +
      'and "against" says what the plots are drawn against (the first axis of numbers, or "beta"). Where "latentDim" is an ' +
      'axis, a plot and a sentence say how many dimensions are enough. Tables (CSV and Markdown) are written after ' +
      'each training, plots (PNG, SVG, PDF) at the end. Models of several seeds are also compared with each other, which ' +
      'needs no labels ("udr" in "metrics"): UDR, and in stability.csv how well the other seeds find each dimension again. Started again it continues: what is already trained ' +
      'and measured is not repeated. Failed trainings are listed; if all fail, the exit code is 1.',
    examples: ['unravel sweep sweep.json', 'unravel sweep sweep.json --out results'],
  })
    .option(
      '--out <folder>',
      "the folder for tables and plots (default: a folder of the file's name beside it)",
    )
    .option('--raw-csv', RAW_CSV)
    .action((file: string, options: SweepCommandOptions) =>
      perform(options, async (session) => {
        const { reporter, signal, workspace } = session;
        const { dir, name } = parse(file);
        const out = options.out ?? join(dir, name);
        const { plottedAgainst, readSweep } = await import('../../engine/sweeps/sweep-file.ts');
        const { runSweep } = await import('../../engine/sweeps/run-sweep.ts');
        const { writeSweepTables, summaryTable } = await import('../../engine/sweeps/sweep-tables.ts');
        const { dimensionsFigure, sweepFigure } = await import('../../engine/sweeps/sweep-figure.ts');
        const { writeFigures } = await import('../../engine/figures/figure-files.ts');
        const sweep = await readSweep(file);
        const dataset = await findDataset(session, sweep.dataset);
        try {
          let files: string[] = [];
          const onTrial = (trial: Trial, place: number, trials: number, start: TrialStart): void => {
            reporter.say(`${place + 1} of ${trials}: ${trial.name}, ${STARTS[start]}`);
          };
          const results = await runSweep(workspace, dataset, sweep, {
            signal,
            onTrial,
            onTraining: followTrainings(reporter),
            onEvaluating: followEvaluation(reporter),
            onResult: async (result, all) => {
              reporter.event('trial', trialFields(result));
              if (result.failure !== null) reporter.say(`  ${result.failure}`);
              files = await writeSweepTables(out, all, { isRaw: options.rawCsv ?? false });
            },
          }).catch((error: unknown) => {
            if (!(error instanceof UnravelError) || error.code !== 'cancelled') throw error;
            const stopped = new UnravelError(
              'cancelled',
              'The sweep was stopped. Its trained models are kept.',
              {
                hint: `Continue it with: unravel sweep ${file}`,
                cause: error,
              },
            );
            throw new FailureWithIds(stopped, { out, resumable: true });
          });
          files = await writeSweepTables(out, results, { isRaw: options.rawCsv ?? false });
          const figures = [
            sweepFigure(results, dataset.info.name, plottedAgainst(sweep)),
            dimensionsFigure(results, dataset.info.name),
          ].filter((figure) => figure !== undefined);
          if (figures.length) files = [...files, ...(await writeFigures(out, figures))];
          const failed = results.filter(({ failure }) => failure !== null);
          const lines = ['', ...summaryTable(results).split('\n')];
          if (failed.length === results.length) {
            reporter.say(...lines);
            throw allFailed(failed, file, { out, files });
          }
          const left = failed.length ? `, and ${failed.length} failed` : '';
          reporter.done(
            {
              ...{ dataset: dataset.info.id, trials: results.length, failed: failed.length },
              ...{ failedTrials: failed.map(({ trial }) => trial.name), out, files },
            },
            ...lines,
            `Measured ${counted(results.length - failed.length, 'model')}${left}; tables and plots are in ${out}.`,
          );
        } finally {
          await dataset.close();
        }
      }),
    );
}
