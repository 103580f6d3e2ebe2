import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import * as v from 'valibot';
import { UnravelError } from '../../src/contract/errors.ts';
import { architectureName } from '../../src/contract/architecture.ts';
import type { Objective } from '../../src/contract/run.ts';
import { writeSafetensors } from '../../src/engine/files/safetensors.ts';
import type { ModelSpec } from '../../src/engine/models/architecture.ts';
import type { Weights } from '../../src/engine/models/weights.ts';
import { pythonCommand } from '../environment.ts';
import { scratchFolder } from '../paths.ts';
import { Trainer } from '../workers/trainer.ts';
import type { Terms } from './agreement.ts';

/** A training with all its random numbers. */
export interface Experiment {
  readonly objective: Objective;
  readonly spec: ModelSpec;
  readonly weights: Weights;
  readonly steps: number;
  readonly batch: number;
  /** `[steps, batch, 64, 64, 3]`, bytes. */
  readonly images: Uint8Array;
  readonly imageBytes: number;
  /** ε, `[steps, batch, latentDim]`. */
  readonly noise: Float32Array;
  /** N of minibatch weighted sampling. */
  readonly datasetSize: number;
  /** Images and noise as a file. */
  readonly batchesFile: string;
}

/** The terms of every step here, in float32. */
export function ourTerms(experiment: Experiment): Terms[] {
  const { objective, spec, weights, steps, batch, images, imageBytes, noise, datasetSize } = experiment;
  const trainer = new Trainer(spec, objective, { weights, datasetSize });
  const [imagesPerStep, noisePerStep] = [batch * imageBytes, batch * spec.shape.latentDim];
  const terms: Terms[] = [];
  for (let step = 0; step < steps; step++) {
    const { loss } = trainer.step(
      images.subarray(step * imagesPerStep, (step + 1) * imagesPerStep),
      noise.subarray(step * noisePerStep, (step + 1) * noisePerStep),
    );
    terms.push({ total: loss.total, ...loss.terms });
  }
  trainer.dispose();
  return terms;
}

const TermsSchema = v.record(v.string(), v.number());

/** The terms of every step in PyTorch. @throws UnravelError with the script's last output when it fails */
export async function theirTerms(
  experiment: Experiment,
  precision: 'float32' | 'float64' = 'float32',
): Promise<Terms[]> {
  const { objective, spec, weights, batchesFile, datasetSize, steps } = experiment;
  const weightsFile = join(scratchFolder(), `weights-${objective.model}.safetensors`);
  await writeSafetensors(weightsFile, weights);
  const { model, alpha, beta, gamma } = objective;
  const weightings = Object.entries({ alpha, beta, gamma }).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, String(value)],
  );
  const { program, args, env } = pythonCommand('equivalence', 'equivalence.py', [
    ...['--model', model, '--architecture', architectureName(spec.shape.architecture)],
    ...['--weights', weightsFile, '--batches', batchesFile, '--dataset-size', String(datasetSize)],
    ...weightings,
    ...(precision === 'float64' ? ['--double'] : []),
  ]);
  const child = spawn(program, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors = (errors + text).slice(-4000)));
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
  const terms: Terms[] = [];
  for await (const line of createInterface(child.stdout)) terms.push(v.parse(TermsSchema, JSON.parse(line)));
  await ended;
  if (terms.length === steps) return terms;
  throw new UnravelError('internal', `PyTorch's side ended after ${terms.length} of ${steps} steps.`, {
    hint: `It said:\n${errors.trim().split('\n').slice(-8).join('\n')}`,
  });
}
