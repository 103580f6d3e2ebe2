import { Readable } from 'node:stream';
import { listZip } from '../files/zip.ts';
import { streamZipEntry } from '../files/zip-reader.ts';
import { byName, isHidden, isImageName, labelFormat, type ImageSource, type LabelFile } from './source.ts';

async function* textOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const chunk of chunks) yield decoder.decode(chunk, { stream: true });
  yield decoder.decode();
}

/**
 * Finds the images of a zip archive. Entries with paths outside of it are refused.
 *
 * @throws UnravelError `not-found` or `bad-input`
 */
export async function openZip(path: string): Promise<ImageSource> {
  const { entries, refused } = await listZip(path);
  const visible = entries.filter(({ name }) => !isHidden(name)).sort((a, b) => byName(a.name, b.name));
  const images = visible.filter(({ name }) => isImageName(name));
  const labelFiles = visible.flatMap((entry): LabelFile[] => {
    const format = labelFormat(entry.name);
    if (!format) return [];
    return [{ name: entry.name, format, open: () => Readable.from(textOf(streamZipEntry(path, entry))) }];
  });
  return {
    origin: { kind: 'zip', path },
    names: images.map(({ name }) => name),
    item: (index) => images[index]!,
    refused: refused
      .map(({ name, reason }) => ({ file: name, reason }))
      .sort((a, b) => byName(a.file, b.file)),
    labelFiles: labelFiles.sort((a, b) => Number(a.format === 'csv') - Number(b.format === 'csv')),
  };
}
