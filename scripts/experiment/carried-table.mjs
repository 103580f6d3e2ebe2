/** What the two dimensions that know most of a factor know, as parts of all there is to know of it. */
function twoBest({ matrix, perFactor }, factor) {
  const f = matrix.columns.indexOf(factor);
  const nats = matrix.rows.map((_, l) => matrix.values[l * matrix.columns.length + f]);
  const order = nats.map((_, l) => l).sort((a, b) => nats[b] - nats[a]);
  const [best, second] = [nats[order[0]], nats[order[1]] ?? 0];
  const gap = perFactor.find((one) => one.factor === factor)?.value ?? 0;
  const entropy = gap > 0 ? (best - second) / gap : Number.NaN;
  return { dimension: matrix.rows[order[0]], best: best / entropy, second: second / entropy };
}

const percent = (share) => (Number.isNaN(share) ? '–' : `${(share * 100).toFixed(0)} %`);

/**
 * A table in Markdown: of each label the dimension of each model that carries most of it, the share of the label's
 * information that it carries alone, and in brackets what the next best does.
 *
 * @param {{ title: string, beta: number | null, mig: { matrix: object, perFactor: object[] } }[]} models - MIG of each,
 *   as `unravel evaluate` tells it
 */
export function carriedTable(models) {
  const factors = models[0].mig.perFactor.map(({ factor }) => factor);
  const titles = models.map(({ title, beta }) => title + (beta === null ? '' : ` (${beta})`));
  const rows = factors
    .map((factor) => ({ factor, found: models.map(({ mig }) => twoBest(mig, factor)) }))
    .sort(
      (a, b) =>
        Math.max(...b.found.map(({ best }) => best || 0)) - Math.max(...a.found.map(({ best }) => best || 0)),
    );
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
