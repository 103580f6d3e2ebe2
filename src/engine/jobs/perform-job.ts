import type { JobKind, JobOrder } from '../../contract/job.ts';
import { leaveGpu, shareGpu } from '../tensorflow/gpu.ts';
import { reportProgress, type JobContext } from './job-context.ts';
import type { JobEnd } from './training-jobs.ts';

/** Jobs that use TensorFlow for reading files at most. */
const COMPUTES_NOTHING: ReadonlySet<JobKind> = new Set(['import', 'import-codes', 'sample-data']);

/**
 * Performs a job and reports its progress. Must be called before TensorFlow is loaded.
 *
 * @throws the error of the job; the signal's reason if it was stopped and has no result
 */
export async function performJob(context: JobContext, order: JobOrder): Promise<JobEnd> {
  if (COMPUTES_NOTHING.has(order.kind)) leaveGpu();
  else shareGpu();
  switch (order.kind) {
    case 'train':
      return (await import('./training-jobs.ts')).trainJob(context, order);
    case 'resume':
      return (await import('./training-jobs.ts')).resumeJob(context, order);
    case 'sharpen':
      return (await import('./training-jobs.ts')).sharpenJob(context, order);
    case 'measure':
      return (await import('./training-jobs.ts')).measureJob(context, order);
    case 'import':
      return importJob(context, order);
    case 'import-codes':
      return importCodesJob(context, order);
    case 'sample-data':
      return sampleDataJob(context, order);
    case 'encode':
      return encodeJob(context, order);
    case 'axes':
      return (await import('./axes-job.ts')).axesJob(context, order);
    case 'evaluate':
      return (await import('./evaluate-job.ts')).evaluateJob(context, order);
    case 'figures':
      return (await import('./figures-job.ts')).figuresJob(context, order);
    case 'export':
      return exportJob(context, order);
    case 'save':
      return (await import('./save-job.ts')).saveJob(context, order);
  }
}

type OrderOf<K extends JobKind> = Extract<JobOrder, { kind: K }>;

async function importJob(
  context: JobContext,
  { paths, name, crop, contrast, imageSize, labels }: OrderOf<'import'>,
): Promise<JobEnd> {
  const { importDataset } = await import('../importing/import.ts');
  const info = await importDataset(context.workspace, paths, {
    crop,
    contrast,
    imageSize,
    tables: labels?.tables,
    namePattern: labels?.namePattern,
    ...(name === undefined ? {} : { name }),
    signal: context.signal,
    onProgress: reportProgress(context, 'files'),
  });
  const { id: dataset, images, skipped } = info;
  return { result: { dataset, images, skipped: skipped.length }, isStopped: false };
}

async function importCodesJob(
  context: JobContext,
  { codes, images, name, key }: OrderOf<'import-codes'>,
): Promise<JobEnd> {
  const { importCodes } = await import('../codes/foreign/import-codes.ts');
  const { openLockedDataset } = await import('../data/lock-dataset.ts');
  const { workspace, signal } = context;
  const dataset = images?.kind === 'dataset' ? await openLockedDataset(workspace, images.dataset) : undefined;
  try {
    const source = dataset ? ({ kind: 'dataset', dataset } as const) : undefined;
    const made = await importCodes(workspace, codes, {
      images: images?.kind === 'source' ? images : source,
      ...{ name, key, signal, crop: 'auto' },
      onProgress: reportProgress(context, 'files'),
    });
    const { run, dataset: of, notes } = made;
    return {
      result: { run: run.id, dataset: of.id, images: of.images, notes: [...notes] },
      isStopped: false,
    };
  } finally {
    await dataset?.close();
  }
}

async function sampleDataJob(
  context: JobContext,
  { what, count, seed, name }: OrderOf<'sample-data'>,
): Promise<JobEnd> {
  const { createSampleFaces, createSprites, SAMPLE_FACES } = await import('../data/sample.ts');
  const { workspace, signal } = context;
  const named = name === undefined ? {} : { name };
  const info =
    what === 'sprites'
      ? await createSprites(workspace, { seed, ...(count === undefined ? {} : { count }), ...named })
      : await createSampleFaces(workspace, {
          seed,
          count: count ?? SAMPLE_FACES,
          ...named,
          signal,
          onProgress: reportProgress(context, 'images'),
        });
  return { result: { dataset: info.id, images: info.images }, isStopped: false };
}

async function encodeJob(context: JobContext, order: OrderOf<'encode'>): Promise<JobEnd> {
  const { encodeDataset } = await import('../codes/encode-dataset.ts');
  const { openModel } = await import('../inference/model.ts');
  const { openLockedDataset } = await import('../data/lock-dataset.ts');
  const { workspace, signal } = context;
  const dataset = await openLockedDataset(workspace, order.dataset);
  try {
    const model = await openModel(workspace, order.run);
    try {
      await encodeDataset(workspace, model, dataset, {
        signal,
        onProgress: reportProgress(context, 'images'),
      });
      return {
        result: { run: model.info.id, dataset: dataset.info.id, images: dataset.info.images },
        isStopped: false,
      };
    } finally {
      model.dispose();
    }
  } finally {
    await dataset.close();
  }
}

async function exportJob(context: JobContext, { recipe, path }: OrderOf<'export'>): Promise<JobEnd> {
  const { renderRecipe } = await import('../animation/recipe.ts');
  const { writeFileAtomic } = await import('../../system/atomic.ts');
  const { openModel } = await import('../inference/model.ts');
  const { createProgress } = await import('../basics/progress.ts');
  const { storeRecipe } = await import('../runs/recipes.ts');
  const { runFolder } = await import('../runs/store.ts');
  const { workspace, signal } = context;
  const model = await openModel(workspace, recipe.run);
  try {
    const tell = reportProgress(context, 'frames');
    let progress: ReturnType<typeof createProgress> | undefined;
    const { file } = await renderRecipe(model, recipe, {
      signal,
      onFrame: (done, frames) => tell((progress ??= createProgress(frames))(done)),
    });
    await writeFileAtomic(path, file);
    await storeRecipe(runFolder(workspace, model.info.id), recipe);
    return { result: { run: model.info.id }, isStopped: false };
  } finally {
    model.dispose();
  }
}
