import { ACTIVE_NATS } from '../activity.ts';
import type { GlossaryTerm } from './term.ts';

const scatter = { view: 'explore', where: 'Latent codes' } as const;
const faces = { view: 'explore', where: 'Faces' } as const;
const sliders = { view: 'explore', where: 'Dimensions' } as const;
const newRun = { view: 'train', where: 'New run' } as const;

/** Images, codes and the networks between them. */
export const CODE_TERMS = [
  {
    id: 'latent-space',
    title: 'Latent space',
    group: 'codes',
    also: ['latent'],
    sentence: 'The space of all codes: each image is a point in it, and similar images lie close together.',
    seen: [scatter, { view: 'train', where: 'Latent space' }],
  },
  {
    id: 'code',
    title: 'Code',
    group: 'codes',
    also: ['z', 'latent code', 'latent variable'],
    sentence: 'The few numbers that the encoder makes of an image and from which the decoder rebuilds it.',
    equation: 'z = ( z_1, …, z_L )',
    seen: [scatter, sliders],
  },
  {
    id: 'dimension',
    title: 'Dimension',
    group: 'codes',
    also: ['latent dimension'],
    sentence:
      'One of the numbers of a code. Its slider changes this number and leaves the others as they are.',
    equation: 'z_j',
    seen: [sliders, newRun],
    explains: ['setting:latentDim'],
  },
  {
    id: 'independent-axis',
    title: 'Independent axis',
    group: 'codes',
    also: ['independent component', 'ICA', 'FastICA'],
    sentence:
      'A direction among the codes, found so that what an image has along it says as little as possible about what it has along the others. Its slider changes several dimensions together.',
    equation: 'z = μ + A s',
    seen: [sliders, { view: 'measure', where: 'Metrics and what they say' }],
  },
  {
    id: 'encoder',
    title: 'Encoder',
    group: 'codes',
    sentence: 'The network that turns an image into its code. A VAE’s encoder gives a distribution of codes.',
    equation: 'q(z|x)',
    seen: [newRun],
  },
  {
    id: 'decoder',
    title: 'Decoder',
    group: 'codes',
    sentence: 'The network that turns a code into an image.',
    equation: 'x̂ = g(z)',
    seen: [faces, newRun],
  },
  {
    id: 'posterior',
    title: 'Posterior',
    group: 'codes',
    sentence:
      'The distribution of codes that the encoder gives for one image: a normal distribution with a mean and a variance for each dimension.',
    equation: 'q(z|x) = N( μ(x), σ^2(x) )',
    seen: [sliders],
  },
  {
    id: 'aggregate-posterior',
    title: 'Aggregate posterior',
    group: 'codes',
    sentence: 'The distribution of the codes of all images together: the mean of their posteriors.',
    equation: 'q(z) = 1/N Σ_n q(z|x_n)',
    seen: [scatter, { view: 'measure', where: 'Parts of the KL' }],
  },
  {
    id: 'prior',
    title: 'Prior',
    group: 'codes',
    sentence:
      'The distribution that codes should follow: independent normal distributions with mean 0 and variance 1. The rings of the scatter show it.',
    equation: 'p(z) = N(0, I)',
    seen: [scatter],
  },
  {
    id: 'mu',
    title: 'Mean μ',
    group: 'codes',
    also: ['mu', 'μ'],
    sentence: 'The middle of an image’s posterior. Unravel shows it as the image’s code.',
    equation: 'μ(x)',
    seen: [scatter, sliders],
  },
  {
    id: 'log-variance',
    title: 'Log variance',
    group: 'codes',
    also: ['logVar', 'log σ²', 'variance'],
    sentence:
      'The logarithm of the posterior’s variance. The encoder gives the logarithm because it may be any number, while a variance is above 0.',
    equation: 'log σ^2(x)',
    seen: [sliders],
  },
  {
    id: 'sigma',
    title: 'Deviation σ',
    group: 'codes',
    also: ['sigma', 'standard deviation', 'σ(μ)'],
    sentence:
      'How far values spread about their mean. The grey band of a slider is one σ of the image’s posterior to each side of μ.',
    equation: 'σ = exp( ½ log σ^2 )',
    seen: [sliders],
  },
  {
    id: 'reconstruction',
    title: 'Reconstruction',
    group: 'codes',
    also: ['x̂'],
    sentence: 'The image that the decoder makes of the code of the original image.',
    equation: 'x̂ = g( μ(x) )',
    seen: [faces, { view: 'compare', where: 'Reconstruction' }],
  },
  {
    id: 'live-decode',
    title: 'Live decode',
    group: 'codes',
    also: ['live code'],
    sentence: 'The image that the decoder makes of the code at which the sliders are now.',
    equation: 'x̂ = g(z)',
    seen: [faces],
  },
  {
    id: 'condition',
    title: 'Condition',
    group: 'codes',
    also: ['CVAE', 'conditional model'],
    sentence:
      'A label that encoder and decoder are given beside the image, so that the code does not need to carry it.',
    equation: 'x̂ = g(z, c)',
    seen: [faces, newRun],
    explains: ['setting:condition'],
  },
  {
    id: 'factor',
    title: 'Factor',
    group: 'codes',
    also: ['label', 'ground truth'],
    sentence:
      'A property in which the images differ, such as hair colour. Drawn images have known factors, photographs may have labels.',
    equation: 'v_k',
    seen: [scatter, { view: 'measure', where: 'Metrics' }],
  },
  {
    id: 'disentanglement',
    title: 'Disentanglement',
    group: 'codes',
    also: ['disentangled'],
    sentence:
      'A code is disentangled when each dimension stands for one property of the images and for no other.',
    seen: [sliders, { view: 'measure', where: 'Metrics' }],
  },
  {
    id: 'active-dimension',
    title: 'Active dimension',
    group: 'codes',
    also: ['inactive dimension', 'active unit'],
    sentence: `A dimension that carries information: its KL is above ${ACTIVE_NATS} nats. Moving an inactive one changes nothing.`,
    seen: [sliders, { view: 'train', where: 'KL per dimension' }],
  },
  {
    id: 'collapse',
    title: 'Collapse',
    group: 'codes',
    also: ['posterior collapse', 'collapsed'],
    sentence:
      'A model has collapsed when no dimension is active: every image has the prior as its posterior, and every reconstruction is the same.',
    equation: 'q(z|x) = p(z)',
    seen: [sliders, { view: 'train', where: 'KL per dimension' }],
  },
  {
    id: 'nats',
    title: 'Nats',
    group: 'codes',
    also: ['nat', 'bits', 'bit'],
    sentence: 'The unit of information with natural logarithms. 1 nat is 1.44 bits.',
    seen: [sliders, { view: 'train', where: 'Loss terms' }],
  },
] as const satisfies readonly GlossaryTerm[];
