/**
 * MIG of a model, as `unravel evaluate` tells it.
 *
 * @typedef {object} MigParts
 * @property {{ rows: string[], columns: string[], values: number[] }} matrix - information in nats, a row for each dimension
 * @property {{ factor: string, value: number }[]} perFactor - the gap between the two best dimensions
 *
 * @typedef {import('./sprites/table.mjs').Score & MigParts} Mig
 */

/**
 * What the two dimensions that know most of a factor know, as parts of all there is to know of it.
 *
 * @param {Mig} mig
 * @param {string} factor
 */
function twoBest({ matrix, perFactor }, factor) {
  const f = matrix.columns.indexOf(factor);
  const nats = matrix.rows.map((_, l) => matrix.values[l * matrix.columns.length + f] ?? 0);
  const order = nats.map((value, l) => ({ value, row: matrix.rows[l] })).sort((a, b) => b.value - a.value);
  const [best, second] = [order[0]?.value ?? 0, order[1]?.value ?? 0];
  const gap = perFactor.find((one) => one.factor === factor)?.value ?? 0;
  const entropy = gap > 0 ? (best - second) / gap : Number.NaN;
  return { dimension: order[0]?.row ?? '–', best: best / entropy, second: second / entropy };
}

/** @param {number} share */
const percent = (share) => (Number.isNaN(share) ? '–' : `${(share * 100).toFixed(0)} %`);

/**
 * A table in Markdown: of each label the dimension of each model that carries most of it, the share of the label's
 * information that it carries alone, and in brackets what the next best does.
 *
 * @param {{ title: string, beta: number | null, mig: Mig }[]} models
 */
export function carriedTable(models) {
  const factors = models[0]?.mig.perFactor.map(({ factor }) => factor) ?? [];
  const titles = models.map(({ title, beta }) => title + (beta === null ? '' : ` (${beta})`));
  const rows = factors
    .map((factor) => ({ factor, found: models.map(({ mig }) => twoBest(mig, factor)) }))
    .sort(
      (a, b) =>
        Math.max(...b.found.map(({ best }) => best || 0)) - Math.max(...a.found.map(({ best }) => best || 0)),
    );
  /** @param {string[]} cells */
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [
    line(['Label', ...titles]),
    line(['---', ...titles.map(() => '---:')]),
    ...rows.map(({ factor, found }) =>
      line([
        factor.replaceAll('_', ' '),
        ...found.map(({ dimension, best, second }) => `${dimension} ${percent(best)} (${percent(second)})`),
      ]),
    ),
    '',
  ].join('\n');
}
