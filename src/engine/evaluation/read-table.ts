import { UnravelError } from '../../contract/errors.ts';
import type { ColumnValues } from '../data/columns.ts';
import { readSafetensors, type AnyTensor, type TensorFile } from '../files/safetensors.ts';
import type { CodeTable } from '../metrics/code-table.ts';

function refuse(path: string, what: string): UnravelError {
  return new UnravelError('bad-input', `Could not score ${path}: ${what}.`, {
    path,
    hint: 'It needs tensors "codes" and "factors", or "codes_train", "codes_test", "factors_train" and "factors_test": a row for each image.',
  });
}

/** Rows of numbers, of which the first `first` are for training. */
interface Rows {
  readonly data: Float32Array;
  readonly rows: number;
  readonly width: number;
  readonly first: number;
}

/** A tensor of rows as float32; factors may be integers. */
function rowsOf(file: TensorFile, name: string, path: string): Rows {
  const tensor: AnyTensor | undefined = file.tensors.get(name);
  if (!tensor) throw refuse(path, `it has no tensor ${name}`);
  const [rows, width = 1, ...more] = tensor.shape;
  if (rows === undefined || more.length || rows === 0 || width === 0) {
    throw refuse(path, `its tensor ${name} is [${tensor.shape.join(', ')}], not rows and columns`);
  }
  const data = tensor.data instanceof Float32Array ? tensor.data : Float32Array.from(tensor.data);
  return { data, rows, width, first: rows };
}

/** Concatenates two tables of the same width. */
function stacked(file: TensorFile, names: readonly [string, string], path: string): Rows {
  const [a, b] = [rowsOf(file, names[0], path), rowsOf(file, names[1], path)];
  if (a.width !== b.width) {
    throw refuse(path, `${names[0]} has ${a.width} columns and ${names[1]} ${b.width}`);
  }
  const data = new Float32Array(a.data.length + b.data.length);
  data.set(a.data);
  data.set(b.data, a.data.length);
  return { data, rows: a.rows + b.rows, width: a.width, first: a.rows };
}

/** The names in the file's metadata `factor_names`: separated by commas, or a JSON list. */
function factorNames({ metadata }: TensorFile, count: number): string[] {
  const text = metadata['factor_names']?.trim();
  const numbered = Array.from({ length: count }, (_, f) => `factor ${f}`);
  if (!text) return numbered;
  let names: unknown;
  try {
    names = text.startsWith('[') ? JSON.parse(text) : text.split(',').map((name) => name.trim());
  } catch {
    return numbered;
  }
  const isGood = Array.isArray(names) && names.every((name) => typeof name === 'string' && name !== '');
  const unique = isGood ? new Set(names as string[]) : new Set<string>();
  return unique.size === count ? [...unique] : numbered;
}

/**
 * Reads codes from any program, with the factors of their images: tensors `codes` and `factors`, or, with a given
 * split, `codes_train`, `factors_train`, `codes_test` and `factors_test`. Factors are category indices or
 * measurements; NaN means unknown. Their names may be in the metadata as `factor_names`.
 *
 * @throws UnravelError `not-found` or `bad-input`
 */
export async function readCodeTable(path: string): Promise<CodeTable> {
  const file = await readSafetensors(path);
  const isSplit = file.tensors.has('codes_train');
  const codes = isSplit ? stacked(file, ['codes_train', 'codes_test'], path) : rowsOf(file, 'codes', path);
  const factors = isSplit
    ? stacked(file, ['factors_train', 'factors_test'], path)
    : rowsOf(file, 'factors', path);
  if (codes.rows !== factors.rows || codes.first !== factors.first) {
    throw refuse(path, `it has ${codes.rows} codes and the factors of ${factors.rows} images`);
  }
  const columns = factorNames(file, factors.width).map((name, f): ColumnValues => {
    const values = Float32Array.from(
      { length: factors.rows },
      (_, row) => factors.data[row * factors.width + f]!,
    );
    return { column: { name, type: 'continuous', factor: true }, values };
  });
  const range = (from: number, to: number): Uint32Array =>
    Uint32Array.from({ length: to - from }, (_, i) => from + i);
  return {
    codes: codes.data,
    count: codes.rows,
    latentDim: codes.width,
    columns,
    ...(isSplit ? { split: { train: range(0, codes.first), test: range(codes.first, codes.rows) } } : {}),
  };
}
