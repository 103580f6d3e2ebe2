import { writeFileAtomic } from '../../system/atomic.ts';
import type { LabelCells } from '../data/label-cells.ts';
import type { HostTensor } from '../files/safetensors.ts';
import type { Codes } from './code-table.ts';
import { labelTitle } from './codes-csv.ts';
import { projectCodes } from './project.ts';

/** A label's values: numbers, where all that are known are numbers, or texts. */
type Values =
  | { readonly kind: 'numbers'; readonly data: Float64Array }
  | { readonly kind: 'texts'; readonly data: (string | null)[] };

function valuesOf({ at }: LabelCells, count: number): Values {
  const cells = Array.from({ length: count }, (_, row) => at(row) ?? null);
  const isNumber = (cell: unknown): boolean =>
    cell === null ||
    typeof cell === 'number' ||
    (typeof cell === 'string' && cell !== '' && Number.isFinite(Number(cell)));
  return cells.every(isNumber)
    ? {
        kind: 'numbers',
        data: Float64Array.from(cells, (cell) => (cell === null ? Number.NaN : Number(cell))),
      }
    : { kind: 'texts', data: cells.map((cell) => (cell === null ? null : String(cell))) };
}

function columnOf({ data, shape }: HostTensor, dimension: number): Float32Array {
  const [count, latentDim] = shape as [number, number];
  return Float32Array.from({ length: count }, (_, row) => data[row * latentDim + dimension]!);
}

/**
 * Writes codes as Parquet: `name`, `mu_0` … and, where there is a posterior, `log_var_0` …, then the labels by their own
 * names: numbers as doubles, which are null where they are unknown, and words as texts.
 */
export async function writeCodesParquet(
  path: string,
  { names, mu, logVar, labels = [] }: Codes,
): Promise<void> {
  const { parquetWriteBuffer } = await import('hyparquet-writer');
  const [count, latentDim] = mu.shape as [number, number];
  const parts: [string, HostTensor][] = [
    ['mu', mu],
    ...(logVar ? ([['log_var', logVar]] as [string, HostTensor][]) : []),
  ];
  const codes = parts.flatMap(([part, tensor]) =>
    Array.from({ length: latentDim }, (_, j) => ({
      ...{ name: `${part}_${j}`, data: columnOf(tensor, j), type: 'FLOAT' as const, nullable: false },
    })),
  );
  const others = labels.map((label) => {
    const name = labelTitle(label.name);
    const values = valuesOf(label, count);
    return values.kind === 'texts'
      ? { name, data: values.data, type: 'STRING' as const, nullable: true }
      : {
          ...{ name, type: 'DOUBLE' as const, nullable: true },
          data: Array.from(values.data, (value) => (Number.isNaN(value) ? null : value)),
        };
  });
  const name = { name: 'name', data: [...names], type: 'STRING' as const, nullable: false };
  const buffer = parquetWriteBuffer({ columnData: [name, ...codes, ...others] });
  await writeFileAtomic(path, new Uint8Array(buffer));
}

/** The file system in the memory of the HDF5 library. */
interface MemoryFiles {
  readFile(path: string): Uint8Array;
  unlink(path: string): void;
}

/** The part of HDF5's library that is used here: a file, a group or an array. */
interface Node {
  create_attribute(name: string, data: unknown, shape?: number[], dtype?: string): void;
}
interface GroupNode extends Node {
  create_group(name: string): GroupNode;
  create_dataset(arguments_: { name: string; data: unknown; shape?: number[]; dtype?: string }): Node;
}

let written = 0;

/** Marks an element with what AnnData calls it. */
function encode(node: Node, type: string, version: string): void {
  node.create_attribute('encoding-type', type, [], 'S');
  node.create_attribute('encoding-version', version, [], 'S');
}

function putArray(
  group: GroupNode,
  name: string,
  data: Float32Array | Float64Array | Int32Array,
  shape: number[],
): void {
  encode(group.create_dataset({ name, data, shape }), 'array', '0.2.0');
}

function putTexts(group: GroupNode, name: string, data: readonly string[]): void {
  encode(
    group.create_dataset({ name, data: [...data], shape: [data.length], dtype: 'S' }),
    'string-array',
    '0.2.0',
  );
}

/** A table whose rows are called by `index`. */
function putFrame(
  root: GroupNode,
  name: string,
  index: readonly string[],
  columns: readonly string[],
): GroupNode {
  const frame = root.create_group(name);
  encode(frame, 'dataframe', '0.2.0');
  frame.create_attribute('_index', '_index', [], 'S');
  if (columns.length > 0) frame.create_attribute('column-order', [...columns], [columns.length], 'S');
  else frame.create_attribute('column-order', new Float64Array(0), [0]);
  putTexts(frame, '_index', index);
  return frame;
}

function putCategories(frame: GroupNode, name: string, data: readonly (string | null)[]): void {
  const words = [...new Set(data.filter((text) => text !== null))];
  const codeOf = new Map(words.map((word, code) => [word, code]));
  const group = frame.create_group(name);
  encode(group, 'categorical', '0.2.0');
  group.create_attribute('ordered', Int8Array.of(0), [], '<b');
  putTexts(group, 'categories', words);
  putArray(
    group,
    'codes',
    Int32Array.from(data, (text) => (text === null ? -1 : codeOf.get(text)!)),
    [data.length],
  );
}

/**
 * Writes codes as AnnData does: the names and labels in `obs`, words as categories; `mu`, `log_var` and up to three
 * principal components, `X_pca`, in `obsm`; and mu again as `X`, so that tools which want it find something.
 */
export async function writeCodesH5ad(path: string, { names, mu, logVar, labels = [] }: Codes): Promise<void> {
  const { default: h5wasm } = await import('h5wasm');
  const library = await h5wasm.ready;
  library.activate_throwing_error_handler();
  const { FS } = library as unknown as { readonly FS: MemoryFiles };
  const [count, latentDim] = mu.shape as [number, number];
  const pca = await projectCodes(mu.data, latentDim, { kind: 'pca' });
  const inside = `/codes-${(written += 1)}.h5ad`;
  const file = new h5wasm.File(inside, 'w');
  let bytes: Uint8Array;
  try {
    try {
      const root = file as unknown as GroupNode;
      encode(root, 'anndata', '0.1.0');
      // A stroke would make a group within the group.
      const titles = labels.map(({ name }) => labelTitle(name).replaceAll('/', '_'));
      const obs = putFrame(root, 'obs', names, titles);
      labels.forEach((label, i) => {
        const values = valuesOf(label, count);
        if (values.kind === 'numbers') putArray(obs, titles[i]!, values.data, [count]);
        else putCategories(obs, titles[i]!, values.data);
      });
      putFrame(
        root,
        'var',
        Array.from({ length: latentDim }, (_, j) => `z${j}`),
        [],
      );
      putArray(root, 'X', mu.data, [count, latentDim]);
      const obsm = root.create_group('obsm');
      encode(obsm, 'dict', '0.1.0');
      putArray(obsm, 'mu', mu.data, [count, latentDim]);
      if (logVar) putArray(obsm, 'log_var', logVar.data, [count, latentDim]);
      putArray(obsm, 'X_pca', pca.positions.data, [...pca.positions.shape]);
    } finally {
      file.close();
    }
    bytes = FS.readFile(inside);
  } finally {
    FS.unlink(inside);
  }
  await writeFileAtomic(path, bytes);
}
