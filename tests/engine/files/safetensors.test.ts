import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  floatTensor,
  floatToHalf,
  readSafetensors,
  writeSafetensors,
  type AnyTensor,
} from '../../../src/engine/files/safetensors.ts';
import { bytesOf } from '../../fixtures/npy.ts';
import { halfToFloat } from '../../../src/engine/files/numbers.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unravel-safetensors-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** A file from its parts, for headers that our writer would never write. */
async function handMade(header: unknown, body = new Uint8Array(0), claimedLength?: bigint): Promise<string> {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(claimedLength ?? BigInt(text.length));
  const path = join(folder, 'hand-made.safetensors');
  await writeFile(path, Buffer.concat([prefix, text, body]));
  return path;
}

describe('half precision', () => {
  test('survives for all 65,536 values', () => {
    for (let bits = 0; bits < 65536; bits++) {
      const value = halfToFloat(bits);
      if (Number.isNaN(value)) {
        expect(bits & 0x7c00).toBe(0x7c00);
        expect(halfToFloat(floatToHalf(value))).toBeNaN();
      } else if (floatToHalf(value) !== bits) {
        // Compared before asserting: 65,536 assertions would take most of the test's time.
        expect(floatToHalf(value)).toBe(bits);
      }
    }
  });

  test('has the values that IEEE 754 gives', () => {
    const known: [number, number][] = [
      [0x0001, 2 ** -24],
      [0x03ff, 1023 * 2 ** -24],
      [0x0400, 2 ** -14],
      [0x3555, 0.333251953125],
      [0x3c00, 1],
      [0x7bff, 65504],
      [0x7c00, Infinity],
      [0xc000, -2],
      [0x8000, -0],
    ];
    for (const [bits, value] of known) expect(halfToFloat(bits)).toBe(value);
  });

  test('rounds to the nearest, ties to even', () => {
    for (let bits = 0; bits < 0x7bff; bits++) {
      const [low, high] = [halfToFloat(bits), halfToFloat(bits + 1)];
      const middle = (low + high) / 2;
      const even = bits % 2 === 0 ? bits : bits + 1;
      const near = [
        floatToHalf(middle),
        floatToHalf(low + (middle - low) / 2),
        floatToHalf(high - (high - middle) / 2),
      ];
      if (near[0] !== even || near[1] !== bits || near[2] !== bits + 1)
        expect([bits, ...near]).toBe('rounded');
    }
    expect(floatToHalf(65519.996)).toBe(0x7bff);
    expect(floatToHalf(65520)).toBe(0x7c00);
    expect(floatToHalf(-1e30)).toBe(0xfc00);
    expect(floatToHalf(2 ** -26)).toBe(0);
  });
});

describe('writeSafetensors and readSafetensors', () => {
  test('give every kind of tensor back, with shape and free text', async () => {
    const path = join(folder, 'all.safetensors');
    const tensors = new Map<string, AnyTensor>([
      ['odd', { shape: [3], data: Uint8Array.of(1, 2, 255) }],
      ['weights', { shape: [2, 2], data: Float32Array.of(1.5, -0, Math.fround(0.1), 3e38) }],
      ['losses', { shape: [2], data: Float64Array.of(Math.PI, Number.MIN_VALUE) }],
      ['steps', { shape: [2, 1], data: Int32Array.of(-1, 2 ** 31 - 1) }],
      ['scalar', { shape: [], data: Float32Array.of(7) }],
      ['empty', { shape: [0, 4], data: new Float32Array(0) }],
      ['ein Maß μ', { shape: [1], data: Float32Array.of(1) }],
    ]);
    const metadata = { names: '["a","β"]', format: 'pt' };
    await writeSafetensors(path, tensors, { metadata });
    const file = await readSafetensors(path);
    expect([...file.tensors.keys()]).toEqual([...tensors.keys()]);
    for (const [name, tensor] of tensors) expect(file.tensors.get(name)).toEqual(tensor);
    expect(file.metadata).toEqual(metadata);
    const bytes = await readFile(path);
    expect(Number(bytes.readBigUInt64LE()) % 8, 'the tensors start aligned').toBe(0);
  });

  test('give float32 back bit for bit', async () => {
    const path = join(folder, 'bits.safetensors');
    await fc.assert(
      fc.asyncProperty(fc.float32Array({ maxLength: 40 }), async (data) => {
        await writeSafetensors(path, new Map([['x', { shape: [data.length], data }]]));
        expect((await readSafetensors(path)).tensors.get('x')?.data).toEqual(data);
      }),
      { numRuns: 30, seed: 1 },
    );
  });

  test('store half precision within its relative error, and leave other types alone', async () => {
    const path = join(folder, 'half.safetensors');
    const data = Float32Array.from({ length: 1000 }, (_, i) => Math.sin(i) * 10 ** ((i % 5) - 2));
    const tensors = new Map<string, AnyTensor>([
      ['x', { shape: [1000], data }],
      ['n', { shape: [1], data: Int32Array.of(100_001) }],
    ]);
    await writeSafetensors(path, tensors, { half: true });
    const file = await readSafetensors(path);
    const read = file.tensors.get('x')!.data;
    expect(read).toBeInstanceOf(Float32Array);
    data.forEach((value, i) =>
      expect(Math.abs(read[i]! - value)).toBeLessThanOrEqual(Math.max(Math.abs(value) * 2 ** -11, 2 ** -25)),
    );
    expect(file.tensors.get('n')?.data).toEqual(Int32Array.of(100_001));
    expect((await readFile(path)).length).toBeLessThan(2200);
  });

  test('write a view of a larger array as the part that it is', async () => {
    const path = join(folder, 'view.safetensors');
    const data = Float32Array.of(0, 1, 2, 3, 4).subarray(1, 3);
    await writeSafetensors(path, new Map([['x', { shape: [2], data }]]));
    expect((await readSafetensors(path)).tensors.get('x')?.data).toEqual(Float32Array.of(1, 2));
  });
});

