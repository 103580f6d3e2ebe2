import type { FiguresOrder } from '../../../../contract/figures.ts';
import type { Job } from '../../../../contract/job.ts';
import type { AppState } from '../../../state/app.svelte.ts';
import { saveMade } from '../../../state/save-file.ts';
import { featureTitle } from '../feature-words.ts';
import { RANGE, type CompareState, type FeatureRow } from './compare.svelte.ts';

/** The figures that show what is compared, drawn into one PDF. */
export class FiguresState {
  /** Draws them. */
  job = $state.raw<Job | undefined>();
  readonly #app: AppState;

  constructor(app: AppState) {
    this.#app = app;
  }

  /** Draws what is compared, and keeps it where the person says. */
  async save(compare: CompareState): Promise<void> {
    const order = orderOf(compare);
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
export function orderOf(compare: CompareState): FiguresOrder | undefined {
  const { dataset, models, seed, rows, otherImages } = compare;
  if (!dataset || models.length === 0) return undefined;
  const features = rows.flatMap((row) => featureOf(compare, row) ?? []);
  return {
    runs: models.map(({ run }) => run.id),
    dataset: dataset.id,
    format: 'pdf',
    only: ['samples', ...(features.length > 0 ? (['traversals'] as const) : []), 'reconstructions'],
    seed,
    range: RANGE,
    ...(otherImages ? { images: [...otherImages] } : {}),
    ...(features.length > 0 ? { features } : {}),
  };
}

type Feature = NonNullable<FiguresOrder['features']>[number];

/** A row as the figures are told it; undefined while its dimensions are not known. */
function featureOf(compare: CompareState, row: FeatureRow): Feature | undefined {
  const { key } = row;
  const dimensions = compare.models.flatMap((model) => {
    const run = model.run.id;
    // The figures find by themselves what carries a label best.
    if (key.kind === 'label' && row.byHand[run] === undefined) return [];
    const moved = compare.moved(model, row);
    return moved ? [{ run, dimension: moved.dimension, isReversed: moved.isReversed }] : [];
  });
  if (key.kind === 'label') return { name: key.column, dimensions };
  return dimensions.length === compare.models.length ? { name: featureTitle(key), dimensions } : undefined;
}
