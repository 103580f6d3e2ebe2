import * as v from 'valibot';
import { operation } from '../operation.ts';
import { ShownTextSchema } from '../shown-text.ts';

/** Where the app runs and what it runs on. */
export const AppSchema = v.object({
  version: v.string(),
  /** The window it is seen through: Electron's own or a browser's. */
  door: v.picklist(['electron', 'browser']),
  platform: v.string(),
  /** The folder of data sets and runs, for people. */
  workspace: ShownTextSchema,
  device: v.object({
    kind: v.picklist(['cpu', 'gpu', 'none']),
    /** `CPU, 2 cores`, `NVIDIA H100`. */
    label: v.string(),
    /** In words; null where a GPU is used. */
    whyNotGpu: v.nullable(v.string()),
    /** Whether mixed precision gains anything here; null where that cannot be told. */
    multipliesBfloat16: v.nullable(v.boolean()),
  }),
});
export type App = v.InferOutput<typeof AppSchema>;

export const appOperations = {
  'app.describe': operation('host', v.object({}), AppSchema),
};
