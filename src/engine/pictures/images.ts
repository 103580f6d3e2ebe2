import { readdir, writeFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { UnravelError } from '../../contract/errors.ts';
import { writeFileAtomic, writeFolderAtomic } from '../../system/atomic.ts';
import { explainWriteError } from '../../system/write-error.ts';
import { removeEmptyFolder } from '../../system/remove.ts';
import { readSafetensors, writeSafetensors, type AnyTensor, type HostTensor } from '../files/safetensors.ts';
import { typeName } from '../files/type-name.ts';
import { picturesFromBatch } from './picture.ts';
import { encodePng } from './png.ts';

/** Characters that are not allowed or not safe in file names on some system or shell, such as path separators. */
const AWKWARD = /[\u0000-\u001f\u007f<>:"/\\|?*]+/g;

/**
 * Makes a file name for each image: its name without extension, with folders as part of it, or its zero-padded
 * number. The file names are unique even if case is ignored, and contain no path.
 *
 * @returns `[count]`, ending in `.png`
 */
export function pngNames(count: number, names?: readonly string[]): string[] {
  const digits = String(Math.max(0, count - 1)).length;
  const taken = new Set<string>();
  return Array.from({ length: count }, (_, i) => {
    const number = String(i).padStart(digits, '0');
    const name = names?.[i] ?? number;
    // Sub-folders become part of the name, so that `smiling/0001.jpg` and `neutral/0001.jpg` differ.
    const stem = name
      .slice(0, name.length - extname(name).length)
      .replaceAll(AWKWARD, '-')
      .replace(/^[.\s-]+|[.\s]+$/g, '')
      .slice(-120);
    const plain = stem || number;
    const unique = taken.has(plain.toLowerCase()) ? `${plain}-${number}` : plain;
    taken.add(unique.toLowerCase());
    return `${unique}.png`;
  });
}

/** Removes an empty folder where a new one will be written. */
async function makeWay(folder: string): Promise<void> {
  let entries: string[];
  try {
    entries = await readdir(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
    throw new UnravelError('conflict', `${folder} exists already and is not a folder.`, {
      path: folder,
      cause: error,
      hint: 'Choose another name.',
    });
  }
  if (entries.length > 0) {
    throw new UnravelError('conflict', `The folder ${folder} is not empty.`, {
      path: folder,
      hint: 'Choose a new folder, or empty this one; nothing in it has been changed.',
    });
  }
  await removeEmptyFolder(folder).catch((error: unknown) => {
    throw explainWriteError(folder, error);
  });
}

/**
 * Writes decoded images. A path that ends in `.safetensors` becomes a file with the exact values as the tensor
 * `decoded`, float32 `[N, H, W, C]`; one that ends in `.png` becomes a single image; any other becomes a folder
 * with a PNG for each image, which appears when all are written.
 *
 * @param images - `[images, height, width, channels]`, values in [0, 1]; in a PNG, values outside are clipped
 * @param names - names for the PNG files; their numbers if left out
 * @throws UnravelError `conflict` for a folder that is not empty, `bad-input` for the extension of another file
 * format; the errors of `writeFileAtomic`
 */
export async function writeImages(
  path: string,
  images: HostTensor,
  names?: readonly string[],
): Promise<void> {
  const extension = extname(path).toLowerCase();
  if (extension === '.safetensors') {
    await writeSafetensors(path, new Map([['decoded', images]]));
    return;
  }
  const pictures = picturesFromBatch(images.shape, images.data);
  if (extension === '.png' && pictures.length === 1) {
    await writeFileAtomic(path, await encodePng(pictures[0]!));
    return;
  }
  if (['.png', '.jpg', '.jpeg', '.webp', '.gif', '.npy', '.csv', '.zip'].includes(extension)) {
    throw new UnravelError(
      'bad-input',
      extension === '.png'
        ? `${path} is one PNG, but there are ${pictures.length} images.`
        : `Images cannot be written as ${basename(path)}.`,
      { path, hint: 'Name a folder, which gets a PNG for each image, or a file ending in .safetensors.' },
    );
  }
  await makeWay(path);
  const files = pngNames(pictures.length, names);
  await writeFolderAtomic(path, async (staging) => {
    for (const [i, picture] of pictures.entries()) {
      await writeFile(join(staging, files[i]!), await encodePng(picture));
    }
  });
}

/** Numbers of other types as bytes, if they are whole, or as float32 in [0, 1]; undefined if they are neither. */
function asPixels(data: AnyTensor['data']): Uint8Array | Float32Array | undefined {
  if (data instanceof Uint8Array || data instanceof Float32Array) return data;
  const numbers: ArrayLike<number> & Iterable<number> = data;
  if (data.every((value) => value >= 0 && value <= 1)) return Float32Array.from(numbers);
  const areBytes = data.every((value) => Number.isInteger(value) && value >= 0 && value <= 255);
  return areBytes ? Uint8Array.from(numbers) : undefined;
}

/**
 * Reads the tensor `images` of a safetensors file, for encoding.
 *
 * @returns `[images, height, width, channels]`: bytes as they are, or floats in [0, 1]
 * @throws UnravelError `not-found`, or `bad-input` if the tensor is missing, of another type or not a batch of
 * images
 */
export async function readImagesTensor(path: string): Promise<HostTensor<Uint8Array | Float32Array>> {
  const { tensors } = await readSafetensors(path);
  const tensor = tensors.get('images');
  if (!tensor) {
    throw new UnravelError('bad-input', `Could not read ${path}: it has no tensor named images.`, {
      path,
      hint: `It holds ${[...tensors.keys()].join(', ') || 'nothing'}. Name the tensor with the images “images”.`,
    });
  }
  const { shape } = tensor;
  const data = asPixels(tensor.data);
  if (!data) {
    throw new UnravelError(
      'bad-input',
      `Could not read ${path}: its images are of type ${typeName(tensor.data)}, with values that are neither bytes nor within [0, 1].`,
      { path, hint: 'Store them as bytes, or as floats in [0, 1].' },
    );
  }
  if (shape.length !== 4 || !(shape[3] === 1 || shape[3] === 3) || data.length === 0) {
    throw new UnravelError(
      'bad-input',
      `Could not read ${path}: its images are [${shape.join(', ')}], not [images, height, width, 1 or 3].`,
      { path, hint: 'Store them as bytes, or float32 in [0, 1], with the channels last.' },
    );
  }
  if (data instanceof Float32Array && !data.every((value) => value >= 0 && value <= 1)) {
    throw new UnravelError(
      'bad-input',
      `Could not read ${path}: some values of its images are outside [0, 1].`,
      {
        path,
        hint: 'Divide by 255, or store bytes.',
      },
    );
  }
  return { shape, data };
}
