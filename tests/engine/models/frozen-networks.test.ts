import { describe, expect, it, vi } from 'vitest';
import { FrozenNetworks } from '../../../src/engine/models/frozen-networks.ts';
import { describeModel } from '../../../src/engine/models/describe-model.ts';
import { initialWeights, normedLayers, type Statistics } from '../../../src/engine/models/weights.ts';
import { liveTensors } from '../../../src/engine/tensorflow/tensors.ts';
import { countCalls, failing } from '../failing-operations.ts';

vi.mock('../../../src/engine/tensorflow/binding.ts', async (importOriginal) =>
  (await import('../failing-operations.ts')).failingBinding(importOriginal),
);

const [batch, latentDim, conditionWidth] = [2, 3, 2] as const;
const shape = { latentDim, channels: 3, variational: true } as const;

describe.each(['burgess', 'paper', 'residual'] as const)(
  'the networks of the architecture %s',
  (architecture) => {
    const imageSize = 64;
    const spec = describeModel({ ...shape, architecture, imageSize, conditionWidth });
    const weights = initialWeights(spec, 1);
    const statistics: Statistics = new Map(
      normedLayers(spec).flatMap(({ name, channels }) => [
        [`${name}.mean`, { shape: [channels], data: new Float32Array(channels) }],
        [`${name}.variance`, { shape: [channels], data: new Float32Array(channels).fill(1) }],
      ]),
    );
    const images = new Uint8Array(batch * imageSize * imageSize * 3).fill(100);
    const z = new Float32Array(batch * latentDim);
    const condition = new Float32Array(batch * conditionWidth);

    /** Has each call into TensorFlow fail once, and expects as many tensors after as before. */
    function expectNoLeak(work: () => void): void {
      const calls = countCalls(work);
      expect(calls).toBeGreaterThan(5);
      for (let call = 0; call < calls; call++) {
        const before = liveTensors();
        expect(() => failing(call, work)).toThrow('OOM');
        expect(liveTensors(), `after the failure of call ${call} of ${calls}`).toBe(before);
      }
    }

    it('leave no tensor behind where they encode or decode, whichever operation fails, and go on afterwards', () => {
      const networks = new FrozenNetworks(spec, weights, statistics);
      const posterior = networks.encode(images, batch, condition);
      const faces = networks.decode(z, batch, condition);
      expectNoLeak(() => networks.encode(images, batch, condition));
      expectNoLeak(() => networks.decode(z, batch, condition));
      expect(networks.encode(images, batch, condition)).toEqual(posterior);
      expect(networks.decode(z, batch, condition)).toEqual(faces);
      networks.dispose();
      expect(liveTensors()).toBe(0);
    });

    it('leave no tensor behind where they cannot be made', () => {
      expectNoLeak(() => new FrozenNetworks(spec, weights, statistics).dispose());
      const cut = new Map([...weights].slice(0, -1));
      expect(() => new FrozenNetworks(spec, cut, statistics)).toThrow('The weights have no');
      expect(liveTensors()).toBe(0);
    });

    it('leave no tensor behind where they are told of no condition, or of one of another size', () => {
      const networks = new FrozenNetworks(spec, weights, statistics);
      const before = liveTensors();
      expect(() => networks.decode(z, batch)).toThrow('no condition');
      expect(() => networks.encode(images, batch, new Float32Array(batch * 5))).toThrow();
      expect(liveTensors()).toBe(before);
      networks.dispose();
    });
  },
);
