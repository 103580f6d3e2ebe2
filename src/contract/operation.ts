import type * as v from 'valibot';

type Schema = v.GenericSchema;

/**
 * The process that answers an operation. The `host` owns windows, files and jobs; the `engine` reads data sets
 * and runs and computes. Clients send all requests to the host, which forwards those for the engine. An
 * `internal` operation is answered by the engine for the host only, because its input contains paths, which
 * clients must not send.
 */
export type Servant = 'host' | 'engine' | 'internal';

/** An operation that a client can request, with the schemas of its input and its answer. */
export interface Operation<I extends Schema = Schema, O extends Schema = Schema> {
  readonly by: Servant;
  readonly input: I;
  readonly output: O;
}

/**
 * Declares an operation; see {@link Operation}. The answering process is part of the type, so that handlers
 * derive from it.
 */
export function operation<S extends Servant, I extends Schema, O extends Schema>(
  by: S,
  input: I,
  output: O,
): { readonly by: S; readonly input: I; readonly output: O } {
  return { by, input, output };
}
