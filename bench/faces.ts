import { createCanvas, ImageData } from '@napi-rs/canvas';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
  linkSync,
  copyFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_IMAGE_SIZE, imageBytes } from '../src/contract/image-size.ts';
import { readImage } from '../src/engine/image-files/read-image.ts';
import { drawFace, faceFactors } from '../src/engine/synthetic/faces.ts';
import { sharedData } from './paths.ts';

const imageSize = DEFAULT_IMAGE_SIZE;
const IMAGE_BYTES = imageBytes({ imageSize, channels: 3 });
/** The size of CelebA's aligned faces. */
const [CELEBA_WIDTH, CELEBA_HEIGHT] = [178, 218];
const DISTINCT = 32;

/** Images and a description of where they come from. */
export interface Faces {
  /** `[count, imageSize, imageSize, 3]`, bytes. */
  readonly images: Uint8Array;
  readonly source: 'CelebA' | 'sample faces';
}

/** The first `count` faces of CelebA where it lies beside the repository, else sample faces. */
export function readFaces(count: number): Faces {
  const folder = join(sharedData, 'celeba/img_align_celeba');
  const files = existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith('.jpg'))
        .sort()
    : [];
  const images = new Uint8Array(count * IMAGE_BYTES);
  const real = files.length >= count;
  for (let i = 0; i < count; i++) {
    const into = images.subarray(i * IMAGE_BYTES, (i + 1) * IMAGE_BYTES);
    if (!real) {
      drawFace(faceFactors(1, i), imageSize, into);
      continue;
    }
    const { channels } = readImage(
      readFileSync(join(folder, files[i]!)),
      { crop: 'celeba', imageSize },
      into,
    );
    // A grey photograph fills the first third. It is spread out from the end, so that no value is overwritten early.
    if (channels === 1) for (let p = IMAGE_BYTES - 1; p >= 0; p--) into[p] = into[Math.floor(p / 3)]!;
  }
  return { images, source: real ? 'CelebA' : 'sample faces' };
}

/** Real photographs of CelebA's size where they lie beside the repository, else sample faces as JPEGs. */
function celebaSizedJpegs(): { jpegs: Buffer[]; source: Faces['source'] } {
  const folder = join(sharedData, 'celeba32/img_align_celeba');
  if (existsSync(folder)) {
    const files = readdirSync(folder)
      .filter((name) => name.endsWith('.jpg'))
      .sort();
    if (files.length > 0)
      return { jpegs: files.map((name) => readFileSync(join(folder, name))), source: 'CelebA' };
  }
  const jpegs = Array.from({ length: DISTINCT }, (_, i) => {
    const square = drawFace(faceFactors(1, i), CELEBA_HEIGHT);
    const rgba = new Uint8ClampedArray(CELEBA_WIDTH * CELEBA_HEIGHT * 4).fill(255);
    const left = (CELEBA_HEIGHT - CELEBA_WIDTH) / 2;
    for (let y = 0; y < CELEBA_HEIGHT; y++) {
      for (let x = 0; x < CELEBA_WIDTH; x++) {
        const from = (y * CELEBA_HEIGHT + x + left) * 3;
        rgba.set(square.subarray(from, from + 3), (y * CELEBA_WIDTH + x) * 4);
      }
    }
    const canvas = createCanvas(CELEBA_WIDTH, CELEBA_HEIGHT);
    canvas.getContext('2d').putImageData(new ImageData(rgba, CELEBA_WIDTH, CELEBA_HEIGHT), 0, 0);
    return canvas.toBuffer('image/jpeg', 92);
  });
  return { jpegs, source: 'sample faces' };
}

/**
 * Makes a folder of JPEGs of 178×218 pixels, named as CelebA's. Few are distinct and the others are hard links to
 * them: what is measured is decoding, and 200,000 copies would fill a disk.
 *
 * @returns a description of where the distinct ones come from
 */
export function makeJpegFolder(folder: string, count: number): Faces['source'] {
  const { jpegs, source } = celebaSizedJpegs();
  mkdirSync(folder, { recursive: true });
  const path = (i: number): string => join(folder, `${String(i + 1).padStart(6, '0')}.jpg`);
  for (let i = 0; i < count; i++) {
    const original = jpegs[i % jpegs.length]!;
    if (i < jpegs.length) writeFileSync(path(i), original);
    else linkOrCopy(path(i % jpegs.length), path(i));
  }
  return source;
}

function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    // A file system without hard links, or at the limit of links to one file.
    copyFileSync(from, to);
  }
}
