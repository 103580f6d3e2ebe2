import type { Architecture } from '../../../src/contract/architecture.ts';
import { describe, expect, it, vi } from 'vitest';
import { describeModel } from '../../../src/engine/models/describe-model.ts';
import {
  planCodeDiscriminator,
  planImageDiscriminator,
  VARIANCE_SLOT,
} from '../../../src/engine/models/companions.ts';
import { drawWeights, initialWeights, weightSlots } from '../../../src/engine/models/weights.ts';
import { liveTensors } from '../../../src/engine/tensorflow/tensors.ts';
import type { LearnerConfig } from '../../../src/engine/training/strategy.ts';
import { Learner } from '../../../src/engine/training/learner.ts';
import { measureStatistics } from '../../../src/engine/training/statistics.ts';
import { countCalls, failing } from '../failing-operations.ts';

vi.mock('../../../src/engine/tensorflow/binding.ts', async (importOriginal) =>
  (await import('../failing-operations.ts')).failingBinding(importOriginal),
);

const [batch, imageSize, latentDim, conditionWidth] = [2, 32, 3, 2] as const;
const images = new Uint8Array(batch * imageSize * imageSize * 3).fill(100);
const condition = new Float32Array(batch * conditionWidth);

const conv = {
  kind: 'conv',
  kernel: 3,
  stride: 1,
  padding: 'same',
  batchNorm: true,
  activation: 'silu',
} as const;
/** Few layers of the kinds that the others do not have: a step is repeated for each of its operations. */
const SMALL: Architecture = {
  name: 'small',
  encoder: [
    { ...conv, filters: 2, stride: 8 },
    { kind: 'residual', layers: [{ ...conv, filters: 2 }], activation: 'silu' },
  ],
  decoder: [
    { kind: 'dense', units: 32, activation: 'tanh' },
    { kind: 'reshape', to: [4, 4, 2] },
    { kind: 'upsample', factor: 8 },
    { ...conv, filters: 'channels', batchNorm: false, activation: 'linear' },
  ],
};

const kinds: [string, Partial<LearnerConfig>, Architecture][] = [
  ['a conditional β-TCVAE in mixed precision', { precision: 'mixed' }, 'burgess'],
  ['a VAE of the paper', { objective: { model: 'vae' } }, 'paper'],
  [
    'a VAE with Laplace’s likelihood',
    { objective: { model: 'vae' }, decoder: { kind: 'laplace' } },
    'burgess',
  ],
  [
    'a VAE with Bernoulli’s likelihood',
    { objective: { model: 'vae' }, decoder: { kind: 'bernoulli' } },
    'burgess',
  ],
  [
    'a VAE that learns its variance',
    { objective: { model: 'vae' }, decoder: { kind: 'gaussian-learned' } },
    'burgess',
  ],
  [
    'a VAE of the optimal variance, with limited gradients, decay and averaged weights',
    {
      objective: { model: 'vae' },
      decoder: { kind: 'gaussian-optimal' },
      optimiser: { clipNorm: 1, weightDecay: 0.1, averageDecay: 0.9 },
    },
    SMALL,
  ],
  ['FactorVAE', { objective: { model: 'factor-vae', gamma: 10 } }, 'burgess'],
  ['VAE-GAN', { objective: { model: 'vae-gan', alpha: 1, beta: 1, lambda: 1 } }, 'burgess'],
];

describe.each(kinds)('a step of %s', (_name, changes, architecture) => {
  const size = architecture === 'paper' ? 64 : imageSize;
  const spec = describeModel({
    ...{ architecture, latentDim, conditionWidth, channels: 3, variational: true },
    imageSize: size,
  });
  const config: LearnerConfig = {
    ...{ objective: { model: 'beta-tcvae', alpha: 1, beta: 6, gamma: 1 }, precision: 'full' },
    ...{ learningRate: 1e-4, seed: 1, ...changes },
  };
  const { lower, upper } = planImageDiscriminator(size, 3);
  const plays = config.objective.model === 'vae-gan';
  const slots = [
    ...(plays ? [...lower, ...upper] : planCodeDiscriminator(latentDim)).flatMap(weightSlots),
    VARIANCE_SLOT,
  ];
  const start = { weights: initialWeights(spec, 1), moments: undefined, companions: drawWeights(slots, 2) };
  const pictures = size === imageSize ? images : new Uint8Array(batch * size * size * 3).fill(100);
  const input = { images: pictures, condition, batch, datasetSize: 100, step: 0, totalSteps: 10 };

  it('leaves no tensor behind, whichever operation fails', () => {
    const learner = new Learner(spec, config, start);
    const step = (): void => void learner.step(input);
    step();
    const calls = countCalls(step);
    expect(calls).toBeGreaterThan(100);
    // What a step leaves for the way back is freed by the next one, and by the failure of this one.
    learner.model.release();
    const before = liveTensors();
    for (let call = 0; call < calls; call++) {
      expect(() => failing(call, step)).toThrow('OOM');
      expect(liveTensors(), `after the failure of call ${call} of ${calls}`).toBeLessThanOrEqual(before);
    }
    step();
    const measure = (): void =>
      void measureStatistics(learner.model, [{ images: pictures, condition }], batch, 1, { withPrior: true });
    measure();
    const measured = countCalls(measure);
    const after = liveTensors();
    for (let call = 0; call < measured; call++) {
      expect(() => failing(call, measure)).toThrow('OOM');
      expect(liveTensors(), `after the failure of call ${call} of ${measured}`).toBeLessThanOrEqual(after);
    }
    learner.dispose();
    expect(liveTensors()).toBe(0);
  });

  it('leaves no tensor behind where the learner cannot be made', () => {
    let made: Learner | undefined;
    const make = (): void => void (made = new Learner(spec, config, start));
    const calls = countCalls(make);
    made?.dispose();
    // Three calls make a variable: every fifth meets each of them somewhere.
    for (let call = 0; call < calls; call += 5) {
      expect(() => failing(call, make)).toThrow('OOM');
      expect(liveTensors(), `after the failure of call ${call} of ${calls}`).toBe(0);
    }
  });
});
