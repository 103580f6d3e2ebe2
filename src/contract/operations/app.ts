import * as v from 'valibot';
import { operation } from '../operation.ts';
import { RememberedSchema } from '../remembered.ts';
import { ShownTextSchema } from '../shown-text.ts';

/** Version, platform and device of the running application. */
export const AppSchema = v.object({
  version: v.string(),
  /** Whether it is shown in an Electron window or a browser. */
  door: v.picklist(['electron', 'browser']),
  platform: v.string(),
  /** The folder of data sets and runs, for display. */
  workspace: ShownTextSchema,
  device: v.object({
    kind: v.picklist(['cpu', 'gpu', 'none']),
    /** `CPU, 2 cores`, `NVIDIA H100`. */
    label: v.string(),
    /** Why no GPU is used; null if one is used. */
    whyNotGpu: v.nullable(v.string()),
    /** Whether mixed precision is faster on this device; null if unknown. */
    multipliesBfloat16: v.nullable(v.boolean()),
  }),
});
export type App = v.InferOutput<typeof AppSchema>;

export const appOperations = {
  'app.describe': operation('host', v.object({}), AppSchema),
  /** What the last window of this workspace showed. */
  'app.recall': operation('host', v.object({}), RememberedSchema),
  /** Keeps what the window shows, for the next one of this workspace. */
  'app.remember': operation('host', RememberedSchema, v.object({})),
};
