import { expect, it } from 'vitest';
import { decompositionPenalty } from '../../../src/engine/losses/decomposition.ts';
import { describeModel } from '../../../src/engine/models/describe-model.ts';
import { TrainingModel } from '../../../src/engine/models/training-model.ts';
import { initialWeights } from '../../../src/engine/models/weights.ts';
import { createRandom } from '../../../src/engine/basics/random.ts';
import { liveTensors } from '../../../src/engine/tensorflow/tensors.ts';
import { Adam } from '../../../src/engine/training/adam.ts';
import { trainingStep } from '../../../src/engine/training/step.ts';

const MEBIBYTE = 2 ** 20;

it.each(['full', 'mixed'] as const)('stays flat over 200 steps in %s precision', (precision) => {
  const [batch, latentDim] = [8, 4];
  const spec = describeModel({
    architecture: 'burgess',
    latentDim,
    imageSize: 64,
    channels: 3,
    variational: true,
  });
  const model = new TrainingModel(spec, initialWeights(spec, 1), precision);
  const adam = new Adam(model.variables, 1e-4);
  const penalty = decompositionPenalty({ alpha: 1, beta: 20, gamma: 1 });
  const images = new Uint8Array(batch * 64 * 64 * 3).fill(100);
  const step = (number: number): void => {
    const noise = createRandom(1, number).fillNormal(new Float32Array(batch * latentDim));
    adam.begin(number);
    trainingStep(
      model,
      penalty,
      { images, batch, noise, datasetSize: 100, step: 0, totalSteps: 1 },
      adam.update,
    );
    adam.end();
  };

  for (let number = 1; number <= 20; number++) step(number);
  const [tensors, memory] = [liveTensors(), process.memoryUsage().rss];
  for (let number = 21; number <= 220; number++) {
    step(number);
    expect(liveTensors()).toBe(tensors);
  }
  // Two hundred leaked activations of the first layer alone would be 200 MiB.
  expect(process.memoryUsage().rss - memory).toBeLessThan(60 * MEBIBYTE);
  adam.dispose();
  model.dispose();
  expect(liveTensors()).toBe(0);
});
