import { expect } from 'vitest';
import type { Weights } from '../../../src/engine/models/weights.ts';

/** Expects the same numbers, bit for bit. Vitest's own equality walks large arrays for half a minute. */
export function expectSame(actual: Weights | undefined, expected: Weights | undefined): void {
  expect([...(actual ?? []).keys()]).toEqual([...(expected ?? []).keys()]);
  for (const [name, { data }] of actual ?? []) {
    const other = expected!.get(name)!.data;
    expect(Buffer.compare(bytes(data), bytes(other)), name).toBe(0);
  }
}

function bytes({ buffer, byteOffset, byteLength }: Float32Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
