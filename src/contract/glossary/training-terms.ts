import type { GlossaryTerm } from './term.ts';

const newRun = { view: 'train', where: 'New run' } as const;

/** What a training is made of. */
export const TRAINING_TERMS = [
  {
    id: 'step',
    title: 'Step',
    group: 'training',
    also: ['iteration'],
    sentence: 'One change of the weights, computed from one batch of images.',
    seen: [newRun],
  },
  {
    id: 'epoch',
    title: 'Epoch',
    group: 'training',
    also: ['epochs'],
    sentence: 'One pass over all images of the training.',
    seen: [newRun, { view: 'train', where: 'Loss terms' }],
    explains: ['setting:epochs'],
  },
  {
    id: 'batch',
    title: 'Batch',
    group: 'training',
    also: ['batch size', 'minibatch'],
    sentence: 'The images from which one step is computed together.',
    seen: [newRun],
    explains: ['setting:batchSize'],
  },
  {
    id: 'learning-rate',
    title: 'Learning rate',
    group: 'training',
    sentence:
      'How far a step changes the weights. Too large, and the loss grows; too small, and nothing is learned in time.',
    seen: [newRun],
    explains: ['setting:learningRate'],
  },
  {
    id: 'schedule',
    title: 'Learning-rate schedule',
    group: 'training',
    also: ['cosine', 'schedule', 'annealing'],
    sentence:
      'How the learning rate changes during a training: it stays, or falls to 0 along half a cosine, so that the last steps are small (Loshchilov & Hutter 2017).',
    equation: 'ε_t = ½·ε·(1 + cos(π·t/T))',
    seen: [newRun],
    explains: ['setting:schedule'],
  },
  {
    id: 'rate-warm-up',
    title: 'Warm-up of the learning rate',
    group: 'training',
    also: ['warm-up steps', 'learning-rate warm-up'],
    sentence:
      'The learning rate rises from 0 over the first steps, in which Adam does not know the sizes of the gradients yet (Goyal et al. 2017).',
    seen: [newRun],
    explains: ['setting:warmUpSteps'],
  },
  {
    id: 'clipping',
    title: 'Gradient clipping',
    group: 'training',
    also: ['clip norm', 'clipping'],
    sentence:
      'Where the norm of all gradients together is above a limit, they are scaled down to it, so that one unusual batch cannot spoil the weights (Pascanu et al. 2013).',
    seen: [newRun],
    explains: ['setting:clipNorm'],
  },
  {
    id: 'weight-decay',
    title: 'Weight decay',
    group: 'training',
    also: ['AdamW', 'decoupled weight decay'],
    sentence:
      'At every step, filters and matrices lose a small part of themselves, which keeps weights small that nothing needs (Loshchilov & Hutter 2019).',
    seen: [newRun],
    explains: ['setting:weightDecay'],
  },
  {
    id: 'averaging',
    title: 'Averaged weights',
    group: 'training',
    also: ['exponential moving average', 'EMA', 'Polyak averaging', 'averaging'],
    sentence:
      'The moving average of the weights over the latest steps, with which a model is evaluated and shown: it is steadier than the weights of one step (Polyak & Juditsky 1992).',
    seen: [newRun],
    explains: ['setting:averageDecay'],
  },
  {
    id: 'seed',
    title: 'Seed',
    group: 'training',
    also: ['random seed'],
    sentence:
      'The number from which all chance of a training comes. The same seed and settings give the same model.',
    seen: [newRun, { view: 'measure', where: 'Metrics' }],
    explains: ['setting:seed'],
  },
  {
    id: 'paper-network',
    title: 'Paper’s network',
    group: 'training',
    also: ['architecture', 'paper'],
    sentence: 'The network of the paper: six convolutions each way with batch norms, 6.3 million weights.',
    seen: [newRun],
    explains: ['architecture:paper'],
  },
  {
    id: 'burgess-network',
    title: 'Burgess network',
    group: 'training',
    also: ['burgess', 'architecture'],
    sentence:
      'The smaller network of most published work on disentanglement: four convolutions and two dense layers each way, 0.5 million weights.',
    seen: [newRun],
    explains: ['architecture:burgess'],
  },
  {
    id: 'residual-network',
    title: 'Residual network',
    group: 'training',
    also: ['residual', 'ResNet', 'residual block', 'SiLU', 'architecture'],
    sentence:
      'A network whose blocks add what they compute to what they were given, as most sharp image models have; as many weights as the paper’s, and sharper after the same steps.',
    seen: [newRun],
    explains: ['architecture:residual'],
  },
  {
    id: 'sampling',
    title: 'Weighted and stratified sampling',
    group: 'training',
    also: ['minibatch weighted sampling', 'minibatch stratified sampling', 'MWS', 'MSS', 'sampling'],
    sentence:
      'Two ways to estimate the density of all codes from one batch. Stratified weights sum to one; the paper uses weighted ones.',
    equation: 'log q(z) ≈ log 1/NM Σ_j q(z|x_j)',
    seen: [newRun],
    explains: ['setting:sampling'],
  },
  {
    id: 'sweep',
    title: 'Sweep',
    group: 'training',
    sentence: 'Several trainings that differ in β or in the seed, one after the other, to compare them.',
    seen: [newRun],
  },
  {
    id: 'precision',
    title: 'Precision',
    group: 'training',
    also: ['bfloat16', 'mixed precision', 'float32'],
    sentence:
      'How exactly numbers are stored. Mixed precision computes convolutions in bfloat16, which is faster where the processor supports it.',
    seen: [newRun],
  },
] as const satisfies readonly GlossaryTerm[];
