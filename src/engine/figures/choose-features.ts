import { UnravelError } from '../../contract/errors.ts';
import type { Feature } from '../../contract/figures.ts';
import type { Carrier } from '../../contract/operations/measure.ts';
import { nearNames } from '../basics/near-names.ts';
import type { Sample } from '../metrics/sample.ts';
import { spoken } from './layout.ts';
import type { RunCodes } from './run-codes.ts';

type Cell = Feature['cells'][number];

/** What is moved, in words. */
const DIMENSIONS = { one: 'dimension', many: 'dimensions', symbol: 'z' } as const;
const AXES = { one: 'independent axis', many: 'axes', symbol: 'a' } as const;

/** A dimension that a person has chosen for a feature. */
export interface ChosenDimension {
  readonly dimension: number;
  readonly isReversed: boolean;
}

/** A feature that a person has named: a label or factor, or anything if every model's dimension is given. */
export interface FeatureChoice {
  readonly name: string;
  /** By the index of the run. For other runs, the dimension that encodes the label best is chosen. */
  readonly dimensions: ReadonlyMap<number, ChosenDimension>;
}

/** Correlation of a dimension with an ordered factor; 0 for one without an order. */
function correlation({ codes, latentDim, factors }: Sample, dimension: number, f: number): number {
  const { values, isOrdered } = factors[f]!;
  if (!isOrdered) return 0;
  let [n, x, y, xx, yy, xy] = [0, 0, 0, 0, 0, 0];
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!;
    if (Number.isNaN(value)) continue;
    const code = codes[row * latentDim + dimension]!;
    n += 1;
    x += code;
    y += value;
    xx += code * code;
    yy += value * value;
    xy += code * value;
  }
  const spread = Math.sqrt(Math.max(0, n * xx - x * x) * Math.max(0, n * yy - y * y));
  return spread > 0 ? (n * xy - x * y) / spread : 0;
}

function unitOf({ kl, deviations }: RunCodes, dimension: number): number {
  return kl === null ? deviations[dimension]! : 1;
}

function bitsOf({ sample }: RunCodes, dimension: number, f: number): number {
  return sample.information.beyondChance[dimension * sample.factors.length + f]! / Math.LN2;
}

/**
 * The dimension with the most information about a factor beyond chance, or, if none has any, with the most mutual
 * information.
 */
function bestDimension({ sample }: RunCodes, f: number): number {
  const { beyondChance, values } = sample.information;
  const at = (dimension: number): number => dimension * sample.factors.length + f;
  let best = 0;
  for (let l = 1; l < sample.latentDim; l++) {
    const more = beyondChance[at(l)]! - beyondChance[at(best)]!;
    if (more > 0 || (more === 0 && values[at(l)]! > values[at(best)]!)) best = l;
  }
  return best;
}

function carrier(codes: RunCodes, dimension: number, f: number): Carrier {
  return {
    dimension,
    isReversed: correlation(codes.sample, dimension, f) < 0,
    unit: unitOf(codes, dimension),
    bits: bitsOf(codes, dimension, f),
  };
}

/** The relation of each dimension to a factor, in order. */
export function carriersOf(codes: RunCodes, f: number): Carrier[] {
  return Array.from({ length: codes.sample.latentDim }, (_, dimension) => carrier(codes, dimension, f));
}

/** The direction of an independent axis, for a figure that moves along axes. */
export function directionOf({ directions }: RunCodes, axis: number): Pick<Cell, 'direction'> {
  return directions ? { direction: [...directions[axis]!] } : {};
}

function automaticCell(codes: RunCodes, f: number): Carrier & Cell {
  const best = bestDimension(codes, f);
  return { ...carrier(codes, best, f), ...directionOf(codes, best) };
}

/** True if at least half of the models would show a dimension that is already shown for another feature. */
function isRepeated(cells: readonly Cell[], chosen: readonly Feature[]): boolean {
  const repeated = cells.filter(({ dimension }, run) =>
    chosen.some((feature) => feature.cells[run]!.dimension === dimension),
  );
  return repeated.length * 2 >= cells.length;
}

/**
 * Chooses the labels and factors that the models encode best in one dimension each, sorted by the mean information
 * of the best dimension. Labels for which at least half of the models would show the same dimension again are left
 * out.
 *
 * @param runs - each model's codes of the same images
 * @param most - how many features at most
 */
export function chooseFeatures(runs: readonly RunCodes[], most: number): Feature[] {
  const ranked = runs[0]!.sample.factors
    .map(({ name }, f) => {
      const cells = runs.map((codes) => automaticCell(codes, f));
      return { name, cells, score: cells.reduce((sum, { bits }) => sum + bits, 0) };
    })
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score);
  const chosen: Feature[] = [];
  for (const { name, cells } of ranked) {
    if (chosen.length === most) break;
    if (!isRepeated(cells, chosen)) chosen.push({ name, cells });
  }
  return chosen;
}

function findFactor({ factors }: Sample, wanted: string): number {
  const plain = (name: string): string => spoken(name).toLowerCase();
  const exact = factors.findIndex(({ name }) => name === wanted);
  return exact >= 0 ? exact : factors.findIndex(({ name }) => plain(name) === plain(wanted));
}

/**
 * The features that a person has named, each with the dimensions that were given and, for the other models, those
 * that encode the label best.
 *
 * @throws UnravelError `bad-input` for a dimension that a model does not have, `not-found` for an unknown label if
 * one is needed
 */
export function resolveFeatures(runs: readonly RunCodes[], choices: readonly FeatureChoice[]): Feature[] {
  const { sample } = runs[0]!;
  return choices.map(({ name, dimensions }) => {
    const f = findFactor(sample, name);
    if (f < 0 && runs.some((_, run) => !dimensions.has(run))) {
      const near = nearNames(
        name,
        sample.factors.map((factor) => factor.name),
      );
      throw new UnravelError('not-found', `There is no label or factor ${name} to choose dimensions by.`, {
        hint: near.length
          ? `Did you mean ${near.join(' or ')}?`
          : 'Name one of the data set, or give a dimension of every run.',
      });
    }
    const cells = runs.map((codes, run): Cell => {
      const given = dimensions.get(run);
      if (!given) return automaticCell(codes, f);
      const { dimension, isReversed } = given;
      if (dimension >= codes.sample.latentDim) {
        const { one, many, symbol } = codes.directions ? AXES : DIMENSIONS;
        throw new UnravelError('bad-input', `${name}: the model has no ${one} ${symbol}${dimension}.`, {
          hint: `Its ${many} are ${symbol}0 to ${symbol}${codes.sample.latentDim - 1}.`,
        });
      }
      return {
        dimension,
        isReversed,
        unit: unitOf(codes, dimension),
        bits: f < 0 ? null : bitsOf(codes, dimension, f),
        ...directionOf(codes, dimension),
      };
    });
    return { name: f < 0 ? name : sample.factors[f]!.name, cells };
  });
}