describe('readSafetensors', () => {
  const f32 = (shape: unknown, data_offsets: unknown) => ({ x: { dtype: 'F32', shape, data_offsets } });

  test.each<[string, unknown, number, bigint?]>([
    ['a header longer than the file', f32([1], [0, 4]), 4, 1_000_000n],
    ['a header of absurd length', f32([1], [0, 4]), 4, 2n ** 63n],
    ['an empty header', '', 0],
    ['a header that is not JSON', '{"x": ', 0],
    ['a header that is a list', [1, 2], 0],
    ['an end beyond the file', f32([2], [0, 8]), 4],
    ['a negative start', f32([1], [-4, 0]), 4],
    ['an end before the start', f32([1], [4, 0]), 8],
    ['a shape that does not fit the bytes', f32([3], [0, 8]), 8],
    ['a shape of overflowing size', f32([2 ** 40, 2 ** 40], [0, 4]), 4],
    ['a negative shape', f32([-1], [0, 4]), 4],
    ['a shape with fractions', f32([0.5], [0, 2]), 2],
    ['a missing shape', { x: { dtype: 'F32', data_offsets: [0, 4] } }, 4],
    ['free text that is not text', { __metadata__: { names: 3 } }, 0],
  ])('refuses %s', async (_, header, bodyBytes, claimed) => {
    const path = await handMade(header, new Uint8Array(bodyBytes), claimed);
    await expect(readSafetensors(path)).rejects.toMatchObject({
      name: 'UnravelError',
      code: 'bad-input',
      path,
    });
  });

  test.each(['C64', 'toString'])(
    'refuses a tensor of the unknown type %s only where it is wanted',
    async (dtype) => {
      const header = {
        x: { dtype, shape: [1], data_offsets: [0, 4] },
        y: { dtype: 'I16', shape: [2], data_offsets: [4, 8] },
      };
      const path = await handMade(header, new Uint8Array(8));
      const { tensors } = await readSafetensors(path);
      expect([...tensors]).toEqual([['y', { shape: [2], data: Int32Array.of(0, 0) }]]);
      await expect(readSafetensors(path, (name) => name === 'x')).rejects.toThrow(
        `its tensor x is of type ${dtype}, which is not supported`,
      );
    },
  );

  test.each([
    ['BOOL', Uint8Array.of(0, 1), [0, 1]],
    ['I8', Int8Array.of(-3, 4), [-3, 4]],
    ['I16', Int16Array.of(-300, 4), [-300, 4]],
    ['U16', Uint16Array.of(65_535, 4), [65_535, 4]],
    ['U32', Uint32Array.of(2 ** 32 - 1, 4), [2 ** 32 - 1, 4]],
    ['I64', BigInt64Array.of(-(2n ** 53n), 4n), [-(2 ** 53), 4]],
    ['U64', BigUint64Array.of(2n ** 53n, 4n), [2 ** 53, 4]],
    ['BF16', Uint16Array.of(0x3f80, 0xc000), [1, -2]],
    ['F8_E5M2', Uint8Array.of(0x3c, 0xc0), [1, -2]],
    ['F8_E4M3', Uint8Array.of(0x38, 0xc0), [1, -2]],
  ])('reads numbers of type %s', async (dtype, data, expected) => {
    const bytes = new Uint8Array(bytesOf(data));
    const path = await handMade({ x: { dtype, shape: [2], data_offsets: [0, bytes.length] } }, bytes);
    const { tensors } = await readSafetensors(path);
    expect(Array.from(tensors.get('x')!.data)).toEqual(expected);
  });

  test('refuses files that are too short for a header, and names those that are missing', async () => {
    const path = join(folder, 'short.safetensors');
    await writeFile(path, 'PNG');
    await expect(readSafetensors(path)).rejects.toMatchObject({ code: 'bad-input' });
    await expect(readSafetensors(join(folder, 'none'))).rejects.toMatchObject({ code: 'not-found' });
  });

  test('refuses a file cut off anywhere', async () => {
    const whole = join(folder, 'whole.safetensors');
    await writeSafetensors(whole, new Map([['x', { shape: [4], data: new Float32Array(4) }]]));
    const bytes = await readFile(whole);
    for (let length = 0; length < bytes.length; length += 3) {
      const path = join(folder, 'cut.safetensors');
      await writeFile(path, bytes.subarray(0, length));
      await expect(readSafetensors(path)).rejects.toMatchObject({ code: 'bad-input' });
    }
  });

  describe.each(['VAE_celeba', 'btcvae_celeba'])('on the golden file of %s', (model) => {
    const path = `../shared/data/pretrained/${model}/golden.safetensors`;
    test.skipIf(!existsSync(path))(
      'reads what PyTorch wrote (skipped where ../shared is missing)',
      async () => {
        const file = await readSafetensors(path);
        const { data: mu } = floatTensor(file, 'mu', [32, 10], path);
        const { data: decoded } = floatTensor(file, 'decoded', [-1, 64, 64, 3], path);
        const images = file.tensors.get('images')!;
        expect(images.shape).toEqual([32, 64, 64, 3]);
        expect(images.data).toBeInstanceOf(Uint8Array);
        expect(mu.every((value) => Math.abs(value) < 6)).toBe(true);
        expect(decoded.every((value) => value >= 0 && value <= 1)).toBe(true);
        // A reconstruction is near its image, so the two tensors lie where their offsets say.
        const { data: reconstruction } = floatTensor(file, 'reconstruction', [32, 64, 64, 3], path);
        const apart = (shift: number) =>
          reconstruction.reduce((sum, value, i) => {
            const pixel = images.data[(i + shift * 64 * 64 * 3) % images.data.length]!;
            return sum + Math.abs(value - pixel / 255);
          }, 0) / reconstruction.length;
        expect(apart(0)).toBeLessThan(0.12);
        expect(apart(0)).toBeLessThan(apart(1) * 0.7);
      },
    );

    test.skipIf(!existsSync(path))('writes the same bytes of tensors again', async () => {
      const file = await readSafetensors(path);
      const copy = join(folder, 'copy.safetensors');
      await writeSafetensors(copy, file.tensors, { metadata: file.metadata });
      const again = await readSafetensors(copy);
      for (const [name, tensor] of file.tensors) {
        const other = again.tensors.get(name)!;
        expect(other.shape).toEqual(tensor.shape);
        expect(Buffer.compare(Buffer.from(other.data.buffer), Buffer.from(tensor.data.buffer))).toBe(0);
      }
    });
  });
});

describe('floatTensor', () => {
  const file = {
    metadata: {},
    tensors: new Map<string, AnyTensor>([
      ['x', { shape: [2, 3], data: new Float32Array(6) }],
      ['n', { shape: [1], data: new Int32Array(1) }],
    ]),
  };

  test('gives a tensor whose shape fits, −1 standing for any size', () => {
    expect(floatTensor(file, 'x', [2, 3], 'f').shape).toEqual([2, 3]);
    expect(floatTensor(file, 'x', [-1, 3], 'f').shape).toEqual([2, 3]);
  });

  test('refuses others and says why', () => {
    expect(() => floatTensor(file, 'y', [1], 'f')).toThrow(/no float32 tensor named y/);
    expect(() => floatTensor(file, 'n', [1], 'f')).toThrow(/no float32 tensor named n/);
    expect(() => floatTensor(file, 'x', [3, 2], 'f')).toThrow(/\[2, 3\] instead of \[3, 2\]/);
    expect(() => floatTensor(file, 'x', [6], 'f')).toThrow(/instead of \[6\]/);
  });
});
