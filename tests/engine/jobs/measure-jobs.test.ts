import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as v from 'valibot';
import type { Client } from '../../../src/contract/client.ts';
import { UnravelError } from '../../../src/contract/errors.ts';
import { FiguresRecipeSchema, type FiguresRecipe } from '../../../src/contract/figures.ts';
import { JobReportSchema, type JobReport } from '../../../src/contract/job-channel.ts';
import type { JobOrder } from '../../../src/contract/job.ts';
import type { RunInfo } from '../../../src/contract/run.ts';
import { openDataset } from '../../../src/engine/data/store.ts';
import { listZip } from '../../../src/engine/files/zip.ts';
import { openZipReader } from '../../../src/engine/files/zip-reader.ts';
import { performJob } from '../../../src/engine/jobs/perform-job.ts';
import { evaluationFile, storeEvaluation } from '../../../src/engine/evaluation/stored-evaluations.ts';
import { runFolder } from '../../../src/engine/runs/store.ts';
import { train } from '../../../src/engine/training/train.ts';
import type { Workspace } from '../../../src/engine/basics/workspace.ts';
import { lastLine, runHere } from '../../cli/run-cli.ts';
import { readPdf } from '../../fixtures/pdf-text.ts';
import { clientOf, FACES, LATENT, makeTrainedWorkspace, smallConfig } from '../serving/small-workspace.ts';

let workspace: Workspace;
let dataset: string;
let run: RunInfo;
let ae: RunInfo;
let remove: () => Promise<void>;
let client: Client;

beforeAll(async () => {
  ({ workspace, dataset, run, remove } = await makeTrainedWorkspace());
  const images = await openDataset(workspace, dataset);
  ae = await train(workspace, images, { ...smallConfig, objective: { model: 'ae' }, epochs: 1 });
  await images.close();
  client = clientOf(workspace);
});
afterAll(async () => {
  client.close();
  await remove();
});

/** Does a job in this process; every report must be one that the host understands. */
async function perform(order: JobOrder, stopAfter = Infinity) {
  const reports: JobReport[] = [];
  const stopping = new AbortController();
  const report = (each: JobReport): void => {
    reports.push(v.parse(JobReportSchema, each));
    if (reports.length === stopAfter) stopping.abort(new UnravelError('cancelled', 'Stopped.'));
  };
  const end = await performJob({ workspace, signal: stopping.signal, report }, order);
  return { end, units: reports.flatMap((each) => (each.type === 'progress' ? [each.progress.unit] : [])) };
}

const stored = () => client.request('runs.evaluation', { run: run.id, dataset });
const evaluation = (metrics: string[], seed = 3): JobOrder => ({
  ...{ kind: 'evaluate', run: run.id, dataset, seed, metrics },
});

describe('an evaluation', () => {
  it('is kept with the step that it belongs to, for runs.evaluation', async () => {
    expect(await stored()).toBeNull();
    const { end, units } = await perform(evaluation(['mig', 'elbo']));
    expect(end).toEqual({ result: { run: run.id, dataset, images: FACES }, isStopped: false });
    expect(new Set(units)).toEqual(
      new Set([
        'images encoded',
        'images through an untrained encoder',
        'steps of measuring',
        'percent of decomposing KL',
      ]),
    );
    const kept = (await stored())!;
    expect(kept).toMatchObject({ dataset, step: run.step, seed: 3, images: FACES });
    expect(Object.keys(kept.evaluation!.metrics)).toEqual(['mig']);
    expect(kept.evaluation!.dimensionNames).toHaveLength(LATENT);
    expect(kept.decomposition!.kl).toBeGreaterThan(0);
  });

  it('is joined by what is measured of the same codes later, in the order of the metrics', async () => {
    const before = (await stored())!;
    await perform(evaluation(['modularity']));
    await perform(evaluation(['sapContinuous']));
    const kept = (await stored())!;
    expect(Object.keys(kept.evaluation!.metrics)).toEqual(['mig', 'sapContinuous', 'modularity']);
    expect(kept.evaluation!.metrics['mig']).toEqual(before.evaluation!.metrics['mig']);
    expect(kept.decomposition).toEqual(before.decomposition);
  });

  it('of another checkpoint or seed gives way', async () => {
    const before = (await stored())!;
    await storeEvaluation(runFolder(workspace, run.id), { ...before, step: 1 });
    await perform(evaluation(['modularity']));
    expect(await stored()).toMatchObject({ step: run.step, decomposition: null });
    await perform(evaluation(['elbo'], 4));
    expect(await stored()).toMatchObject({ seed: 4, evaluation: null });
  });

  it('that was stopped leaves what was there', async () => {
    const before = await stored();
    await expect(perform(evaluation(['mig'], 5), 1)).rejects.toMatchObject({ code: 'cancelled' });
    expect(await stored()).toEqual(before);
  });

  it('is said to be none where its file is damaged', async () => {
    await writeFile(evaluationFile(runFolder(workspace, run.id), dataset), '{"version": 1}');
    expect(await stored()).toBeNull();
  });

  it('from codes that were kept finds the same', async () => {
    await perform(evaluation(['mig', 'elbo']));
    const before = (await stored())!;
    await perform({ kind: 'encode', run: run.id, dataset });
    const { units } = await perform(evaluation(['mig', 'elbo']));
    expect(units).not.toContain('images encoded');
    const { measured: _then, ...rest } = before;
    expect(await stored()).toMatchObject(rest);
  });

  it('by the command line is kept too, but for a quick look', async () => {
    const evaluate = (...options: string[]) =>
      runHere('evaluate', run.id, '--metrics', 'mig', ...options, '--json', '--workspace', workspace.root);
    const before = await stored();
    expect(await evaluate('--seed', '8', '--only-values')).toMatchObject({ code: 0 });
    expect(await evaluate('--seed', '8', '--images', '100')).toMatchObject({ code: 0 });
    expect(await stored()).toEqual(before);
    const done = lastLine(await evaluate('--seed', '8'));
    expect((await stored())!.evaluation!.metrics).toEqual(done['metrics']);
  });
});

