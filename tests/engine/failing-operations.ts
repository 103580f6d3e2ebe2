import type { Native, NativeBinding } from '../../src/engine/tensorflow/binding.ts';

/** Which of the next calls into TensorFlow fails: 0 is the next one; undefined: none. */
let failAt: number | undefined;
let calls = 0;

/** TensorFlow, of which one call fails as for want of memory. Use it in `vi.mock`. */
export async function failingBinding(
  importOriginal: () => Promise<{ loadNative: () => Native }>,
): Promise<object> {
  const original = await importOriginal();
  let wrapped: Native | undefined;
  const wrap = (native: Native): Native => {
    const { binding } = native;
    const counted =
      <A extends unknown[], R>(work: (...args: A) => R) =>
      (...args: A): R => {
        if (calls++ === failAt) throw new Error('OOM when allocating tensor');
        return work(...args);
      };
    // The addon's own properties cannot be overwritten.
    const failing = Object.create(binding, {
      executeOp: { value: counted(binding.executeOp.bind(binding)) },
      createTensor: { value: counted(binding.createTensor.bind(binding)) },
      tensorDataSync: { value: counted(binding.tensorDataSync.bind(binding)) },
    }) as NativeBinding;
    return { ...native, binding: failing };
  };
  return { ...original, loadNative: () => (wrapped ??= wrap(original.loadNative())) };
}

/** How many calls into TensorFlow a piece of work makes. */
export function countCalls(work: () => void): number {
  [failAt, calls] = [undefined, 0];
  work();
  return calls;
}

/** Does a piece of work of which one call into TensorFlow fails. */
export function failing(call: number, work: () => void): void {
  [failAt, calls] = [call, 0];
  try {
    work();
  } finally {
    failAt = undefined;
  }
}
