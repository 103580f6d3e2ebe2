import type { Random } from '../basics/random.ts';
import { binFeatures } from './feature-bins.ts';
import { leafOfRow, LEAVES, TreeGrower, type RegressionTree } from './regression-tree.ts';

/** Number of boosting rounds and learning rate: scikit-learn's defaults. */
const ROUNDS = 100;
const LEARNING_RATE = 0.1;

/** The tree of one class in one round, and the values that its leaves add to the score. */
interface Stage {
  readonly tree: RegressionTree;
  readonly leaves: Float64Array;
}

/** A classifier by boosted trees. */
export interface BoostedTrees {
  /** Relative gain of the splits by each feature, with sum 1; all 0 if there is no split. */
  readonly importance: Float64Array;
  /**
   * Predicts the most probable class of every row.
   *
   * @param table - `[rows, features]`
   */
  predict(table: Float32Array): Uint16Array;
}

/** Training data of a classifier. */
export interface LabelledRows {
  /** `[rows, features]`. */
  readonly table: Float32Array;
  readonly features: number;
  /** `[rows]`, each below `classCount`. */
  readonly classes: Uint16Array;
  readonly classCount: number;
}

/**
 * Gradient boosting of regression trees (Friedman 2001, algorithms 5 and 6), with the defaults of scikit-learn's
 * GradientBoostingClassifier: a hundred rounds, a tree of depth three for each class (one for two classes),
 * learning rate 0.1.
 *
 * @param pause - awaited after every round
 */
export async function fitBoostedTrees(
  { table, features, classes, classCount }: LabelledRows,
  random: Random,
  pause: () => Promise<void> = () => Promise.resolve(),
): Promise<BoostedTrees> {
  const rows = classes.length;
  const counts = new Float64Array(classCount);
  for (const known of classes) counts[known]! += 1;
  const present = Uint16Array.from(counts.keys()).filter((known) => counts[known]! > 0);
  const importance = new Float64Array(features);
  if (present.length < 2) {
    const only = present[0] ?? 0;
    return { importance, predict: ({ length }) => new Uint16Array(length / features).fill(only) };
  }

  const grower = new TreeGrower(binFeatures(table, features), random);
  const outputs = present.length === 2 ? 1 : present.length;
  const target = Uint16Array.from(classes, (known) => present.indexOf(known));
  const start = startingScores(counts, present, outputs);
  // `[outputs][rows]`, because a tree is fitted to all rows of one output.
  const scores = Array.from(start, (score) => new Float64Array(rows).fill(score));
  const probabilities = Array.from(start, () => new Float64Array(rows));
  const residuals = new Float64Array(rows);
  const stages: Stage[][] = [];
  let treesThatSplit = 0;
  for (let round = 0; round < ROUNDS; round++) {
    fillProbabilities(scores, probabilities);
    const stage: Stage[] = [];
    for (let output = 0; output < outputs; output++) {
      const positive = outputs === 1 ? 1 : output;
      const [own, probability] = [scores[output]!, probabilities[output]!];
      for (let row = 0; row < rows; row++) {
        residuals[row] = (target[row] === positive ? 1 : 0) - probability[row]!;
      }
      const tree = grower.grow(residuals, importance);
      if (tree.feature[0]! >= 0) treesThatSplit += 1;
      const { leafOf } = grower;
      const leaves = leafSteps(leafOf, residuals, probability, outputs);
      for (let row = 0; row < rows; row++) own[row]! += leaves[leafOf[row]!]!;
      stage.push({ tree, leaves });
    }
    stages.push(stage);
    await pause();
  }

  const total = importance.reduce((sum, value) => sum + value, 0);
  return {
    importance:
      treesThatSplit === 0 || total === 0 ? importance.fill(0) : importance.map((value) => value / total),
    predict: (other) => predictClasses(other, features, start, stages, present),
  };
}

/** The scores before any tree: log odds of two classes, else the log of each class's frequency. */
function startingScores(counts: Float64Array, present: Uint16Array, outputs: number): Float64Array {
  const share = Array.from(present, (known) => counts[known]!);
  const total = share.reduce((sum, value) => sum + value, 0);
  if (outputs === 1) return Float64Array.of(Math.log(share[1]! / share[0]!));
  return Float64Array.from(share, (value) => Math.log(value / total));
}

/** The logistic function of one score, the softmax of several; arrays are `[outputs][rows]`. */
function fillProbabilities(scores: readonly Float64Array[], into: readonly Float64Array[]): void {
  const rows = scores[0]!.length;
  if (scores.length === 1) {
    for (let row = 0; row < rows; row++) into[0]![row] = 1 / (1 + Math.exp(-scores[0]![row]!));
    return;
  }
  const largest = new Float64Array(rows).fill(Number.NEGATIVE_INFINITY);
  for (const score of scores) {
    for (let row = 0; row < rows; row++) if (score[row]! > largest[row]!) largest[row] = score[row]!;
  }
  const sum = new Float64Array(rows);
  for (const [k, score] of scores.entries()) {
    const power = into[k]!;
    for (let row = 0; row < rows; row++) {
      power[row] = Math.exp(score[row]! - largest[row]!);
      sum[row]! += power[row]!;
    }
  }
  for (const power of into) for (let row = 0; row < rows; row++) power[row]! /= sum[row]!;
}

/**
 * One step of Newton's method in each leaf, Σ r / Σ p(1 − p), times (K − 1)/K for K > 2 classes and the learning
 * rate (Friedman 2001, eqs. 24 and 33).
 */
function leafSteps(
  leafOf: Uint8Array,
  residuals: Float64Array,
  probabilities: Float64Array,
  outputs: number,
): Float64Array {
  const [above, below] = [new Float64Array(LEAVES), new Float64Array(LEAVES)];
  for (let row = 0; row < residuals.length; row++) {
    const probability = probabilities[row]!;
    above[leafOf[row]!]! += residuals[row]!;
    below[leafOf[row]!]! += probability * (1 - probability);
  }
  const scale = LEARNING_RATE * (outputs === 1 ? 1 : (outputs - 1) / outputs);
  return above.map((value, leaf) => (below[leaf]! < 1e-150 ? 0 : (scale * value) / below[leaf]!));
}

function predictClasses(
  table: Float32Array,
  features: number,
  start: Float64Array,
  stages: readonly (readonly Stage[])[],
  present: Uint16Array,
): Uint16Array {
  const outputs = start.length;
  const scores = new Float64Array(outputs);
  return Uint16Array.from({ length: table.length / features }, (_, row) => {
    scores.set(start);
    for (const stage of stages) {
      for (let output = 0; output < outputs; output++) {
        const { tree, leaves } = stage[output]!;
        scores[output]! += leaves[leafOfRow(tree, table, row * features)]!;
      }
    }
    if (outputs === 1) return present[scores[0]! > 0 ? 1 : 0]!;
    return present[scores.indexOf(Math.max(...scores))]!;
  });
}
