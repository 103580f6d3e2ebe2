import * as v from 'valibot';
import { MOST_EPOCHS } from '../../../contract/run.ts';
import { readJsonFile } from '../../../system/read-file.ts';

const weight = v.pipe(v.number(), v.finite(), v.minValue(0));
/** The image sizes that disentangling-vae has networks for. */
const SIZES = [32, 64] as const;
/** Maximum size of `specs.json`, which usually has a few hundred bytes. */
const MOST_SPECS_BYTES = 1_000_000;

/** The file `specs.json` that disentangling-vae writes for a model; other keys are ignored. */
const SpecsSchema = v.object({
  img_size: v.pipe(
    v.tuple([v.picklist([1, 3]), v.picklist(SIZES), v.picklist(SIZES)]),
    v.check(([, height, width]) => height === width, 'images are not square'),
  ),
  latent_dim: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(512)),
  model_type: v.pipe(v.string(), v.toLowerCase(), v.literal('burgess')),
  loss: v.optional(v.string()),
  dataset: v.optional(v.string()),
  rec_dist: v.optional(v.string()),
  btcvae_B: v.optional(weight),
  betaH_B: v.optional(weight),
  // The same ranges as in a run's config, so that the imported run can be read again.
  epochs: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(MOST_EPOCHS))),
  batch_size: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(4096))),
  lr: v.optional(v.pipe(v.number(), v.minValue(1e-9), v.maxValue(1))),
});
/** The contents of disentangling-vae's `specs.json`. */
export type Specs = v.InferOutput<typeof SpecsSchema>;

/**
 * Reads disentangling-vae's `specs.json`.
 *
 * @throws UnravelError if the file is missing, damaged, or describes another kind of model
 */
export function readSpecs(path: string): Promise<Specs> {
  return readJsonFile(path, {
    schema: SpecsSchema,
    mostBytes: MOST_SPECS_BYTES,
    followLinks: true,
    otherwise: 'does not describe a supported model',
    hint: `It must contain img_size [1 or 3, ${SIZES.join(' or ')}, the same], latent_dim and model_type Burgess.`,
  });
}
