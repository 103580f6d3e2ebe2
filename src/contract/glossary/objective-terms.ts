import type { ModelKind } from '../objectives/registry.ts';

/** What each objective is, in a sentence; titles, sources and formulas come from its descriptor. */
export const OBJECTIVE_SENTENCES: Readonly<Record<ModelKind, string>> = {
  ae: 'An autoencoder learns to compress an image into a code and to rebuild it. Nothing orders its codes, so a random code gives no face.',
  vae: 'A variational autoencoder gives each image a distribution of codes and keeps it close to the prior, so that any code near 0 decodes to an image.',
  'beta-vae':
    'A VAE with a weight β on KL. A larger β gives simpler codes, whose dimensions are often easier to read, and blurrier images.',
  'beta-tcvae':
    'A VAE that weights the three parts of KL separately. A large β penalises only what dimensions share, so that each encodes its own property.',
  'annealed-vae':
    'A VAE whose KL is kept near a capacity C, which rises during the training, so that dimensions are learned one after the other.',
  'dip-vae-i': 'A VAE that penalises correlated means of the posteriors, and variances other than 1.',
  'dip-vae-ii':
    'A VAE that penalises correlated dimensions of the sampled codes, and variances other than 1. DIP-VAE-I does this to their means only.',
  'info-vae':
    'A VAE that keeps all codes together close to the prior, by their MMD, and not the code of every image.',
  'factor-vae':
    'A VAE that penalises the total correlation, which a discriminator estimates from codes whose dimensions are shuffled.',
  'vae-gan':
    'A VAE that compares images by the features of a discriminator, which also judges whether they look real. Its images are sharper.',
  qlae: 'A quantised autoencoder gives every dimension only a few values, which are learned. So few values for all images make it use each dimension for one property.',
};
