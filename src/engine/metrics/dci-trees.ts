import { completeness, disentanglement } from './dci.ts';
import { fitBoostedTrees } from './gradient-boosting.ts';
import { knownRows } from './known-rows.ts';
import { meanOfKnown, type Metric } from './metric.ts';

/**
 * Disentanglement, completeness and informativeness (Eastwood & Williams 2018), as in disentanglement_lib:
 * importance is the gain of the splits of gradient boosted trees, informativeness their accuracy on test images.
 */
export const dciTrees: Metric = {
  id: 'dci',
  scores: [
    {
      key: 'dciDisentanglement',
      title: 'DCI disentanglement',
      sentence:
        'Whether each dimension that matters is used to predict one factor only, judged by boosted trees: 1 when no dimension serves two factors.',
    },
    {
      key: 'dciCompleteness',
      title: 'DCI completeness',
      sentence:
        'Whether each factor is predicted from one dimension only, judged by boosted trees: 1 when no factor is spread over several dimensions.',
    },
    {
      key: 'dciInformativeness',
      title: 'DCI informativeness',
      sentence:
        'How often boosted trees find a factor’s right value from the whole code of an image they have not learned from. It says how much is in the code, not how tidily; chance is the shuffled baseline, not 0.',
    },
  ],
  bins: null,
  effort: { resamples: 5, shuffles: 1, cost: 1000 },
  counts: ({ train, test }) => ({ train: train.count, test: test.count }),
  async measure({ train, test }, { random, pause }) {
    const { latentDim, factors } = train;
    const values = new Float64Array(latentDim * factors.length);
    const accuracy = new Float64Array(factors.length);
    for (const [f, { size }] of factors.entries()) {
      const known = { ...knownRows(train, f), features: latentDim, classCount: size };
      const trees = await fitBoostedTrees(known, random, pause);
      trees.importance.forEach((value, l) => (values[l * factors.length + f] = value));
      const { table, classes } = knownRows(test, f);
      const predicted = trees.predict(table);
      const right = classes.reduce((sum, known, row) => sum + (predicted[row] === known ? 1 : 0), 0);
      accuracy[f] = classes.length === 0 ? Number.NaN : right / classes.length;
    }
    const importance = { dimensions: latentDim, factors: factors.length, values };
    const matrix = { title: 'Importance', unit: 'share', values } as const;
    return {
      dciDisentanglement: { value: disentanglement(importance), matrix },
      dciCompleteness: { ...completeness(importance), matrix },
      dciInformativeness: { value: meanOfKnown(accuracy), perFactor: accuracy, matrix },
    };
  },
};
