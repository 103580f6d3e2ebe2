import type * as v from 'valibot';

type Schema = v.GenericSchema;

/**
 * Who answers: the `host` owns windows, files and jobs; the `engine` reads data sets and runs and computes. Clients
 * cannot tell: the host passes on what is the engine's. What is `internal` the engine does for the host alone,
 * because it takes paths, which clients never name.
 */
export type Servant = 'host' | 'engine' | 'internal';

/** One thing that a client can ask for, and the one answer it gets. */
export interface Operation<I extends Schema = Schema, O extends Schema = Schema> {
  readonly by: Servant;
  readonly input: I;
  readonly output: O;
}

/** Declares an operation; see {@link Operation}. The servant stays in the type, so that handlers derive from it. */
export function operation<S extends Servant, I extends Schema, O extends Schema>(
  by: S,
  input: I,
  output: O,
): { readonly by: S; readonly input: I; readonly output: O } {
  return { by, input, output };
}
