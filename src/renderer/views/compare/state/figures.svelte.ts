import type { FigureName, FiguresOrder } from '../../../../contract/figures.ts';
import type { Job } from '../../../../contract/job.ts';
import type { AppState } from '../../../state/app.svelte.ts';
import { LatestAsk } from '../../../state/latest-ask.ts';
import { saveMade } from '../../../state/save-file.ts';
import { featureTitle } from '../feature-words.ts';
import { RANGE, type CompareState, type FeatureRow } from './compare.svelte.ts';

/** What a person chooses of the figures; everything else is as it is shown. */
export interface FigureChoices {
  /** What is moved in the traversals and in the sheets of each model. */
  readonly along: 'dimensions' | 'axes';
  /** Whether each model has a sheet of all its dimensions or axes. */
  readonly sheets: boolean;
}

/** The figures that show what is compared, drawn into one PDF. */
export class FiguresState {
  choices = $state.raw<FigureChoices>({ along: 'dimensions', sheets: false });
  /** The compared runs without independent axes, by name; undefined until that is known. */
  withoutAxes = $state.raw<readonly string[] | undefined>();
  /** Draws them. */
  job = $state.raw<Job | undefined>();
  readonly #app: AppState;
  readonly #askAxes = new LatestAsk();

  constructor(app: AppState) {
    this.#app = app;
  }

  /** Finds out which of the compared runs have no axes. */
  async look({ models, dataset }: CompareState): Promise<void> {
    this.withoutAxes = undefined;
    if (!dataset) return;
    await this.#askAxes.ask(
      () =>
        Promise.all(
          models.map(async ({ run, dimensions }) => {
            // The axes of codes that are still being computed are not known.
            if (!dimensions) return true;
            const pair = { run: run.id, dataset: dataset.id };
            return (await this.#app.client.request('codes.axes', pair)) === null;
          }),
        ),
      (isWithout) => (this.withoutAxes = models.flatMap(({ run }, m) => (isWithout[m] ? [run.name] : []))),
    );
  }

  /** Draws what is compared, and keeps it where the person says. */
  async save(compare: CompareState): Promise<void> {
    const order = orderOf(compare, this.choices);
    if (this.job || !order) return;
    const name = `figures-${order.dataset}.pdf`;
    try {
      await saveMade(
        this.#app,
        { kind: 'figures', ...order },
        name,
        'application/pdf',
        (job) => (this.job = job),
      );
    } catch (error) {
      this.#app.toasts.fail(error);
    } finally {
      this.job = undefined;
    }
  }

  cancel(): void {
    const { job } = this;
    if (job) this.#app.attempt(() => this.#app.jobs.cancel(job.id));
  }
}

/** The same models, draws, faces and rows as are shown. */
export function orderOf(compare: CompareState, { along, sheets }: FigureChoices): FiguresOrder | undefined {
  const { dataset, models, seed, otherImages } = compare;
  if (!dataset || models.length === 0) return undefined;
  const features = rowsAlong(compare, along).flatMap((row) => featureOf(compare, row, along) ?? []);
  const only: FigureName[] = [
    'samples',
    ...(features.length > 0 ? (['traversals'] as const) : []),
    'reconstructions',
    ...(sheets ? (['explore'] as const) : []),
  ];
  return {
    runs: models.map(({ run }) => run.id),
    dataset: dataset.id,
    format: 'pdf',
    only,
    seed,
    range: RANGE,
    ...(otherImages ? { images: [...otherImages] } : {}),
    ...(features.length > 0 ? { features } : {}),
    ...(along === 'axes' && (sheets || features.length > 0) ? { axes: true } : {}),
  };
}

/** The rows that the figures can show: a row of a dimension has no counterpart among the axes. */
export function rowsAlong({ rows }: CompareState, along: FigureChoices['along']): readonly FeatureRow[] {
  return along === 'axes' ? rows.filter(({ key }) => key.kind === 'label') : rows;
}

type Feature = NonNullable<FiguresOrder['features']>[number];

/** A row as the figures are told it; undefined while its dimensions are not known. */
function featureOf(
  compare: CompareState,
  row: FeatureRow,
  along: FigureChoices['along'],
): Feature | undefined {
  const { key } = row;
  const dimensions = compare.models.flatMap((model) => {
    const run = model.run.id;
    // The figures find by themselves what carries a label best.
    if (key.kind === 'label' && (along === 'axes' || row.byHand[run] === undefined)) return [];
    const moved = compare.moved(model, row);
    return moved ? [{ run, dimension: moved.dimension, isReversed: moved.isReversed }] : [];
  });
  if (key.kind === 'label') return { name: key.column, dimensions };
  return dimensions.length === compare.models.length ? { name: featureTitle(key), dimensions } : undefined;
}
