import { join } from 'node:path';
import { UnravelError } from '../../src/contract/errors.ts';
import {
  ArchitectureNameSchema,
  objectiveTitle,
  type ArchitectureName,
  type ModelKind,
} from '../../src/contract/run.ts';
import { writeSafetensors } from '../../src/engine/files/safetensors.ts';
import { makeObjective } from '../../src/engine/losses/objectives.ts';
import { initialWeights } from '../../src/engine/models/weights.ts';
import { createRandom } from '../../src/engine/basics/random.ts';
import { readFaces } from '../faces.ts';
import { scratchFolder } from '../paths.ts';
import { describeMachine, table, writeResults } from '../report.ts';
import { BATCH, IMAGE_BYTES, LATENT_DIM, specFor } from '../workers/trainer.ts';
import { agrees, compare, FIRST_STEPS, judge, TOLERANCE, type Agreement } from './agreement.ts';
import { ourTerms, theirTerms, type Experiment } from './experiment.ts';

/** The options of the comparison. */
export interface EquivalenceOptions {
  readonly models: readonly ModelKind[];
  readonly architecture: ArchitectureName;
  readonly steps: number;
  readonly batch: number;
  /** The seed of the weights and the noise. */
  readonly seed: number;
}

/** The paper's models, which the PyTorch side also has. */
const MODELS = ['ae', 'vae', 'beta-vae', 'beta-tcvae'] as const satisfies readonly ModelKind[];
const ARCHITECTURES = ArchitectureNameSchema.options;

function oneOf<T extends string>(text: string, choices: readonly T[], what: string): T {
  const found = choices.find((choice) => choice === text);
  if (found !== undefined) return found;
  throw new UnravelError('bad-input', `There is no ${what} "${text}".`, {
    hint: `There are ${choices.join(', ')}.`,
  });
}

/** Fills in the defaults. @throws UnravelError `bad-input` for an unknown model or architecture */
export function parseEquivalence(given: {
  readonly models: string | undefined;
  readonly architecture: string | undefined;
  readonly steps: number | undefined;
  readonly batch: number | undefined;
  readonly seed: number | undefined;
}): EquivalenceOptions {
  return {
    models: given.models?.split(',').map((model) => oneOf(model, MODELS, 'model')) ?? MODELS,
    architecture: oneOf(given.architecture ?? 'paper', ARCHITECTURES, 'architecture'),
    steps: given.steps ?? 50,
    batch: given.batch ?? BATCH,
    seed: given.seed ?? 1,
  };
}

/** Makes the images and the noise of every step, which all models share. */
async function writeBatches({
  steps,
  batch,
  seed,
}: EquivalenceOptions): Promise<Omit<Experiment, 'weights' | 'spec' | 'objective'> & { source: string }> {
  const { images, source } = readFaces(steps * batch);
  const noise = createRandom(seed, 'equivalence noise').fillNormal(
    new Float32Array(steps * batch * LATENT_DIM),
  );
  const batchesFile = join(scratchFolder(), 'batches.safetensors');
  await writeSafetensors(
    batchesFile,
    new Map<string, { shape: number[]; data: Uint8Array | Float32Array }>([
      ['images', { shape: [steps, batch, 64, 64, 3], data: images }],
      ['noise', { shape: [steps, batch, LATENT_DIM], data: noise }],
    ]),
  );
  return {
    images,
    noise,
    batch,
    steps,
    batchesFile,
    imageBytes: IMAGE_BYTES,
    datasetSize: 7600,
    source,
  };
}

const percent = (value: number): string => `${(100 * value).toPrecision(2)} %`;

function verdictOf(one: Agreement): string {
  if (!agrees(one)) return 'DIFFERS';
  if (!one.rounding) return 'agrees';
  const { ours, theirs } = one.rounding;
  return `agrees within rounding: from float64 ours ${percent(ours)}, PyTorch ${percent(theirs)}`;
}

function agreementTable(agreements: readonly Agreement[]): string {
  const head = [
    'model',
    'term',
    'first',
    'last: ours',
    'PyTorch',
    `apart in 1–${FIRST_STEPS}`,
    'in all',
    'verdict',
  ];
  return table([
    head,
    ...agreements.map((one) => [
      objectiveTitle(one.model),
      one.term,
      one.ours[0]!.toFixed(3),
      one.ours.at(-1)!.toFixed(3),
      one.theirs.at(-1)!.toFixed(3),
      percent(one.apartFirst),
      percent(one.apart),
      verdictOf(one),
    ]),
  ]);
}

/**
 * Trains models here and in PyTorch from the same weights, batches and noise, and compares every term of the loss
 * at every step.
 *
 * @returns 0, or 1 where they differ by more than the tolerance
 */
export async function checkEquivalence(
  options: EquivalenceOptions,
  log: (line: string) => void,
): Promise<number> {
  const { source, ...batches } = await writeBatches(options);
  const agreements: Agreement[] = [];
  for (const model of options.models) {
    const objective = makeObjective(model, {});
    const spec = specFor(objective, options.architecture);
    const experiment = { ...batches, objective, spec, weights: initialWeights(spec, options.seed) };
    log(`equivalence: ${objectiveTitle(model)} (${options.architecture}), ${options.steps} steps in PyTorch`);
    const theirs = await theirTerms(experiment);
    log(`equivalence: ${objectiveTitle(model)} (${options.architecture}), ${options.steps} steps here`);
    const found = compare(model, ourTerms(experiment), theirs);
    if (found.every(agrees)) {
      agreements.push(...found);
      continue;
    }
    log(`equivalence: ${objectiveTitle(model)} differs; asking PyTorch in float64 who is right`);
    agreements.push(...judge(found, await theirTerms(experiment, 'float64')));
  }
  const path = writeResults(`equivalence-${options.architecture}.json`, {
    version: 1,
    made: new Date().toISOString(),
    ...options,
    source,
    tolerance: TOLERANCE,
    machine: await describeMachine(),
    agreements,
  });
  const differ = agreements.filter((one) => !agrees(one));
  const allowed = `Allowed: ${percent(TOLERANCE.first)} of max(|term|, 1 nat) in steps 1–${FIRST_STEPS}, ${percent(TOLERANCE.all)} after.`;
  const conclusion =
    differ.length === 0 ? 'All terms agree.' : `${differ.length} of ${agreements.length} terms differ.`;
  process.stdout.write(
    `\n${agreementTable(agreements)}\n\n${options.architecture}, batch ${options.batch}, ${options.steps} steps, ${source}. ${allowed}\n${conclusion} Everything: ${path}\n`,
  );
  return differ.length === 0 ? 0 : 1;
}
