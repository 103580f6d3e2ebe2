/** A known factor of a built-in data set, which becomes a column of the data set. */
export interface FactorSpec {
  readonly name: string;
  readonly type: 'binary' | 'categorical' | 'continuous';
  /** Names of a categorical factor's values; the column holds their indices. */
  readonly categories?: readonly string[];
  /** Smallest and largest value of a continuous factor. */
  readonly range?: readonly [number, number];
}
