import { completeness, disentanglement } from './dci.ts';
import { fitBoostedTrees } from './gradient-boosting.ts';
import { knownRows } from './known-rows.ts';
import { meanOfKnown, scoreInfo, type Metric } from './metric.ts';

/**
 * Disentanglement, completeness and informativeness (Eastwood & Williams 2018), as in disentanglement_lib:
 * importance is the gain of the splits of gradient boosted trees, informativeness their accuracy on test images.
 */
export const dciTrees: Metric = {
  id: 'dci',
  scores: [scoreInfo('dciDisentanglement'), scoreInfo('dciCompleteness'), scoreInfo('dciInformativeness')],
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
