import type { GlossaryTerm } from './term.ts';

const lossTerms = { view: 'train', where: 'Loss terms' } as const;
const newRun = { view: 'train', where: 'New run' } as const;
const parts = { view: 'measure', where: 'Parts of the KL' } as const;
const plane = { view: 'compare', where: 'Rate and distortion' } as const;
const facts = { view: 'explore', where: 'Faces' } as const;

/** The terms of the objectives, their weights, and what the decoder assumes of pixels. */
export const LOSS_TERMS = [
  {
    id: 'elbo',
    title: 'ELBO',
    group: 'losses',
    also: ['evidence lower bound'],
    sentence:
      'A lower bound of the log-likelihood of an image. A VAE maximises it by minimising reconstruction error + KL.',
    equation: 'log p(x) ≥ E_q[ log p(x|z) ] − KL( q(z|x) ‖ p(z) )',
    seen: [newRun, parts],
  },
  {
    id: 'squared-error',
    title: 'Squared error',
    group: 'losses',
    also: ['reconstruction error', 'error'],
    sentence:
      'The squared difference between an image and its reconstruction, summed over pixels and channels.',
    equation: '‖x − g(z)‖^2',
    seen: [facts, lossTerms],
    explains: ['loss:reconstruction'],
  },
  {
    id: 'held-out-error',
    title: 'Held-out error',
    group: 'losses',
    also: ['held out', 'validation error', 'test error'],
    sentence:
      'The squared error on images that were kept out of the training. It shows how well the model does on images that it has not seen.',
    seen: [lossTerms, plane],
    explains: ['setting:heldOutPercent'],
  },
  {
    id: 'kl',
    title: 'KL',
    group: 'losses',
    also: ['Kullback–Leibler divergence', 'KL divergence'],
    sentence:
      'How far the posterior of an image is from the prior, summed over the dimensions. It measures how much information a code holds.',
    equation: 'KL( q(z|x) ‖ p(z) ) = ½ Σ_j ( μ_j^2 + σ_j^2 − 1 − log σ_j^2 )',
    seen: [facts, lossTerms, parts],
    explains: ['loss:kl'],
  },
  {
    id: 'kl-per-dimension',
    title: 'KL of a dimension',
    group: 'losses',
    also: ['KL per dimension', 'by KL'],
    sentence:
      'How far one dimension’s posterior is from the prior, averaged over the images. A dimension with almost none carries no information.',
    equation: '½ ( μ_j^2 + σ_j^2 − 1 − log σ_j^2 )',
    seen: [
      { view: 'explore', where: 'Dimensions' },
      { view: 'train', where: 'KL per dimension' },
    ],
  },
  {
    id: 'mutual-information',
    title: 'Mutual information',
    group: 'losses',
    also: ['MI', 'index-code mutual information', 'index-code information'],
    sentence:
      'How much a code tells about the image that it belongs to. Between a dimension and a factor: how much the one tells about the other.',
    equation: 'I(n; z) = KL( q(z, n) ‖ q(z) p(n) )',
    seen: [lossTerms, parts],
    explains: ['loss:mutualInformation'],
  },
  {
    id: 'total-correlation',
    title: 'Total correlation',
    group: 'losses',
    also: ['TC'],
    sentence: 'How far the dimensions of all codes together are from being independent.',
    equation: 'KL( q(z) ‖ Π_j q(z_j) )',
    seen: [lossTerms, parts],
    explains: ['loss:totalCorrelation'],
  },
  {
    id: 'dimensionwise-kl',
    title: 'Dimension-wise KL',
    group: 'losses',
    sentence: 'How far the codes of each dimension by itself are from the prior.',
    equation: 'Σ_j KL( q(z_j) ‖ p(z_j) )',
    seen: [lossTerms, parts],
    explains: ['loss:dimensionwiseKl'],
  },
  {
    id: 'beta',
    title: 'β',
    group: 'losses',
    also: ['beta'],
    sentence:
      'The weight of KL, or in β-TCVAE of the total correlation. More gives simpler codes and blurrier images; β = 1 is a VAE.',
    equation: '‖x − g(z)‖^2 + β · KL( q(z|x) ‖ p(z) )',
    seen: [newRun],
    explains: ['weight:beta'],
  },
  {
    id: 'alpha',
    title: 'α',
    group: 'losses',
    also: ['alpha'],
    sentence:
      'In β-TCVAE the weight of the mutual information, in InfoVAE the part of KL that is taken away, in VAE-GAN the weight of the squared error of pixels.',
    seen: [newRun],
    explains: ['weight:alpha'],
  },
  {
    id: 'gamma',
    title: 'γ',
    group: 'losses',
    also: ['gamma'],
    sentence:
      'In β-TCVAE the weight of the dimension-wise KL, in FactorVAE of the total correlation, in the annealed VAE of the distance between KL and its capacity.',
    seen: [newRun],
    explains: ['weight:gamma'],
  },
  {
    id: 'lambda',
    title: 'λ',
    group: 'losses',
    also: ['lambda', 'λ_od', 'λ_d'],
    sentence:
      'In DIP-VAE the weights of covariances (λ_od) and variances (λ_d), in InfoVAE the weight of the MMD, in VAE-GAN the weight of the discriminator’s judgement.',
    seen: [newRun],
    explains: ['weight:lambda', 'weight:lambdaDiagonal'],
  },
  {
    id: 'warm-up',
    title: 'Warm-up',
    group: 'losses',
    also: ['annealing', 'KL annealing'],
    sentence:
      'The first part of the training, over which a weight rises from 0 to its value, so that codes are learned before they are simplified.',
    equation: 'β(t) = β · min( 1, t / t_w )',
    seen: [newRun],
    explains: ['weight:warmUp'],
  },
  {
    id: 'capacity',
    title: 'Capacity C',
    group: 'losses',
    also: ['capacity'],
    sentence:
      'The KL, in nats, that the annealed VAE aims at. It rises from 0 to its value during the warm-up.',
    equation: '| KL( q(z|x) ‖ p(z) ) − C |',
    seen: [newRun, lossTerms],
    explains: ['weight:capacity', 'loss:capacityGap'],
  },
  {
    id: 'covariance-penalty',
    title: 'Covariance penalty',
    group: 'losses',
    also: ['off-diagonal', 'diagonal', 'DIP'],
    sentence:
      'DIP-VAE’s two penalties: on covariances between dimensions other than 0, and on variances other than 1.',
    equation: 'λ_{od} Σ_{i≠j} Cov_{ij}^2 + λ_d Σ_j ( Var_j − 1 )^2',
    seen: [lossTerms],
    explains: ['loss:offDiagonal', 'loss:diagonal'],
  },
  {
    id: 'mmd',
    title: 'MMD',
    group: 'losses',
    also: ['maximum mean discrepancy'],
    sentence:
      'The distance between all codes of a batch and samples of the prior, by how similar they are to each other and among themselves.',
    equation: 'E[ k(z, z′) ] + E[ k(p, p′) ] − 2 E[ k(z, p) ]',
    seen: [lossTerms],
    explains: ['loss:mmd'],
  },
  {
    id: 'discriminator',
    title: 'Discriminator',
    group: 'losses',
    also: ['GAN', 'adversarial loss', 'feature error'],
    sentence:
      'A network trained beside the model. FactorVAE’s tells codes from shuffled codes, VAE-GAN’s tells real images from decoded ones.',
    equation: '‖D(x) − D(g(z))‖^2',
    seen: [newRun, lossTerms],
    explains: ['loss:features', 'loss:adversarial'],
  },
  {
    id: 'quantisation',
    title: 'Quantisation error',
    group: 'losses',
    also: ['quantisation', 'quantization', 'commitment', 'learned values', 'n values', 'λ_q', 'λ_c'],
    sentence:
      'How far the encoder’s numbers are from the n learned values that QLAE replaces them by. λ_q weights it for the values, which move to the numbers, λ_c for the encoder, which stays close to the values.',
    equation: '‖q_n(f(x)) − f(x)‖^2',
    seen: [newRun, lossTerms],
    explains: ['weight:values', 'weight:quantisation', 'weight:commitment', 'loss:quantisation'],
  },
  {
    id: 'rate',
    title: 'Rate and distortion',
    group: 'losses',
    also: ['rate', 'distortion', 'rate–distortion'],
    sentence:
      'Rate is the KL of a code, distortion the squared error of its image. A better model has less of both; β moves a model from one to the other.',
    seen: [plane],
  },
  {
    id: 'gaussian-decoder',
    title: 'Gaussian decoder',
    group: 'losses',
    also: ['Gaussian', 'variance ½', 'learned variance', 'optimal variance', 'σ-VAE'],
    sentence:
      'It compares images by squared errors. The paper’s has a variance of ½; a smaller one asks for more exact images, a learned one finds its own, and the optimal one is the mean squared error of the batch, so that pictures and KL weigh as the bound has it (Rybkin et al. 2021).',
    equation: '−log p(x|z) = ‖x − g(z)‖^2 / 2σ^2 + constant',
    seen: [newRun],
    explains: [
      'decoder:gaussian',
      'decoder:gaussian-learned',
      'decoder:gaussian-optimal',
      'setting:variance',
    ],
  },
  {
    id: 'bernoulli-decoder',
    title: 'Bernoulli decoder',
    group: 'losses',
    also: ['Bernoulli', 'cross-entropy'],
    sentence: 'It compares images by cross-entropy, which suits black and white pictures.',
    equation: '− Σ x log x̂ + (1 − x) log(1 − x̂)',
    seen: [newRun],
    explains: ['decoder:bernoulli'],
  },
  {
    id: 'laplace-decoder',
    title: 'Laplace decoder',
    group: 'losses',
    also: ['Laplace', 'absolute error'],
    sentence: 'It compares images by absolute errors, so that a few very wrong pixels count less.',
    equation: 'Σ |x − x̂| / b',
    seen: [newRun],
    explains: ['decoder:laplace'],
  },
] as const satisfies readonly GlossaryTerm[];
