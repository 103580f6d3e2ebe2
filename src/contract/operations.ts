import type * as v from 'valibot';
import { appOperations } from './operations/app.ts';
import { codeOperations } from './operations/codes.ts';
import { datasetOperations } from './operations/datasets.ts';
import { internalOperations } from './operations/internal.ts';
import { fileOperations, jobOperations } from './operations/jobs.ts';
import { measureOperations } from './operations/measure.ts';
import { modelOperations } from './operations/models.ts';
import { runOperations } from './operations/runs.ts';
import { sourceOperations } from './operations/sources.ts';
import type { Servant } from './operation.ts';

/**
 * All operations. Client, server, types and validation derive from these declarations. A new operation needs an
 * entry in the file of its subject, and a handler.
 */
export const operations = {
  ...appOperations,
  ...datasetOperations,
  ...sourceOperations,
  ...runOperations,
  ...modelOperations,
  ...codeOperations,
  ...measureOperations,
  ...jobOperations,
  ...fileOperations,
  ...internalOperations,
};

type Operations = typeof operations;
export type OperationName = keyof Operations;
export type Input<N extends OperationName> = v.InferOutput<Operations[N]['input']>;
export type Output<N extends OperationName> = v.InferOutput<Operations[N]['output']>;

/** The operations that one process answers. */
export type NamesBy<S extends Servant> = {
  [N in OperationName]: S extends Operations[N]['by'] ? N : never;
}[OperationName];

/** True for the name of an operation. */
export function isOperation(name: string): name is OperationName {
  return Object.hasOwn(operations, name);
}
