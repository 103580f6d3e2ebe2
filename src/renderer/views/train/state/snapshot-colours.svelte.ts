import type { Column } from '../../../../contract/dataset.ts';
import type { AppState } from '../../../state/app.svelte.ts';
import {
  groupByColumn,
  paintPoints,
  ungrouped,
  type Grouping,
  type Look,
  type PointGroup,
} from '../../../state/colouring.ts';
import { LatestAsk } from '../../../state/latest-ask.ts';
import { usualColouring } from '../../../state/usual-colouring.ts';

const NOTHING_HIDDEN: readonly boolean[] = [];

/** The colours of a snapshot's points: by the data set's usual label, as Explore colours them first. */
export class SnapshotColours {
  readonly look: Look = $derived.by(() => ({
    palette: this.#app.theme.palette,
    theme: this.#app.theme.name,
  }));
  /** The column that the colours are of; empty where they say nothing. */
  column = $state('');
  #grouping = $state.raw<Grouping | undefined>();
  /** `[points, 4]`. */
  readonly painted = $derived(this.#grouping && paintPoints(this.#grouping, NOTHING_HIDDEN, this.look));
  readonly #app: AppState;
  readonly #dataset: string | undefined;
  readonly #ask = new LatestAsk();
  #indices: Int32Array = new Int32Array(0);

  constructor(app: AppState, dataset: string | undefined) {
    this.#app = app;
    this.#dataset = dataset;
  }

  /** The legend; none where there is nothing to tell apart. */
  get groups(): readonly PointGroup[] {
    return this.column === '' ? [] : (this.#grouping?.groups ?? []);
  }

  /** The columns that points may be coloured by. */
  get columns(): readonly Column[] {
    return this.#app.library.dataset(this.#dataset)?.columns ?? [];
  }

  /** Colours these images; a run's snapshots are all of the same. */
  follow(indices: Int32Array): void {
    if (indices.length === this.#indices.length && indices.every((index, i) => index === this.#indices[i]))
      return;
    this.#indices = indices;
    this.#grouping = ungrouped(indices.length);
    this.colourBy(usualColumn(this.columns));
  }

  /** Colours the points by another column; the old colours stay until its values have come. */
  colourBy(name: string): void {
    this.#ask.forget();
    this.column = name;
    const column = this.columns.find((each) => each.name === name);
    const dataset = this.#dataset;
    if (!column || dataset === undefined) return;
    this.#app.attempt(() =>
      this.#ask.ask(
        () => this.#app.client.request('datasets.column', { dataset, column: name }),
        ({ data }) => {
          const values = Float32Array.from(this.#indices, (index) => data[index] ?? Number.NaN);
          this.#grouping = groupByColumn(column, values);
        },
      ),
    );
  }

  /** Loads nothing any more. */
  close(): void {
    this.#ask.close();
  }
}

/** What points are coloured by at first: as in Explore, of which no dimensions are known yet. */
function usualColumn(columns: readonly Column[]): string {
  const usual = usualColouring(columns, []);
  return usual.kind === 'column' ? usual.column : '';
}
