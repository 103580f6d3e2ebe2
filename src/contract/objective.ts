import * as v from 'valibot';

/** More would leave nothing of the other terms in 32 bits. */
const weight = v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(1e12));
const part = v.pipe(v.number(), v.minValue(0), v.maxValue(1));

/** What a model minimises: the paper's four first, then the family around them. */
export const ModelKindSchema = v.picklist([
  'ae',
  'vae',
  'beta-vae',
  'beta-tcvae',
  'annealed-vae',
  'dip-vae-i',
  'dip-vae-ii',
  'info-vae',
  'factor-vae',
  'vae-gan',
]);
export type ModelKind = v.InferOutput<typeof ModelKindSchema>;

/** A model's name as people write it. */
export const MODEL_TITLES: Readonly<Record<ModelKind, string>> = {
  ae: 'AE',
  vae: 'VAE',
  'beta-vae': 'β-VAE',
  'beta-tcvae': 'β-TCVAE',
  'annealed-vae': 'Annealed VAE',
  'dip-vae-i': 'DIP-VAE-I',
  'dip-vae-ii': 'DIP-VAE-II',
  'info-vae': 'InfoVAE',
  'factor-vae': 'FactorVAE',
  'vae-gan': 'VAE-GAN',
};

/** How a batch stands for all images in log q(z): see `engine/losses/minibatch.ts`. */
export const SamplingSchema = v.picklist(['weighted', 'stratified']);
export type Sampling = v.InferOutput<typeof SamplingSchema>;

/** The weights of an objective's terms; those a model does not have are left out. */
export const ObjectiveSchema = v.object({
  model: ModelKindSchema,
  /** Weight of KL (β-VAE, VAE-GAN) or of total correlation (β-TCVAE). */
  beta: v.optional(weight),
  /**
   * Weight of the index-code mutual information (β-TCVAE), the part of KL taken away (InfoVAE), or the weight of the
   * squared error of pixels (VAE-GAN).
   */
  alpha: v.optional(weight),
  /** Weight of the dimension-wise KL (β-TCVAE), of total correlation (FactorVAE), of |KL − C| (annealed VAE). */
  gamma: v.optional(weight),
  /**
   * Weight of the squared covariances (DIP-VAE), of the aggregate posterior's MMD to the prior (InfoVAE), or of the
   * discriminator's verdict (VAE-GAN).
   */
  lambda: v.optional(weight),
  /** Weight of the squared distances of the variances from 1 (DIP-VAE). */
  lambdaDiagonal: v.optional(weight),
  /** The KL that is drawn to in the end, nats (annealed VAE). */
  capacity: v.optional(weight),
  /** The part of the training over which β (β-VAE) or the capacity (annealed VAE) rises to its value; 0: at once. */
  warmUp: v.optional(part),
  /** Left out, it is weighted (β-TCVAE). */
  sampling: v.optional(SamplingSchema),
});
export type Objective = v.InferOutput<typeof ObjectiveSchema>;

/** A weight, or another number that an objective has, by its name in {@link Objective}. */
export type WeightName = Exclude<keyof Objective, 'model' | 'sampling'>;

/** The numbers that each model's objective has, as published. */
export const OBJECTIVE_WEIGHTS: {
  readonly [model in ModelKind]: Readonly<Partial<Record<WeightName, number>>>;
} = {
  ae: {},
  vae: {},
  'beta-vae': { beta: 5, warmUp: 0 },
  'beta-tcvae': { alpha: 1, beta: 20, gamma: 1 },
  // Burgess et al. 2018 rise to 25 nats; over a third of the training, as Locatello et al. 2019.
  'annealed-vae': { gamma: 1000, capacity: 25, warmUp: 1 / 3 },
  // Kumar et al. 2018 have λ_d = 10·λ_od for the first kind, and λ_d = λ_od for the second.
  'dip-vae-i': { lambda: 10, lambdaDiagonal: 100 },
  'dip-vae-ii': { lambda: 10, lambdaDiagonal: 10 },
  // Zhao et al. 2019: the prior's MMD must weigh as much as a picture's error.
  'info-vae': { alpha: 0, lambda: 1000 },
  // Kim & Mnih 2018, as on CelebA.
  'factor-vae': { gamma: 6.4 },
  // Larsen et al. 2016 give weights for their own network's features, and none for pixels. These are of this one's:
  // features err by some ten times what pixels do, so each of the two counts about half, and KL as a VAE's beside them.
  'vae-gan': { alpha: 10, beta: 25, lambda: 30 },
};
