import type { Posteriors } from '../inference/model.ts';

/** Rows of a table of codes `[count, latentDim]`. */
export function rowsOf(codes: Float32Array, latentDim: number, rows: Uint32Array): Float32Array {
  const chosen = new Float32Array(rows.length * latentDim);
  rows.forEach((row, i) => chosen.set(codes.subarray(row * latentDim, (row + 1) * latentDim), i * latentDim));
  return chosen;
}

/** The posteriors of some images; the same ones, uncopied, where it is all of them. */
export function posteriorsOf({ mu, logVar }: Posteriors, latentDim: number, rows: Uint32Array): Posteriors {
  if (mu.length === rows.length * latentDim) return { mu, logVar };
  return {
    mu: rowsOf(mu, latentDim, rows),
    logVar: logVar.length ? rowsOf(logVar, latentDim, rows) : logVar,
  };
}
