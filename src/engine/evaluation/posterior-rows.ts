import type { Posteriors } from '../inference/model.ts';

/** Rows of a table of codes `[count, latentDim]`. */
export function rowsOf(codes: Float32Array, latentDim: number, rows: Uint32Array): Float32Array {
  const chosen = new Float32Array(rows.length * latentDim);
  rows.forEach((row, i) => chosen.set(codes.subarray(row * latentDim, (row + 1) * latentDim), i * latentDim));
  return chosen;
}

/** Selects the posteriors of the given images; not copied if all images are given. */
export function posteriorsOf({ mu, logVar }: Posteriors, latentDim: number, rows: Uint32Array): Posteriors {
  if (mu.length === rows.length * latentDim) return { mu, logVar };
  return {
    mu: rowsOf(mu, latentDim, rows),
    logVar: logVar.length ? rowsOf(logVar, latentDim, rows) : logVar,
  };
}
