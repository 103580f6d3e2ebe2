import type { Client } from '../../../../contract/client.ts';
import type { Column, DatasetInfo } from '../../../../contract/dataset.ts';
import { LatestAsk } from '../../../state/latest-ask.ts';
import type { Selection } from '../../../state/selection.svelte.ts';
import { Latest } from '../../../state/latest.ts';
import { countValues, describeLabels, imagesWith, type LabelValues, type ValueCount } from '../labels.ts';

/** What images are filtered by: a value of a column. */
interface Filter {
  readonly labels: LabelValues;
  readonly counts: readonly ValueCount[];
  readonly value: number;
}

/** Where a data set is looked at first. */
interface DatasetViewOptions {
  /** The image that another view asked for. */
  readonly target?: number | undefined;
  /** Knows the image that was pinned or looked at last. */
  readonly selection?: Pick<Selection, 'placeIn' | 'leaveAt'>;
}

/** One data set that is looked through: which of its images are shown, and what is said of one. */
export class DatasetView {
  readonly dataset: DatasetInfo;
  filter = $state.raw<Filter | undefined>();
  /** The images shown, rising; undefined for all. */
  readonly shown = $derived(this.filter && imagesWith(this.filter.labels, this.filter.value));
  /** Position of the tile that has the keyboard. */
  focused = $state(0);
  /** Position of the tile that is pointed at. */
  hovered = $state<number | undefined>();
  /** Whether the tile is ringed even without the keyboard: another view led to it. */
  isMarked = $state(false);
  /** The name of the image that is pointed at, or else has the keyboard. */
  name = $state('');
  #labels = $state.raw<readonly LabelValues[]>([]);
  readonly #client: Client;
  readonly #selection: DatasetViewOptions['selection'];
  readonly #fail: (error: unknown) => void;
  readonly #askName: Latest<number, string>;
  readonly #askFilter = new LatestAsk();
  #isClosed = false;

  constructor(
    client: Client,
    dataset: DatasetInfo,
    fail: (error: unknown) => void,
    { target, selection }: DatasetViewOptions = {},
  ) {
    this.#client = client;
    this.#selection = selection;
    this.dataset = dataset;
    this.#fail = fail;
    this.isMarked = target !== undefined;
    this.focused = Math.min(target ?? selection?.placeIn(dataset.id) ?? 0, Math.max(0, dataset.images - 1));
    this.#askName = new Latest({
      load: async (index) => {
        const [name = ''] = await client.request('datasets.names', { dataset: dataset.id, indices: [index] });
        return name;
      },
      show: (name) => (this.name = name),
      fail,
    });
    void this.#loadLabels();
  }

  /** How many images are shown. */
  get count(): number {
    return this.shown?.length ?? this.dataset.images;
  }

  /** The columns that images may be filtered by: those with words, and days. */
  get filterColumns(): readonly Column[] {
    return this.dataset.columns.filter(({ type, date }) => type !== 'continuous' || date?.step === 'day');
  }

  /** The image at a position. */
  indexAt(position: number): number {
    return this.shown?.[position] ?? position;
  }

  /** The image that is pointed at, or else has the keyboard; undefined without images. */
  get current(): number | undefined {
    return this.count === 0 ? undefined : this.indexAt(this.hovered ?? this.focused);
  }

  /** What is said of the current image beside its name. */
  readonly description = $derived(
    this.current === undefined ? '' : describeLabels(this.#labels, this.current),
  );

  /** Looks up the current image's name. */
  nameCurrent(): void {
    if (this.current !== undefined) this.#askName.ask(this.current);
  }

  focus(position: number): void {
    this.focused = position;
    this.isMarked = false;
    this.#selection?.leaveAt(this.dataset.id, this.indexAt(position));
  }

  /** Shows the images with one value of a column; its likeliest if none is named. */
  async filterBy(name: string, value?: number): Promise<void> {
    try {
      await this.#askFilter.ask(
        () => this.#labelsOf(name),
        (labels) => {
          const counts = countValues(labels);
          const chosen = value ?? counts[0]?.value;
          if (chosen === undefined) return;
          this.filter = { labels, counts, value: chosen };
          this.#toStart();
        },
      );
    } catch (error) {
      this.#fail(error);
    }
  }

  showAll(): void {
    this.#askFilter.forget();
    this.filter = undefined;
    this.#toStart();
  }

  close(): void {
    this.#isClosed = true;
    this.#askName.close();
    this.#askFilter.close();
  }

  #toStart(): void {
    this.hovered = undefined;
    this.focus(0);
  }

  async #labelsOf(name: string): Promise<LabelValues> {
    const known = this.#labels.find(({ column }) => column.name === name);
    if (known) return known;
    const column = this.dataset.columns.find((other) => other.name === name)!;
    const { data } = await this.#client.request('datasets.column', {
      dataset: this.dataset.id,
      column: name,
    });
    return { column, values: data };
  }

  /** All columns, one after the other, so that other requests get in between. */
  async #loadLabels(): Promise<void> {
    try {
      for (const { name } of this.dataset.columns) {
        if (this.#isClosed) return;
        this.#labels = [...this.#labels, await this.#labelsOf(name)];
      }
    } catch (error) {
      if (!this.#isClosed) this.#fail(error);
    }
  }
}
