import type { Column, DatasetInfo } from '../../../../contract/dataset.ts';
import { isYesNo, valueText } from '../../../../contract/label-values.ts';
import type { Axes, Dimension, IndependentAxis, Projection } from '../../../../contract/operations/codes.ts';
import { capitalised, signed, spoken } from '../../../components/format.ts';
import {
  groupByColumn,
  groupByScale,
  groupBySplit,
  paintPoints,
  toneColour,
  ungrouped,
  type Grouping,
} from '../../../state/colouring.ts';
import { LatestAsk } from '../../../state/latest-ask.ts';
import { usualColouring, type Colouring } from '../../../state/usual-colouring.ts';
import type { Palette, ThemeName } from '../../../theme/tokens.ts';
import { dimensionText, sliderText } from '../numbers.ts';

/** A row of the legend. */
export interface LegendEntry {
  readonly label: string;
  readonly count: number;
  readonly colour: string;
  readonly isHidden: boolean;
}

/** What the colour says of one point: `Treatment`, `drug A`. */
export interface PointLabel {
  readonly title: string;
  readonly value: string;
  /** Both in a few words: `Treatment drug A`; `Smiling` or `not smiling` for a yes or no. */
  readonly text: string;
  readonly colour: string;
}

/** What points are coloured by: the labels, the split and the codes of a data set. */
export interface ColourSource {
  readonly app: {
    readonly theme: { readonly palette: Palette; readonly name: ThemeName };
    attempt(work: () => Promise<unknown>): void;
  };
  readonly dataset: Pick<DatasetInfo, 'columns' | 'images'>;
  readonly dimensions: readonly Dimension[];
  /** Numbers of the dimensions, the one that carries most first. */
  readonly order: readonly number[];
  readonly projection: Projection | undefined;
  /** What the projection is of; left out where there are principal components only. */
  readonly axes?: Axes;
  /** For each image 1 where the run held it out; undefined for images of another data set. */
  readonly split: Uint8Array | undefined;
  nameOf(dimension: number): string | undefined;
  columnValues(column: string): Promise<Float32Array>;
  dimensionValues(dimension: number): Promise<Float32Array>;
  /** The independent axes of the codes, where they are known. */
  readonly independentAxes?: readonly IndependentAxis[];
  axisValues?(axis: number): Promise<Float32Array>;
}

interface Coloured {
  readonly by: Colouring;
  readonly grouping: Grouping;
  /** Each point's own value, where there is one to be read. */
  readonly values?: Float32Array;
  /** The column of the values; undefined for those of a dimension. */
  readonly column?: Column;
}

