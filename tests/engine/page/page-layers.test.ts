import { describe, expect, it } from 'vitest';
import { TrainedModel } from '../../../src/engine/inference/model.ts';
import { describeModel } from '../../../src/engine/models/describe-model.ts';
import { initialWeights } from '../../../src/engine/models/weights.ts';
import { pageDecoder } from '../../../src/engine/page/page-layers.ts';
import { unitToByte } from '../../../src/engine/pictures/picture.ts';
import type { Condition } from '../../../src/contract/condition.ts';
import { Decoder } from '../../../src/renderer/page/decoder/decoder.ts';
import { gaussian, learnedStatistics, learnedWeights, SHAPES } from '../../fixtures/learned-weights.ts';

const COUNT = 4;
const condition: Condition = { column: 'kind', type: 'categorical', categories: ['a', 'b'], usual: 0 };

describe.each(Object.entries(SHAPES))('the page’s decoder of %s', (_, shape) => {
  const spec = describeModel(shape);
  const weights = learnedWeights(initialWeights(spec, 3));
  const statistics = learnedStatistics(spec, weights);
  const { layers, weights: stored } = pageDecoder(spec, weights, statistics);
  const { latentDim, conditionWidth } = shape;

  it.each([
    ['vector instructions', true],
    ['loops', false],
  ])('decodes by %s as the engine does, within 2 of 255', (__, isVectorised) => {
    const z = gaussian(COUNT * latentDim, 'z');
    const told = conditionWidth ? Float32Array.of(0, 1) : undefined;
    const model = new TrainedModel(spec, weights, statistics, conditionWidth ? condition : undefined);
    const expected = model.decode(z, COUNT, told);
    model.dispose();

    const decoder = new Decoder({ latentDim, layers, output: spec.output }, stored, isVectorised);
    const found = Array.from({ length: COUNT }, (___, i) => [
      ...decoder.decode(z.subarray(i * latentDim, (i + 1) * latentDim), told),
    ]).flat();
    expect(found).toHaveLength(expected.length);
    const errors = found.map((byte, i) => Math.abs(byte - unitToByte(expected[i]!)));
    expect(Math.max(...errors)).toBeLessThanOrEqual(2);
    expect(Math.max(...found) - Math.min(...found)).toBeGreaterThan(10);
  });
});

it('refuses a code of a conditional model without a condition', () => {
  const decoder = new Decoder(
    { latentDim: 2, layers: [{ kind: 'append' }], output: 'linear' },
    new Uint8Array(0),
  );
  expect(() => decoder.decode(new Float32Array(2))).toThrow('no condition was given');
});
