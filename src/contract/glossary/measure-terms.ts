import type { GlossaryTerm } from './term.ts';

const sharpened = { view: 'train', where: 'Before and after' } as const;
const metrics = { view: 'measure', where: 'Metrics' } as const;

/** What stands beside the scores; the scores themselves are in `metrics.ts`. */
export const MEASURE_TERMS = [
  {
    id: 'interval',
    title: '95 % interval',
    group: 'measures',
    also: ['confidence interval', 'resamples', 'bootstrap'],
    sentence:
      'The range in which a score lies 95 times of 100 when it is measured again on images drawn anew from the same ones.',
    seen: [metrics],
  },
  {
    id: 'shuffled-labels',
    title: 'Shuffled labels',
    group: 'measures',
    also: ['labels shuffled', 'baseline'],
    sentence: 'The same score after the labels are exchanged among the images: what chance alone gives.',
    seen: [metrics],
  },
  {
    id: 'untrained-encoder',
    title: 'Untrained encoder',
    group: 'measures',
    also: ['random encoder', 'baseline'],
    sentence:
      'The same score for an encoder with random weights: what the metric gives without any learning.',
    seen: [metrics],
  },
  {
    id: 'laplacian-variance',
    title: 'Laplacian variance',
    group: 'measures',
    also: ['sharpness'],
    sentence:
      'How much a pixel differs from its four neighbours, as a variance over a picture’s grey values from 0 to 255: high for edges, low for blur. Noise raises it too.',
    seen: [sharpened],
  },
  {
    id: 'grid-power',
    title: 'Grid in flat regions',
    group: 'measures',
    also: ['checkerboard'],
    sentence:
      'The power of patterns of 2 and 4 pixels in the flattest parts of the pictures, divided by that of the frequencies beside them. Near 1 there is no grid.',
    seen: [sharpened],
  },
] as const satisfies readonly GlossaryTerm[];
