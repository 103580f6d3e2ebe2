import type { GlossaryTerm } from './term.ts';

const track = { view: 'explore', where: 'Track' } as const;
const scatter = { view: 'explore', where: 'Latent codes' } as const;

/** What one does with codes. */
export const EXPLORING_TERMS = [
  {
    id: 'traversal',
    title: 'Traversal',
    group: 'exploring',
    also: ['traverse', 'latent traversal'],
    sentence: 'One dimension of a code is moved in even steps, and the image of each step is decoded.',
    equation: 'x̂_t = g( z + t e_j )',
    seen: [track],
  },
  {
    id: 'interpolation',
    title: 'Interpolation',
    group: 'exploring',
    also: ['interpolate', 'morph'],
    sentence: 'The images along the straight line from the code of one image to the code of another.',
    equation: 'x̂_t = g( (1 − t) z_a + t z_b )',
    seen: [track],
  },
  {
    id: 'sample',
    title: 'Sample of the prior',
    group: 'exploring',
    also: ['sample prior', 'sampling', 'generate'],
    sentence:
      'A random code from the prior and its image: what the model imagines without an image to start from.',
    equation: 'z ~ N(0, I)',
    seen: [
      { view: 'explore', where: 'Faces' },
      { view: 'train', where: 'Held-out faces and prior samples' },
    ],
  },
  {
    id: 'principal-component',
    title: 'Principal component',
    group: 'exploring',
    also: ['PC', 'PC 1', 'PCA', 'principal components'],
    sentence:
      'A direction through the codes. The first is the one along which they differ most, each further one adds the most of what is left; the per cent say how much of the variance it holds.',
    seen: [scatter, { view: 'train', where: 'Latent space' }],
  },
  {
    id: 'embedding',
    title: 'Embedding',
    group: 'exploring',
    also: ['UMAP', 't-SNE', 'projection'],
    sentence:
      'A picture in which neighbours among the codes stay neighbours. Distances between far points and directions mean little in it.',
    seen: [scatter],
  },
] as const satisfies readonly GlossaryTerm[];
