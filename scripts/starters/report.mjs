import { mkdtemp, readdir, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { unravel } from '../cli.mjs';
import { removeFolder } from '../setup/remove.mjs';
import { cloneRoot } from '../setup.mjs';
import { listRuns, say } from '../workspace.mjs';

const METRICS = 'mig,dci,infoM';
/** Held-out pictures, and samples of the prior, that are measured. */
const PICTURES = 500;

/**
 * A number with its 95 % interval.
 *
 * @typedef {{ value: number | null, low: number | null, high: number | null }} Score
 */

/**
 * Measures the starters as a person would, and writes down what was measured.
 *
 * @param {string} path - of the document
 */
export async function reportStarters(path) {
  const workspace = await mkdtemp(join(tmpdir(), 'unravel-starters-'));
  const there = ['--workspace', workspace];
  try {
    const { runs } = await ask(['starters', ...there]);
    const lines = await listRuns(workspace);
    /** @type {Measured[]} */
    const measured = [];
    for (const id of runs) {
      const run = lines.find((line) => line.run === id);
      if (!run) continue;
      say(`measuring ${run.name}`);
      const axes = await ask(['axes', id, '--metrics', METRICS, ...there]);
      const pictures = await ask(['sharpness', id, '--count', String(PICTURES), ...there]);
      measured.push({ run, axes, pictures });
    }
    const text = starterDocument(measured, await sizeOf(join(cloneRoot, 'resources', 'starters')));
    await writeFile(path, await format(text, { ...(await resolveConfig(path)), parser: 'markdown' }));
  } finally {
    await removeFolder(workspace);
  }
}

/** @typedef {import('../experiment/sprites/trials.mjs').RunLine} RunLine */

/**
 * What the commands that are used here say at their end.
 *
 * @typedef {{ runs: string[] }} Placed
 * @typedef {{ axes: { column: string | null }[], metrics: { dimensions: Record<string, Score>, axes: Record<string, Score> } }} Axes
 * @typedef {{ samples: Score, images: Score, reconstructions: Score, psnr: Score }} Pictures
 */

/** @typedef {{ run: RunLine, axes: Axes, pictures: Pictures }} Measured */

/**
 * @param {string[]} command
 * @returns {Promise<Placed & Axes & Pictures>} its last event, of which each command has its own part
 */
async function ask(command) {
  return /** @type {Placed & Axes & Pictures} */ (/** @type {unknown} */ (await unravel(command)));
}

/**
 * The size of a folder's files in bytes.
 *
 * @param {string} folder
 * @returns {Promise<number>}
 */
async function sizeOf(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map(async (entry) => (await stat(join(entry.parentPath, entry.name))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/**
 * @param {readonly Measured[]} measured
 * @param {number} bytes - of the whole gallery
 */
export function starterDocument(measured, bytes) {
  const factors = 13;
  const number = (/** @type {number | null | undefined} */ value, digits = 2) =>
    value === null || value === undefined ? '–' : value.toFixed(digits);
  const between = (/** @type {Score} */ { value, low, high }, digits = 1) =>
    `${number(value, digits)} (${number(low, digits)}–${number(high, digits)})`;
  const both = (/** @type {Measured} */ { axes: { metrics } }, /** @type {string} */ key) => {
    const [dimensions, axes] = [metrics.dimensions[key], metrics.axes[key]];
    if (!dimensions || !axes) throw new Error(`no metric is called ${key}`);
    return `${number(dimensions.value)} / ${number(axes.value)}`;
  };
  const head = ['', ...measured.map(({ run }) => run.name)];
  /** @type {[string, (one: Measured) => string][]} */
  const rows = [
    ['steps of 32 faces', ({ run }) => run.step.toLocaleString('en')],
    ['squared error, held out', ({ run }) => number(run.heldOut?.reconstruction, 1)],
    ['KL, nats', ({ run }) => (run.config.objective.model === 'ae' ? '–' : number(run.heldOut?.kl, 1))],
    ['PSNR, dB', ({ pictures }) => between(pictures.psnr)],
    ['sharpness of reconstructions', ({ pictures }) => between(pictures.reconstructions, 0)],
    ['sharpness of samples', ({ pictures }) => between(pictures.samples, 0)],
    ['MIG, dimensions / axes', (one) => both(one, 'mig')],
    ['DCI disentanglement, dimensions / axes', (one) => both(one, 'dciDisentanglement')],
    ['InfoM, dimensions / axes', (one) => both(one, 'infoM')],
    [
      'factors that an axis is named after',
      ({ axes }) => {
        const named = new Set(axes.axes.flatMap(({ column }) => (column === null ? [] : [column])));
        return `${named.size} of ${factors}`;
      },
    ],
  ];
  const line = (/** @type {string[]} */ cells) => `| ${cells.join(' | ')} |`;
  const [first] = measured;
  return `# The starters

The models of the first launch: ${(bytes / 1e6).toFixed(1)} MB in half precision, on 20,000 sample faces of 128 pixels that are drawn from 13
independent factors. No model saw these factors. AE, VAE, β-VAE and β-TCVAE have the paper's weights, the same layers
(\`scripts/starters/small.json\`), 13 dimensions and equal budgets; the last one, which opens first, has more of both
(\`scripts/starters/models.mjs\`).

This page is written by \`npm run starters -- --report\`, which does what a person can do:

\`\`\`
npm run -s unravel -- starters
npm run -s unravel -- axes Starter --metrics ${METRICS}
npm run -s unravel -- sharpness Starter --count ${PICTURES}
\`\`\`

${line(head)}
${line(['---', ...measured.map(() => '---:')])}
${rows.map(([title, cell]) => line([title, ...measured.map(cell)])).join('\n')}

Sharpness is the mean variance of the Laplacian; the faces themselves have ${first ? between(first.pictures.images, 0) : '–'}. Axes are the independent axes of the codes
(FastICA), a linear change of the dimensions, found without labels. Scores are of all 20,000 faces, PSNR and sharpness of ${PICTURES};
in brackets 95 % intervals.

\`npm run starters\` trains them again (hours on two cores; it can be stopped and goes on where it was).
`;
}
