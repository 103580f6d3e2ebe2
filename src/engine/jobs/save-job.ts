import { mkdtemp, readFile, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, extname, join } from 'node:path';
import type { JobOrder } from '../../contract/job.ts';
import type { ModelFormat, SavedItem } from '../../contract/saved-file.ts';
import { streamFileAtomic } from '../../system/atomic.ts';
import { removeFolder } from '../../system/remove.ts';
import type { Workspace } from '../basics/workspace.ts';
import { writeCodes } from '../codes/code-files.ts';
import { findStoredPosteriors } from '../codes/codes-file.ts';
import { exportDataset } from '../data/export-dataset.ts';
import { readLabelCells } from '../data/label-cells.ts';
import { openLockedDataset } from '../data/lock-dataset.ts';
import { zipStream } from '../files/zip-writer.ts';
import { encodeImages } from '../inference/encode-images.ts';
import { openModel } from '../inference/model.ts';
import { exportPage } from '../page/export-page.ts';
import { exportOnnx } from '../runs/export-onnx.ts';
import { exportSafetensors } from '../runs/export-safetensors.ts';
import { exportModel } from '../runs/portable.ts';
import { runFolder } from '../runs/store.ts';
import { reportProgress, type JobContext } from './job-context.ts';
import type { JobEnd } from './training-jobs.ts';

/** Writes files into a temporary folder, and then all of them into one zip. */
async function writeZip(path: string, write: (folder: string) => Promise<void>): Promise<void> {
  const temporary = await mkdtemp(join(tmpdir(), 'unravel-export-'));
  try {
    const folder = join(temporary, basename(path, extname(path)));
    await write(folder);
    const names = (await readdir(folder)).sort();
    const members = names.map((name) => ({ name, make: () => readFile(join(folder, name)) }));
    await streamFileAtomic(path, zipStream(members));
  } finally {
    await removeFolder(temporary);
  }
}

async function saveCodes(
  { workspace, signal, report }: JobContext,
  { run, dataset: id, format }: Extract<SavedItem, { item: 'codes' }>,
  path: string,
): Promise<number> {
  const dataset = await openLockedDataset(workspace, id);
  try {
    const model = await openModel(workspace, run);
    try {
      const { info } = dataset;
      const all = Uint32Array.from({ length: info.images }, (_, i) => i);
      const onProgress = reportProgress({ report }, 'images');
      const { mu, logVar } =
        (await findStoredPosteriors(runFolder(workspace, run), info, model.spec.shape.variational)) ??
        (await encodeImages(model, dataset, all, { signal, onProgress }));
      const shape = [info.images, model.latentDim];
      const codes = {
        names: await dataset.names(),
        labels: await readLabelCells(dataset),
        mu: { shape, data: mu },
        ...(logVar.length > 0 ? { logVar: { shape, data: logVar } } : {}),
      };
      if (format === 'npy') await writeZip(path, (folder) => writeCodes(join(folder, 'codes.npy'), codes));
      else await writeCodes(path, codes);
      return info.images;
    } finally {
      model.dispose();
    }
  } finally {
    await dataset.close();
  }
}

async function savePage(
  context: JobContext,
  { run, dataset: id, images }: Extract<SavedItem, { item: 'page' }>,
  path: string,
): Promise<number> {
  const { workspace, signal } = context;
  const dataset = await openLockedDataset(workspace, id);
  try {
    const model = await openModel(workspace, run);
    try {
      const onProgress = reportProgress(context, 'images');
      return (await exportPage(workspace, model, dataset, path, { images, signal, onProgress })).points;
    } finally {
      model.dispose();
    }
  } finally {
    await dataset.close();
  }
}

const MODEL_WRITERS: Readonly<
  Record<ModelFormat, (workspace: Workspace, run: string, folder: string) => Promise<unknown>>
> = { unravel: exportModel, safetensors: exportSafetensors, onnx: exportOnnx };

/** Writes a model, codes, a web page or a data set into one file. */
export async function saveJob(
  context: JobContext,
  { saved, path }: Extract<JobOrder, { kind: 'save' }>,
): Promise<JobEnd> {
  const { workspace, signal } = context;
  switch (saved.item) {
    case 'model':
      await writeZip(path, async (folder) => {
        await MODEL_WRITERS[saved.format](workspace, saved.run, folder);
      });
      return { result: { run: saved.run }, isStopped: false };
    case 'codes': {
      const images = await saveCodes(context, saved, path);
      return { result: { run: saved.run, dataset: saved.dataset, images }, isStopped: false };
    }
    case 'page': {
      const images = await savePage(context, saved, path);
      return { result: { run: saved.run, dataset: saved.dataset, images }, isStopped: false };
    }
    case 'dataset': {
      const dataset = await openLockedDataset(workspace, saved.dataset);
      try {
        await exportDataset(dataset, path, { signal, onProgress: reportProgress(context, 'images') });
        return {
          result: { dataset: saved.dataset, images: dataset.info.images },
          isStopped: false,
        };
      } finally {
        await dataset.close();
      }
    }
  }
}
