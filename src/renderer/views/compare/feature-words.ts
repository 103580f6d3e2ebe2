import type { Column } from '../../../contract/dataset.ts';
import { capitalised } from '../../components/format.ts';
import type { FeatureKey } from './state/features.ts';

/** What a row is called: a label, or a dimension. */
export function featureTitle(key: FeatureKey): string {
  return key.kind === 'label' ? capitalised(key.column) : `z${key.dimension}`;
}

/** A feature as the value of a choice. */
export function keyText(key: FeatureKey): string {
  return key.kind === 'label' ? `label ${key.column}` : `dimension ${key.run} ${key.dimension}`;
}

/** Features to choose from: factors, labels, and dimensions of the model whose dimensions rows may go by. */
export function featureGroups(
  keys: readonly FeatureKey[],
  columns: readonly Column[],
  reference: string,
): { name: string; options: { value: string; label: string }[] }[] {
  const isFactor = (key: FeatureKey): boolean =>
    key.kind === 'label' && (columns.find(({ name }) => name === key.column)?.factor ?? false);
  return [
    { name: 'Factors', keys: keys.filter(isFactor) },
    { name: 'Labels', keys: keys.filter((key) => key.kind === 'label' && !isFactor(key)) },
    { name: `Dimensions of ${reference}`, keys: keys.filter(({ kind }) => kind === 'dimension') },
  ]
    .filter((group) => group.keys.length > 0)
    .map(({ name, keys: own }) => ({
      name,
      options: own.map((key) => ({ value: keyText(key), label: featureTitle(key) })),
    }));
}
