import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import * as v from 'valibot';
import type { CsvOptions } from '../../contract/csv-field.ts';
import { UnravelError } from '../../contract/errors.ts';
import { writeFileAtomic } from '../../system/atomic.ts';
import { removeFile } from '../../system/remove.ts';
import { readNpy, writeNpy } from '../files/npy.ts';
import { readSafetensors, writeSafetensors, type AnyTensor, type HostTensor } from '../files/safetensors.ts';
import type { Codes, ReadCodes } from './code-table.ts';
import { writeCodesH5ad, writeCodesParquet } from './codes-tables.ts';
import { readCodesCsv, writeCodesCsv } from './codes-csv.ts';

const NamesSchema = v.array(v.string());

function wrongExtension(path: string): UnravelError {
  return new UnravelError('bad-input', `${path} does not end in .csv, .npy or .safetensors.`, {
    path,
    hint: 'The ending says how codes are stored: a table, a NumPy array, or tensors with names.',
  });
}

/**
 * The additional files of `codes.npy`, because a NumPy file contains one array: `codes.log_var.npy`,
 * `codes.names.txt`.
 */
function besideNpy(path: string): { logVar: string; names: string } {
  const stem = path.slice(0, -extname(path).length);
  return { logVar: `${stem}.log_var.npy`, names: `${stem}.names.txt` };
}

function checkFinite({ data, shape }: HostTensor, what: string, path: string): void {
  const at = data.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return;
  const latentDim = shape[1]!;
  const where = `${what} of code ${Math.floor(at / latentDim)}, dimension ${at % latentDim}`;
  throw new UnravelError('bad-input', `${path}: ${where} is not a finite number.`, {
    path,
    hint: 'Codes are finite. Where a model gives others, its training diverged: use an earlier checkpoint.',
  });
}

function checkFits({ names, mu, logVar }: Codes): void {
  const [count, latentDim] = mu.shape;
  const fits =
    mu.shape.length === 2 &&
    mu.data.length === count! * latentDim! &&
    names.length === count &&
    (!logVar || (logVar.shape.length === 2 && logVar.shape.every((n, i) => n === mu.shape[i])));
  if (!fits) throw new RangeError('Names, mu and logVar do not belong to the same images.');
}

async function writeCodesNpy(path: string, { names, mu, logVar }: Codes): Promise<void> {
  const beside = besideNpy(path);
  await writeNpy(path, mu);
  // An old file must not be read with the new codes.
  if (logVar) await writeNpy(beside.logVar, logVar);
  else await removeFile(beside.logVar);
  // Each name is a line. A line break in a name, which some file systems allow, becomes a space.
  await writeFileAtomic(beside.names, names.map((name) => `${name.replaceAll(/[\r\n]+/g, ' ')}\n`).join(''));
}

/**
 * Writes codes in the format of the file's extension, with exact float32 values.
 *
 * - `.csv`: columns `name`, `mu_0` …, `log_var_0` … and those of the labels
 * - `.safetensors`: `mu` and `log_var`, float32 `[N, latentDim]`; the names as a JSON array in the metadata
 * - `.npy`: `mu` in `codes.npy`, with additional files `codes.log_var.npy` and `codes.names.txt`, one name per line
 * - `.parquet`: the columns of the CSV, with types
 * - `.h5ad`: AnnData's format, with `mu` in `obsm` and the labels in `obs`
 *
 * @param csv - how names are written in a `.csv`
 * @throws UnravelError `bad-input` for another extension, or a value that is not finite; the errors of
 * `writeFileAtomic`
 */
