import { csvField, type CsvValue } from '../../contract/csv-field.ts';
import { UnravelError } from '../../contract/errors.ts';
import { streamFileAtomic } from '../../system/atomic.ts';
import { createProgress } from '../basics/progress.ts';
import type { Progress } from '../../contract/dataset.ts';
import { zipStream, type LazyZipMember } from '../files/zip-writer.ts';
import { encodePng } from '../pictures/png.ts';
import { uniqueFileNames } from '../basics/unique-names.ts';
import type { Dataset } from './dataset.ts';
import { readLabelCells } from './label-cells.ts';

const LABELS_FILE = 'labels.csv';
/** Number of rows that are joined to one text. */
const ROWS_PER_CHUNK = 2048;

/** Names of the files in the archive: those of the images, in one folder and with the ending of a PNG. */
function fileNames(names: readonly string[]): string[] {
  const unique = uniqueFileNames();
  return names.map((name) => {
    const flat = name
      .replace(/\.[^./\\]+$/, '')
      .replace(/[/\\]/g, '_')
      .replace(/^\.+/, '');
    return unique.take(`${flat || 'image'}.png`);
  });
}

async function labelTable(dataset: Dataset, files: readonly string[]): Promise<Uint8Array> {
  const labels = await readLabelCells(dataset);
  const line = (cells: readonly CsvValue[]): string => `${cells.map((cell) => csvField(cell)).join(',')}\n`;
  const chunks = [line(['file', ...labels.map(({ name }) => name)])];
  for (let start = 0; start < files.length; start += ROWS_PER_CHUNK) {
    chunks.push(
      files
        .slice(start, start + ROWS_PER_CHUNK)
        .map((file, i) => line([file, ...labels.map(({ at }) => at(start + i))]))
        .join(''),
    );
  }
  return Buffer.concat(chunks.map((chunk) => Buffer.from(chunk)));
}

/**
 * Writes the images of a data set as PNG files, and its labels and factors as a CSV file, into a zip, which can be
 * imported again.
 *
 * @throws UnravelError `cancelled`, `disk-full` or `bad-input`; no file is left behind then
 */
export async function exportDataset(
  dataset: Dataset,
  path: string,
  {
    signal,
    onProgress = () => undefined,
  }: { readonly signal?: AbortSignal; readonly onProgress?: (progress: Progress) => void } = {},
): Promise<void> {
  const { imageSize, channels, images, columns, name } = dataset.info;
  if (images === 0) throw new UnravelError('bad-input', `${name} contains no images.`);
  const files = fileNames(await dataset.names());
  const progress = createProgress(images);
  const members: LazyZipMember[] = files.map((file, index) => ({
    name: file,
    make: async () => {
      signal?.throwIfAborted();
      const data = await dataset.readImages([index]);
      const png = await encodePng({ width: imageSize, height: imageSize, channels, data });
      onProgress(progress(index + 1));
      return png;
    },
  }));
  if (columns.length > 0) members.push({ name: LABELS_FILE, make: () => labelTable(dataset, files) });
  await streamFileAtomic(path, zipStream(members));
}
