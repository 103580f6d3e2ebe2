import { UnravelError } from '../../../contract/errors.ts';
import { MOST_DIMENSIONS } from '../../../contract/numbers.ts';
import type { RawTable } from '../../labels/raw-table.ts';

/** Codes of another program, as they are read from its file. */
export interface ForeignCodes {
  /** `[rows, latentDim]`. */
  readonly mu: Float32Array;
  /** log Σ(x), `[rows, latentDim]`, if the file has it. */
  readonly logVar?: Float32Array | undefined;
  readonly latentDim: number;
  /** What the codes are called in their file, and everything there that may be codes. */
  readonly key: string;
  readonly keys: readonly string[];
  readonly rows: number;
  /** The titles of the columns that the codes were read from, for a table. */
  readonly titles: readonly string[];
  /** The other columns of the file, with a row for each code: names of images and labels. It may have none. */
  readonly table: RawTable;
  /** What was recognised and what was left out, in whole sentences. */
  readonly notes: readonly string[];
}

/** Which of several arrays or groups of columns the codes are. */
export interface CodesChoice {
  /** The name of the codes; found if left out. */
  readonly key?: string | undefined;
  /** Whether the first of several is taken where none has a known name; else the person must say which one it is. */
  readonly takesFirst?: boolean;
}

/** Names of codes that programs write, the surest first; in lower case. */
const CODE_NAMES = [
  'mu',
  'z_mean',
  'z_mu',
  'mean',
  'means',
  'z',
  'x_vae',
  'x_latent',
  'latent',
  'latents',
  'code',
  'codes',
  'embedding',
  'embeddings',
  'emb',
  'features',
  'x_scvi',
  'dim',
];
/** Two-dimensional pictures of codes, and coordinates, which AnnData keeps beside them. */
const PICTURES = /^(x_)?(umap|tsne|t-sne|spatial|pca_2d|draw_graph.*)$/;

/** Whether something of this name is codes by its name alone. */
export function isKnownCodes(name: string): boolean {
  return CODE_NAMES.includes(name.toLowerCase());
}

/** What the log of the variance is called. */
export const LOG_VAR = /^(z_)?log_?(var|variance)s?$/i;

/**
 * Chooses which of several candidates the codes are: the one that is asked for, the one with the best known name, or the
 * only one.
 *
 * @param names - what the candidates are called
 * @param noun - what they are: “array”, “group of columns”
 * @throws UnravelError `bad-input` if there is none, or one must be asked for
 */
export function chooseCodes(
  path: string,
  names: readonly string[],
  { key, takesFirst = false }: CodesChoice,
  noun: string,
): string {
  const last = (name: string): string => name.slice(name.lastIndexOf('/') + 1).toLowerCase();
  const list = names.slice(0, 12).join(', ') + (names.length > 12 ? ', …' : '');
  if (key !== undefined) {
    const found = names.find((name) => name === key) ?? names.find((name) => last(name) === last(key));
    if (found !== undefined) return found;
    throw new UnravelError('bad-input', `Could not read ${path}: it has no codes called ${key}.`, {
      path,
      hint: names.length > 0 ? `It has: ${list}.` : `It has no ${noun} of codes.`,
      remedy: 'codes-key',
    });
  }
  for (const known of CODE_NAMES) {
    const found = names.find((name) => last(name) === known);
    if (found !== undefined) return found;
  }
  const others = names.filter((name) => !PICTURES.test(last(name)));
  const left = others.length > 0 ? others : names;
  if (left.length === 1 || (takesFirst && left.length > 0)) return left[0]!;
  throw new UnravelError(
    'bad-input',
    left.length === 0
      ? `Could not read ${path}: it has no codes.`
      : `Could not read ${path}: each ${noun} of these may be the codes: ${list}.`,
    {
      path,
      hint:
        left.length === 0
          ? 'Codes are an array or columns of numbers, with a row for each image and a column for each dimension, such as mu_0 and mu_1.'
          : 'Say which one it is.',
      ...(left.length > 0 && { remedy: 'codes-key' as const }),
    },
  );
}

/**
 * Checks the shape and the values of codes.
 *
 * @throws UnravelError `bad-input`
 */
export function checkForeignCodes(path: string, { mu, logVar, latentDim, rows }: ForeignCodes): void {
  const refuse = (what: string, hint: string): UnravelError =>
    new UnravelError('bad-input', `Could not read ${path}: ${what}.`, { path, hint });
  if (rows === 0 || latentDim === 0) throw refuse('it holds no codes', 'Write a row for each image.');
  if (latentDim > MOST_DIMENSIONS) {
    throw refuse(
      `its codes have ${latentDim} dimensions, and at most ${MOST_DIMENSIONS} are read`,
      'Reduce them first, for example to their principal components.',
    );
  }
  for (const [what, data] of [
    ['code', mu],
    ['log variance', logVar],
  ] as const) {
    const at = data?.findIndex((value) => !Number.isFinite(value)) ?? -1;
    if (at < 0) continue;
    throw refuse(
      `the ${what} in row ${Math.floor(at / latentDim) + 1}, dimension ${at % latentDim}, is not a finite number`,
      'Every code needs a number in every dimension. Leave out the rows of images without a code.',
    );
  }
}
