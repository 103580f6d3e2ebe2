/**
 * A value with its 95 % interval, as `unravel evaluate` tells it.
 *
 * @typedef {{ value: number | null, low: number | null, high: number | null }} Score
 */

/**
 * A run with what was measured of it.
 *
 * @typedef {object} Row
 * @property {string} run - its id
 * @property {string} name - of the run
 * @property {string} title - the model and its weight
 * @property {number} seed
 * @property {number} images - seen in training
 * @property {string} how - it was trained
 * @property {{ reconstruction: number, kl: number } | null} heldOut
 * @property {Record<string, Score>} scores - by their keys
 */

/** The columns of scores: the key of `unravel evaluate`, or this script's own, and its title. */
export const SCORES = /** @type {const} */ ([
  ['mig', 'MIG'],
  ['migWithoutShape', 'MIG without shape'],
  ['sapContinuous', 'SAP (continuous)'],
  ['sapDiscrete', 'SAP (discrete)'],
  ['dciDisentanglement', 'DCI disentanglement'],
  ['factorVae', 'FactorVAE metric'],
  ['infoM', 'InfoM'],
  ['infoE', 'InfoE'],
  ['infoC', 'InfoC'],
]);

/** What was published of these models on dSprites: the column, the value, and whose it is. */
export const PUBLISHED = /** @type {const} */ ([
  [
    'β-TCVAE',
    'MIG without shape',
    'about 0.5',
    'Chen et al. 2018; dense layers, β = 6; their program leaves shape out and takes samples of the posterior',
  ],
  ['all', 'FactorVAE metric', '0.6–0.8', 'Kim & Mnih 2018; Locatello et al. 2019'],
  ['VAE', 'SAP', '0.11', 'quoted; its source and settings were not traced'],
  ['β-VAE', 'SAP', '0.16', 'the same'],
  ['FactorVAE', 'SAP', '0.21', 'the same'],
  ['β-TCVAE', 'SAP', '0.22', 'the same'],
]);

/** @param {number} images */
const millions = (images) => (images / 1e6).toFixed(2);

/** @param {Score | undefined} score */
function scoreText(score) {
  if (score?.value == null) return '–';
  const interval =
    score.low === null || score.high === null ? '' : ` (${score.low.toFixed(3)}–${score.high.toFixed(3)})`;
  return score.value.toFixed(3) + interval;
}

/**
 * Rows of one model that differ in nothing but the seed, where there are several.
 *
 * @param {Row[]} rows
 */
function groupsOf(rows) {
  /** @type {Map<string, Row[]>} */
  const groups = new Map();
  for (const row of rows) {
    const key = `${row.title}\n${row.how}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups.values()].filter((group) => group.length > 1);
}

/**
 * Mean and standard deviation: `0.240 ± 0.076`.
 *
 * @param {number[]} values
 */
function spread(values) {
  if (values.length < 2) return '–';
  const mean = values.reduce((sum, value) => sum + value / values.length, 0);
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2 / (values.length - 1), 0);
  return `${mean.toFixed(3)} ± ${Math.sqrt(variance).toFixed(3)}`;
}

/** @param {string[]} cells */
const line = (cells) => `| ${cells.join(' | ')} |`;

/**
 * @param {string[]} head - the first column is aligned to the left
 * @param {string[][]} rows
 */
function markdownTable(head, rows) {
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(line)];
}

/**
 * The tables of scores, of how the models were trained, and of published values, in Markdown.
 *
 * @param {Row[]} rows
 * @param {number} measuredImages - that every model was measured on
 */
export function spritesTable(rows, measuredImages) {
  const titles = SCORES.map(([, title]) => title);
  const means = groupsOf(rows).map((group) => [
    `${group[0]?.title ?? ''}, mean of ${group.length} seeds`,
    '',
    '',
    group.map(({ images }) => millions(images)).join(', '),
    ...SCORES.map(([key]) => spread(group.flatMap(({ scores }) => scores[key]?.value ?? []))),
  ]);
  return [
    ...markdownTable(
      ['Model', 'Run', 'Seed', 'Million images seen', ...titles],
      [
        ...rows.map(({ title, name, seed, images, scores }) => [
          title,
          name,
          String(seed),
          millions(images),
          ...SCORES.map(([key]) => scoreText(scores[key])),
        ]),
        ...means,
      ],
    ),
    '',
    `Measured on ${measuredImages.toLocaleString('en')} images drawn from all; in brackets the 95 % interval over images. Of several seeds the mean ± their standard deviation.`,
    '',
    ...markdownTable(
      ['Model', 'Run', 'Held-out error, nats', 'KL, nats', 'How it was trained'],
      rows.map(({ title, name, heldOut, how }) => [
        title,
        name,
        // An AE has a squared error and no KL.
        heldOut ? heldOut.reconstruction.toFixed(1) + (title === 'AE' ? ' (squared)' : '') : '–',
        heldOut && title !== 'AE' ? heldOut.kl.toFixed(1) : '–',
        how,
      ]),
    ),
    '',
    'Published:',
    '',
    ...markdownTable(
      ['Model', 'Score', 'Value', 'Source'],
      PUBLISHED.map((row) => [...row]),
    ),
    '',
  ].join('\n');
}

/** @param {string | number | null | undefined} value */
function csvField(value) {
  const text = String(value ?? '');
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * The same as a table for programs, with a line for each run.
 *
 * @param {Row[]} rows
 */
export function spritesCsv(rows) {
  const keys = SCORES.flatMap(([key]) => [key, `${key}_low`, `${key}_high`]);
  const lines = rows.map(({ title, seed, run, images, how, heldOut, scores }) => [
    ...[title, seed, run, images, how, heldOut?.reconstruction, heldOut?.kl],
    ...SCORES.flatMap(([key]) => [scores[key]?.value, scores[key]?.low, scores[key]?.high]),
  ]);
  const head = ['model', 'seed', 'run', 'images', 'how', 'heldOutReconstruction', 'heldOutKl', ...keys];
  return [head, ...lines].map((cells) => `${cells.map(csvField).join(',')}\n`).join('');
}

/**
 * The measured checkpoints of all runs as a table for programs.
 *
 * @param {{ run: string, title: string, seed: number, points: { images: number, mig: number, migWithoutShape: number }[] }[]} curves
 */
export function curveCsv(curves) {
  const lines = curves.flatMap(({ run, title, seed, points }) =>
    points.map(({ images, mig, migWithoutShape }) => [title, seed, run, images, mig, migWithoutShape]),
  );
  const head = ['model', 'seed', 'run', 'images', 'mig', 'migWithoutShape'];
  return [head, ...lines].map((cells) => `${cells.map(csvField).join(',')}\n`).join('');
}
