import { createCanvas, ImageData } from '@napi-rs/canvas';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { imageBytes, type ImageSize } from '../../src/contract/image-size.ts';
import { writeSafetensors, type AnyTensor } from '../../src/engine/files/safetensors.ts';
import { openModel } from '../../src/engine/inference/model.ts';
import { openWorkspace } from '../../src/engine/basics/workspace.ts';
import { createRandom } from '../../src/engine/basics/random.ts';
import { drawFace, faceFactors } from '../../src/engine/synthetic/faces.ts';

/** Number of images of the data set that is made. */
const IMAGES = 48;
/** Width of the pictures in pixels. */
const PICTURE_SIZE = 140;
/** Number of images that each model encodes and decodes. */
const COUNT = 7;
const MOODS = ['happy', 'sad', 'ünsure, a bit', null];

/** The pictures and labels of a data set. */
export interface Pictures {
  readonly folder: string;
  /** Names of the images in the order of the data set. */
  readonly names: readonly string[];
  /** The values that each label must have, in the same order. */
  readonly labels: Readonly<Record<string, readonly (string | number | null)[]>>;
}

/** Draws faces in two folders and writes a table of labels beside them: words, numbers, and some of both unknown. */
export async function writePictures(folder: string): Promise<Pictures> {
  const names: string[] = [];
  const labels = { folder: [] as string[], mood: [] as (string | null)[], age: [] as (number | null)[] };
  const rows = ['file,mood,age'];
  for (let i = 0; i < IMAGES; i++) {
    const group = i < IMAGES / 2 ? 'first' : 'zweite, größere';
    const name = `${group}/face ${String(i).padStart(2, '0')}.png`;
    const mood = MOODS[i % MOODS.length] ?? null;
    const age = i % 9 === 0 ? null : 20.25 + i;
    names.push(name);
    labels.folder.push(group);
    labels.mood.push(mood);
    labels.age.push(age);
    rows.push(`"${name}","${mood ?? ''}",${age ?? ''}`);
    const rgb = drawFace(faceFactors(1, i), PICTURE_SIZE);
    const rgba = new Uint8ClampedArray(PICTURE_SIZE * PICTURE_SIZE * 4).fill(255);
    for (let p = 0; p < PICTURE_SIZE * PICTURE_SIZE; p++) rgba.set(rgb.subarray(3 * p, 3 * p + 3), 4 * p);
    const canvas = createCanvas(PICTURE_SIZE, PICTURE_SIZE);
    canvas.getContext('2d').putImageData(new ImageData(rgba, PICTURE_SIZE, PICTURE_SIZE), 0, 0);
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), canvas.toBuffer('image/png'));
  }
  await writeFile(join(folder, 'labels.csv'), `${rows.join('\n')}\n`);
  return { folder, names, labels };
}

/** Puts the channels of images before their pixels, and makes values in [0, 1] of values up to `most`. */
function channelsFirst(
  images: ArrayLike<number>,
  { size, channels, most }: { size: number; channels: number; most: number },
): Float32Array {
  const pixels = size * size;
  const out = new Float32Array(images.length);
  for (let i = 0; i < images.length; i++) {
    const image = Math.floor(i / (pixels * channels));
    const pixel = Math.floor(i / channels) % pixels;
    out[(image * channels + (i % channels)) * pixels + pixel] = images[i]! / most;
  }
  return out;
}

/**
 * Writes what the engine makes of images and codes, in the layouts that exported models have: `image`, `mu` and
 * `log_var` of each, `z` and `decoded`, and `zero_mu` and `zero_decoded` of one black image.
 */
export async function writeExpected(
  workspaceRoot: string,
  run: string,
  size: ImageSize,
  path: string,
): Promise<void> {
  const model = await openModel(openWorkspace(workspaceRoot), run);
  try {
    const { latentDim, condition } = model;
    const { channels } = model.info;
    const bytes = imageBytes({ imageSize: size, channels });
    const random = createRandom(5, 'interchange');
    const images = new Uint8Array(COUNT * bytes);
    for (let i = 0; i < COUNT; i++) {
      // Half of them are noise, which reaches every weight.
      const image = images.subarray(i * bytes, (i + 1) * bytes);
      if (i % 2) image.set(Uint8Array.from(image, () => Math.floor(random.uniform() * 256)));
      else drawFace(faceFactors(3, i), size, image);
    }
    const z = random.fillNormal(new Float32Array(COUNT * latentDim));
    const width = condition ? (condition.type === 'categorical' ? condition.categories!.length : 1) : 0;
    const conditions = Float32Array.from({ length: COUNT * width }, (_, i) =>
      i % width === Math.floor(i / width) % width ? 1 : 0,
    );
    const told = width > 0 ? conditions : undefined;
    // The README's own lines give a condition of zeros.
    const toldNothing = width > 0 ? new Float32Array(width) : undefined;
    const posteriors = model.encode(images, COUNT, told);
    const decoded = model.decode(z, COUNT, told);
    const zero = model.encode(new Uint8Array(bytes), 1, toldNothing);
    const zeroDecoded = model.decode(zero.mu, 1, toldNothing);
    const form = { size, channels };
    const shape = (count: number): number[] => [count, channels, size, size];
    const codes = (data: Float32Array, count = COUNT): AnyTensor => ({ shape: [count, latentDim], data });
    await writeSafetensors(
      path,
      new Map<string, AnyTensor>([
        ['image', { shape: shape(COUNT), data: channelsFirst(images, { ...form, most: 255 }) }],
        ['mu', codes(posteriors.mu)],
        ...(posteriors.logVar.length > 0 ? ([['log_var', codes(posteriors.logVar)]] as const) : []),
        ['z', codes(z)],
        ['decoded', { shape: shape(COUNT), data: channelsFirst(decoded, { ...form, most: 1 }) }],
        ['zero_mu', codes(zero.mu, 1)],
        ['zero_decoded', { shape: shape(1), data: channelsFirst(zeroDecoded, { ...form, most: 1 }) }],
        ...(told ? ([['condition', { shape: [COUNT, width], data: told }]] as const) : []),
      ]),
    );
  } finally {
    model.dispose();
  }
}