/** The points' colours, what they mean, and which of them a person wants to see. */
export class PointsState {
  readonly explore: ColourSource;
  /** What is chosen; {@link by} follows as soon as the values are there. */
  chosen = $state.raw<Colouring>({ kind: 'none' });
  #coloured = $state.raw<Coloured>();
  /** By group: filtered out. */
  #hidden = $state.raw<readonly boolean[]>([]);
  readonly #look = $derived.by(() => {
    const { theme } = this.explore.app;
    return { palette: theme.palette, theme: theme.name };
  });
  readonly legend = $derived.by<readonly LegendEntry[]>(() =>
    (this.#coloured?.grouping.groups ?? []).map(({ label, count, tone }, i) => ({
      label,
      count,
      colour: toneColour(tone, this.#look),
      isHidden: this.#hidden[i] === true,
    })),
  );
  /** `[points, 4]`, alpha 0 where hidden; undefined until there are any. */
  readonly colours = $derived.by(() =>
    this.#coloured ? paintPoints(this.#coloured.grouping, this.#hidden, this.#look) : undefined,
  );
  readonly shownCount = $derived(
    this.legend.reduce((sum, { count, isHidden }) => sum + (isHidden ? 0 : count), 0),
  );

  readonly #ask = new LatestAsk();

  constructor(explore: ColourSource) {
    this.explore = explore;
  }

  /** What the shown colours mean. */
  get by(): Colouring {
    return this.#coloured?.by ?? { kind: 'none' };
  }

  /** What the colours are, for the legend's head: `Hair length`, `z5 Background hue`. */
  get title(): string {
    return this.titleOf(this.by);
  }

  titleOf(by: Colouring): string {
    switch (by.kind) {
      case 'none':
        return 'None';
      case 'split':
        return 'Split';
      case 'column':
        return capitalised(by.column);
      case 'dimension':
        return dimensionText(by.dimension, this.explore.nameOf(by.dimension));
      case 'axis':
        return sliderText({ symbol: 'a' }, by.axis, this.explore.independentAxes?.[by.axis]?.name);
    }
  }

  /**
   * Loads the first colours, before anything is shown.
   *
   * @param wanted - what the points of another run or data set were coloured by; used where it fits
   */
  async open(wanted?: Colouring): Promise<void> {
    const { dataset, dimensions, projection } = this.explore;
    const fits = wanted && this.#fits(wanted);
    const usual =
      this.#labelOfFirstAxis() ??
      usualColouring(
        dataset.columns,
        dimensions,
        projection?.kind === 'linear' ? projection.basis.data : undefined,
      );
    await this.colourBy(fits ? wanted : usual);
  }

  /** Colours the points by something else; the old colours stay until the new ones can be shown. */
  async colourBy(by: Colouring): Promise<void> {
    this.chosen = by;
    try {
      await this.#ask.ask(
        () => this.#load(by),
        (coloured) => {
          this.#coloured = coloured;
          this.#hidden = [];
        },
      );
    } catch (error) {
      this.chosen = this.by;
      throw error;
    }
  }

  /** Loads nothing any more. */
  close(): void {
    this.#ask.close();
  }

  /** Hides a group or shows it again. The last one cannot be hidden: then all come back. */
  toggle(group: number): void {
    const hidden = this.legend.map(({ isHidden }, i) => (i === group ? !isHidden : isHidden));
    const isAnyShown = this.legend.some(({ count }, i) => count > 0 && !hidden[i]);
    this.#hidden = isAnyShown ? hidden : [];
  }

  /** What the colour says of a point; undefined where it says nothing. */
  labelOf(point: number): PointLabel | undefined {
    if (!this.#coloured) return undefined;
    const { by, grouping, values, column } = this.#coloured;
    if (by.kind === 'none') return undefined;
    const group = grouping.groups[grouping.groupOf[point] ?? -1];
    const colour = this.colourOf(point);
    if (!group || !colour) return undefined;
    const { title } = this;
    const own = values?.[point] ?? Number.NaN;
    if (by.kind === 'split') return { title, value: group.label, text: group.label, colour };
    if (column && isYesNo(column) && !Number.isNaN(own)) {
      const text = own === 1 ? title : `not ${spoken(column.name).toLowerCase()}`;
      return { title, value: valueText(column, own), text, colour };
    }
    const value = Number.isNaN(own) ? 'unknown' : column ? valueText(column, own) : signed(own);
    return { title, value, text: `${title} ${value}`, colour };
  }

  /** A point's colour as CSS writes it. */
  colourOf(point: number): string | undefined {
    const { colours } = this;
    if (!colours || point * 4 >= colours.length) return undefined;
    return `rgb(${colours[point * 4]!}, ${colours[point * 4 + 1]!}, ${colours[point * 4 + 2]!})`;
  }

  /** `train` or `held out`; undefined for images of another data set. */
  splitOf(point: number): string | undefined {
    const held = this.explore.split?.[point];
    return held === undefined ? undefined : held === 1 ? 'held out' : 'train';
  }

  /** On independent axes, the label that the first one carries. */
  #labelOfFirstAxis(): Colouring | undefined {
    const { axes, independentAxes, dataset } = this.explore;
    if (axes?.kind !== 'independent') return undefined;
    const name = independentAxes?.[axes.axes[0]]?.name;
    const isColumn = dataset.columns.some((column) => column.name === name);
    return name !== undefined && isColumn ? { kind: 'column', column: name } : undefined;
  }

  #fits(by: Colouring): boolean {
    const { dataset, dimensions, split } = this.explore;
    if (by.kind === 'column') return dataset.columns.some(({ name }) => name === by.column);
    if (by.kind === 'dimension') return by.dimension < dimensions.length;
    if (by.kind === 'split') return split !== undefined;
    // Axes are not loaded yet when the first colours are.
    return by.kind !== 'axis';
  }

  async #load(by: Colouring): Promise<Coloured> {
    const { explore } = this;
    const { dataset, split } = explore;
    if (by.kind === 'split' && split) return { by, grouping: groupBySplit(split) };
    if (by.kind === 'column') {
      const column = dataset.columns.find(({ name }) => name === by.column);
      const values = await explore.columnValues(by.column);
      if (column) return { by, grouping: groupByColumn(column, values), values, column };
    }
    if (by.kind === 'dimension') {
      const values = await explore.dimensionValues(by.dimension);
      return { by, grouping: groupByScale(values), values };
    }
    if (by.kind === 'axis' && explore.axisValues) {
      const values = await explore.axisValues(by.axis);
      return { by, grouping: groupByScale(values), values };
    }
    return { by: { kind: 'none' }, grouping: ungrouped(dataset.images) };
  }
}