export async function writeCodes(path: string, codes: Codes, csv: CsvOptions = {}): Promise<void> {
  const { names, mu, logVar } = codes;
  checkFits(codes);
  checkFinite(mu, 'mu', path);
  if (logVar) checkFinite(logVar, 'log_var', path);
  switch (extname(path).toLowerCase()) {
    case '.csv':
      return writeCodesCsv(path, codes, csv);
    case '.npy':
      return writeCodesNpy(path, codes);
    case '.safetensors': {
      const tensors = new Map([['mu', mu]]);
      if (logVar) tensors.set('log_var', logVar);
      return writeSafetensors(path, tensors, { metadata: { names: JSON.stringify(names) } });
    }
    case '.parquet':
      return writeCodesParquet(path, codes);
    case '.h5ad':
      return writeCodesH5ad(path, codes);
    default:
      throw wrongExtension(path);
  }
}

/** Numbers of any type as float32 `[codes, latentDim]`; a single code may have the shape `[latentDim]`. */
function asCodes({ shape, data }: AnyTensor, path: string): HostTensor {
  if (shape.length < 1 || shape.length > 2) {
    throw new UnravelError(
      'bad-input',
      `Could not read ${path}: codes are of shape [codes, dimensions], not [${shape.join(', ')}].`,
      { path, hint: 'Save them as a table, a row for each code.' },
    );
  }
  return {
    shape: shape.length === 1 ? [1, shape[0]!] : shape,
    data: data instanceof Float32Array ? data : Float32Array.from(data),
  };
}

async function readCodesNpy(path: string): Promise<ReadCodes> {
  const z = asCodes(await readNpy(path), path);
  let text: string;
  try {
    text = await readFile(besideNpy(path).names, 'utf8');
  } catch (error) {
    // An array without names is allowed.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return { z };
    throw error;
  }
  return { z, names: text.split('\n').slice(0, -1) };
}

async function readCodesTensors(path: string): Promise<ReadCodes> {
  const { tensors, metadata } = await readSafetensors(path);
  const tensor = tensors.get('z') ?? tensors.get('mu');
  if (!tensor) {
    throw new UnravelError('bad-input', `Could not read ${path}: it has no tensor named z or mu.`, {
      path,
      hint: `It holds ${[...tensors.keys()].join(', ') || 'nothing'}. Name the codes z.`,
    });
  }
  const z = asCodes(tensor, path);
  // Names belong to the images of mu, not to the rows of z.
  if (metadata['names'] === undefined || tensors.has('z')) return { z };
  let json: unknown;
  try {
    json = JSON.parse(metadata['names']);
  } catch {
    return { z };
  }
  const names = v.safeParse(NamesSchema, json);
  return names.success ? { z, names: names.output } : { z };
}

async function readByExtension(path: string): Promise<ReadCodes> {
  switch (extname(path).toLowerCase()) {
    case '.csv':
      return readCodesCsv(path);
    case '.npy':
      return readCodesNpy(path);
    case '.safetensors':
      return readCodesTensors(path);
    default:
      throw wrongExtension(path);
  }
}

/**
 * Reads codes for decoding, in the formats of {@link writeCodes}. `z` is preferred to `mu`. Names are ignored if
 * their number differs from that of the codes.
 *
 * @param latentDim - the model's number of dimensions; any number if left out
 * @throws UnravelError `not-found`; `bad-input` for another extension, missing or empty columns, values that are
 * not finite, or codes of another model
 */
export async function readCodes(path: string, latentDim?: number): Promise<ReadCodes> {
  const { z, names } = await readByExtension(path);
  const [count, dimensions] = z.shape as [number, number];
  if (count === 0 || dimensions === 0) {
    throw new UnravelError('bad-input', `${path} holds no codes.`, {
      path,
      hint: 'Encode some images first.',
    });
  }
  if (latentDim !== undefined && dimensions !== latentDim) {
    throw new UnravelError(
      'bad-input',
      `The codes in ${path} have ${dimensions} dimensions, but the model has ${latentDim}.`,
      { path, hint: 'Use codes of this model, or the model that the codes come from.' },
    );
  }
  checkFinite(z, 'the value', path);
  return names?.length === count ? { z, names } : { z };
}
