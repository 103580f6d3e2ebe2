import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseJson } from '../setup/json.mjs';
import { removeFile } from '../setup/remove.mjs';

/** Pictures of each kind that a snapshot keeps. */
const PICTURES = 3;
/** Images whose codes a snapshot keeps. */
const CODES = 1000;
/** Of so many steps one is kept. */
const STEPS = 25;

/**
 * The epochs whose snapshots are kept: the first, the last, and between them such that each is a constant factor later.
 *
 * @param {readonly number[]} epochs - ascending
 * @param {number} most
 */
export function keptEpochs(epochs, most) {
  const last = epochs.at(-1);
  if (last === undefined || epochs.length <= most) return [...epochs];
  const first = epochs[0] ?? 1;
  const wanted = Array.from({ length: most }, (_, i) => first * (last / first) ** (i / (most - 1)));
  const nearest = wanted.map((epoch) =>
    epochs.reduce((best, other) => (Math.abs(other - epoch) < Math.abs(best - epoch) ? other : best)),
  );
  return [...new Set(nearest)];
}

/**
 * Makes an exported run small enough for the gallery: fewer snapshots with fewer pictures, and fewer steps in its
 * curves.
 *
 * @param {string} folder - what `unravel export-model --history` wrote
 * @param {number} most - snapshots that are kept
 */
export async function thinHistory(folder, most) {
  const snapshots = join(folder, 'snapshots');
  const names = await readdir(snapshots);
  const epochOf = (/** @type {string} */ name) => Number(/\d+/.exec(name)?.[0]);
  const kept = keptEpochs(
    names.map(epochOf).toSorted((a, b) => a - b),
    most,
  );
  for (const name of names) {
    const path = join(snapshots, name);
    if (kept.includes(epochOf(name))) await writeFile(path, thinSnapshot(await readFile(path)));
    else await removeFile(path);
  }
  const metrics = join(folder, 'metrics.jsonl');
  const lines = (await readFile(metrics, 'utf8')).split('\n');
  let steps = 0;
  const fewer = lines.filter((line) => !line.startsWith('{"event":"step"') || steps++ % STEPS === 0);
  await writeFile(metrics, fewer.join('\n'));
}

/** @typedef {{ dtype: string, shape: number[], data_offsets: [number, number] }} Tensor */

/**
 * A snapshot with its first codes (without their variances, which no view of a snapshot shows) and pictures.
 *
 * @param {Buffer} file - safetensors: the header's length, the header, the numbers
 */
export function thinSnapshot(file) {
  const length = Number(file.readBigUInt64LE(0));
  const header = /** @type {Record<string, Tensor>} */ (parseJson(file.toString('utf8', 8, 8 + length)));
  /** @type {Buffer[]} */
  const parts = [];
  let at = 0;
  const tensors = Object.entries(header).flatMap(([name, tensor]) => {
    if (name === '__metadata__' || name === 'log_var') return [];
    const [begin, end] = tensor.data_offsets;
    const rows = tensor.shape[0] ?? 1;
    const keep = Math.min(tensor.dtype === 'U8' ? PICTURES : CODES, rows);
    const bytes = ((end - begin) / rows) * keep;
    parts.push(file.subarray(8 + length + begin, 8 + length + begin + bytes));
    at += bytes;
    const kept = { ...tensor, shape: [keep, ...tensor.shape.slice(1)], data_offsets: [at - bytes, at] };
    return [[name, kept]];
  });
  const text = JSON.stringify(Object.fromEntries(tensors));
  const padded = Buffer.from(text.padEnd(Math.ceil(text.length / 8) * 8));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(padded.length));
  return Buffer.concat([size, padded, ...parts]);
}
