import { parseArgs } from 'node:util';
import { UnravelError } from '../src/contract/errors.ts';
import { benchmarkApp } from './benchmarks/app.ts';
import { benchmarkDecoding } from './benchmarks/decoding.ts';
import { benchmarkDispatch } from './benchmarks/dispatch.ts';
import { benchmarkImport } from './benchmarks/importing.ts';
import { benchmarkLarge } from './benchmarks/large.ts';
import { benchmarkMig } from './benchmarks/mig.ts';
import { benchmarkQuality } from './benchmarks/quality.ts';
import { benchmarkTraining } from './benchmarks/training.ts';
import type { Context } from './context.ts';
import { ensurePython } from './environment.ts';
import { checkEquivalence, parseEquivalence } from './equivalence/check.ts';
import { verdict, type Outcome } from './figures.ts';
import { checkInterchange } from './interchange/check.ts';
import { calmness, describeMachine, figureTable, writeResults } from './report.ts';

const benchmarks: Readonly<Record<string, (context: Context) => Promise<Outcome>>> = {
  train: benchmarkTraining,
  dispatch: benchmarkDispatch,
  quality: benchmarkQuality,
  import: benchmarkImport,
  decode: benchmarkDecoding,
  mig: benchmarkMig,
  large: benchmarkLarge,
  app: benchmarkApp,
};

/** Benchmarks that have no peer in Python. */
const alone: readonly string[] = ['app'];

const HELP = `Usage: npm run bench -- [benchmark …] [options]
       npm run bench -- equivalence [options]
       npm run bench -- interchange

Benchmarks: ${Object.keys(benchmarks).join(', ')}. Without a name: all of them.

  --only <names>    the same as naming them, separated by commas
  --rounds <n>      rounds of alternating turns (default: each benchmark's own, 5 or 6)
  --quick           a turn or two of each, without "large": shows that it runs, not how fast it is
  --large           with --quick: "large" all the same

Equivalence with PyTorch, step by step:
  --models <names>       ae,vae,beta-vae,beta-tcvae (default: all)
  --architecture <name>  paper (default) or burgess
  --steps <n>            default 50
  --batch <n>            default 128
  --seed <n>             of the weights and the noise, default 1

Interchange: models and codes that Unravel writes are read by Python's onnxruntime, PyTorch, pyarrow, pandas and
anndata, and codes that they write are imported. It has no options.

Example: npm run bench -- train decode --rounds 3
Results: a table here, everything in bench/results. What the numbers mean: bench/README.md.
`;

function log(line: string): void {
  process.stderr.write(`${line}\n`);
}

function wrongUsage(message: string): UnravelError {
  return new UnravelError('bad-input', message, { hint: 'npm run bench -- --help lists what there is.' });
}

/** A whole number of at least 1, or undefined where the option was not given. */
function count(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw wrongUsage(`--${name} takes a number from 1 on, not "${text}".`);
  return value;
}

async function runBenchmarks(names: readonly string[], context: Context): Promise<number> {
  const unknown = names.find((name) => !(name in benchmarks));
  if (unknown !== undefined) throw wrongUsage(`There is no benchmark "${unknown}".`);
  if (names.some((name) => !alone.includes(name))) await ensurePython(log);
  const outcomes: Outcome[] = [];
  const parts: Record<string, Outcome> = {};
  for (const name of names) {
    const outcome = await benchmarks[name]!(context);
    outcomes.push(outcome);
    parts[name] = outcome;
  }
  const figures = outcomes.flatMap((outcome) => outcome.figures);
  const path = writeResults('latest.json', {
    version: 1,
    made: new Date().toISOString(),
    quick: context.quick,
    machine: await describeMachine(),
    figures: figures.map((figure) => ({ ...figure, verdict: verdict(figure) })),
    parts,
  });
  const notes = [...outcomes.flatMap((outcome) => outcome.notes ?? []), calmness(outcomes)];
  process.stdout.write(`\n${figureTable(figures)}\n\n${notes.join('\n')}\nEverything: ${path}\n`);
  return figures.some((figure) => verdict(figure) === 'floor broken') ? 1 : 0;
}

async function run(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h' },
      only: { type: 'string' },
      rounds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      large: { type: 'boolean', default: false },
      models: { type: 'string' },
      architecture: { type: 'string' },
      steps: { type: 'string' },
      batch: { type: 'string' },
      seed: { type: 'string' },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const named = [...positionals, ...(values.only?.split(',') ?? [])];
  if (named.includes('equivalence')) {
    if (named.length > 1) throw wrongUsage('Run equivalence by itself: it is a check, not a time.');
    const options = parseEquivalence({
      models: values.models,
      architecture: values.architecture,
      steps: count('steps', values.steps),
      batch: count('batch', values.batch),
      seed: count('seed', values.seed),
    });
    await ensurePython(log);
    return checkEquivalence(options, log);
  }
  if (named.includes('interchange')) {
    if (named.length > 1) throw wrongUsage('Run interchange by itself: it is a check, not a time.');
    await ensurePython(log);
    return checkInterchange(log);
  }
  const { quick, large } = values;
  const all = Object.keys(benchmarks).filter((name) => name !== 'large' || large || !quick);
  const names = named.length > 0 ? [...new Set(named)] : all;
  return runBenchmarks(names, { quick, rounds: count('rounds', values.rounds), log });
}

/**
 * Runs the requested benchmarks.
 *
 * @returns the exit code: 0, 1 where a floor was broken or something failed, 2 for wrong usage
 */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    return await run(argv);
  } catch (error) {
    const isUsage =
      error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
    if (!(error instanceof UnravelError) && !isUsage) throw error;
    log(error.message);
    if (error instanceof UnravelError && error.hint !== undefined) log(error.hint);
    return isUsage || (error instanceof UnravelError && error.code === 'bad-input') ? 2 : 1;
  }
}