describe('models beside each other', () => {
  it('are matched by what their dimensions carry, after they were encoded', async () => {
    await expect(client.request('models.match', { run: ae.id, dataset })).rejects.toMatchObject({
      code: 'not-ready',
    });
    await perform({ kind: 'encode', run: ae.id, dataset });
    const [vae, auto] = await Promise.all(
      [run, ae].map(({ id }) => client.request('models.match', { run: id, dataset })),
    );
    expect(vae!.columns).toContain('sunglasses');
    expect(auto!.columns).toEqual(vae!.columns);
    expect(vae!.dimensions).toHaveLength(vae!.columns.length);
    for (const dimensions of vae!.dimensions) {
      expect(dimensions.map(({ dimension, unit }) => [dimension, unit])).toEqual(
        Array.from({ length: LATENT }, (_, l) => [l, 1]),
      );
    }
    const deviations = (await client.request('codes.dimensions', { run: ae.id, dataset })).map(
      ({ deviation }) => deviation,
    );
    auto!.dimensions[0]!.forEach(({ unit }, l) => expect(unit).toBeCloseTo(deviations[l]!, 4));
  });

  it('have counterparts, themselves their own', async () => {
    const [self, other] = await client.request('models.counterparts', {
      run: run.id,
      others: [run.id, ae.id],
      dataset,
    });
    self!.forEach((found, l) => {
      expect(found!.dimension).toBe(l);
      expect(found!.correlation).toBeCloseTo(1, 6);
    });
    for (const found of other!) expect(Math.abs(found!.correlation)).toBeGreaterThan(0.05);
  });
});

async function recipeIn(archive: string): Promise<FiguresRecipe> {
  const path = join(workspace.root, archive);
  const { entries } = await listZip(path);
  const reader = openZipReader(path);
  try {
    const file = reader.read(entries.find(({ name }) => name === 'recipe.json')!);
    return v.parse(FiguresRecipeSchema, JSON.parse(file.toString()));
  } finally {
    reader.close();
  }
}

describe('figures', () => {
  const order = (path: string, format: 'pdf' | 'zip'): JobOrder => ({
    ...{ kind: 'figures', runs: [run.id, ae.id], dataset, seed: 2, format, path: join(workspace.root, path) },
    features: [
      {
        name: 'by hand',
        dimensions: [
          { run: ae.id, dimension: 4, isReversed: true },
          { run: run.id, dimension: 2, isReversed: false },
        ],
      },
      { name: 'sunglasses', dimensions: [] },
    ],
  });

  it('are the pages of one PDF', async () => {
    const { end, units } = await perform({
      ...order('figures.pdf', 'pdf'),
      ...{ only: ['samples', 'traversals'] },
    });
    expect(end).toEqual({ result: {}, isStopped: false });
    expect(units.filter((unit) => unit === 'models drawn')).toHaveLength(2);
    const { pages, text } = readPdf(await readFile(join(workspace.root, 'figures.pdf')));
    expect(pages).toHaveLength(2);
    expect(text.replaceAll(' ', '')).toContain('Figure2.');
  });

  it('are an archive of every file and their recipe', async () => {
    await perform(order('figures.zip', 'zip'));
    const { entries } = await listZip(join(workspace.root, 'figures.zip'));
    const names = entries.map(({ name }) => name);
    for (const kind of ['png', 'svg', 'pdf']) {
      expect(names.filter((name) => name.endsWith(kind))).toHaveLength(5);
    }
    const recipe = await recipeIn('figures.zip');
    expect(recipe.traversals!.range).toBe(3);
    expect(recipe.traversals!.features[0]).toMatchObject({
      name: 'by hand',
      cells: [
        { dimension: 2, unit: 1, isReversed: false, bits: null },
        { dimension: 4, isReversed: true, bits: null },
      ],
    });
  });

  it('go along independent axes, which are found for runs that have none', async () => {
    const along: JobOrder = {
      ...{ kind: 'figures', runs: [run.id, ae.id], dataset, seed: 2, format: 'zip', axes: true },
      ...{ only: ['traversals', 'explore'], path: join(workspace.root, 'axes.zip') },
      features: [{ name: 'sunglasses', dimensions: [] }],
    };
    const { units } = await perform(along);
    expect(units).toContain('steps at most');
    const recipe = await recipeIn('axes.zip');
    const moved = [
      ...recipe.traversals!.features[0]!.cells,
      ...recipe.explore!.flatMap(({ dimensions }) => dimensions),
    ];
    for (const { direction } of moved) expect(direction).toHaveLength(LATENT);
    for (const { dimensions } of recipe.explore!) {
      expect(dimensions.map(({ dimension }) => dimension)).toEqual(dimensions.map((_, axis) => axis));
    }
    // They are there the next time.
    expect((await perform(along)).units).not.toContain('steps at most');
  });

  it('refuse a run that is not drawn, and stop without a file', async () => {
    const wrong = order('wrong.pdf', 'pdf');
    if (wrong.kind !== 'figures') throw new Error('It draws figures.');
    await expect(perform({ ...wrong, runs: [run.id] })).rejects.toThrow(ae.id);
    await expect(perform(order('stopped.zip', 'zip'), 1)).rejects.toMatchObject({ code: 'cancelled' });
    await expect(readFile(join(workspace.root, 'stopped.zip'))).rejects.toThrow();
  });
});
