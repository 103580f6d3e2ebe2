import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createCanvas } from '@napi-rs/canvas';

/** How many images a folder of {@link writePortraits} has, and how many of them are for validation and for test. */
export const PORTRAITS = { images: 60, validation: 10, test: 10 } as const;

/** Wide enough to be imported at 256 pixels, and not square. */
const [WIDTH, HEIGHT] = [320, 288];

/** The name of an image: age, mood and a number, as UTKFace writes them. */
export const portraitName = (i: number): string => `${20 + i}_${i % 2}_${i % 4}_${1000 + i}.jpg`;

const folderOf = (i: number): string => (i % 6 === 0 ? 'test' : i % 6 === 1 ? 'val' : 'train');

function picture(i: number): Buffer {
  const canvas = createCanvas(WIDTH, HEIGHT);
  const context = canvas.getContext('2d');
  context.fillStyle = `hsl(${(i * 37) % 360} 60% 70%)`;
  context.fillRect(0, 0, WIDTH, HEIGHT);
  context.fillStyle = `hsl(${(i * 91) % 360} 70% 40%)`;
  context.beginPath();
  context.arc(WIDTH / 2, HEIGHT / 2, 40 + (i % 7) * 8, 0, 2 * Math.PI);
  context.fill();
  return canvas.toBuffer('image/jpeg', 90);
}

/**
 * Writes a folder with `train`, `val` and `test`, names that fit a pattern, and tables: `ages.csv` names the images by
 * their paths and again in a second column by the end of another image's path, `persons.tsv` by their base names;
 * `cities.csv` names none of them, and `quota.csv` is a web page.
 */
export async function writePortraits(folder: string): Promise<void> {
  for (const part of ['train', 'val', 'test']) await mkdir(join(folder, part), { recursive: true });
  const indices = Array.from({ length: PORTRAITS.images }, (_, i) => i);
  await Promise.all(indices.map((i) => writeFile(join(folder, folderOf(i), portraitName(i)), picture(i))));
  const opposite = (i: number): number => PORTRAITS.images - 1 - i;
  const tables = {
    'ages.csv': [
      'file,pair,age,mood',
      ...indices.map(
        (i) =>
          `${folderOf(i)}/${portraitName(i)},${portraitName(opposite(i))},${20 + i},${i % 2 ? 'glad' : 'sad'}`,
      ),
    ],
    'persons.tsv': ['id\tperson', ...indices.map((i) => `${portraitName(i)}\tperson ${i % 9}`)],
    'cities.csv': ['city,people', 'Bonn,3', 'Ulm,2'],
    'quota.csv': ['<html><body>Too many people have downloaded this file.</body></html>'],
  };
  for (const [name, lines] of Object.entries(tables)) {
    await writeFile(join(folder, name), `${lines.join('\n')}\n`);
  }
}

/** Codes of the images of {@link writePortraits}, in another order, with a label. */
export function portraitCodes(): string {
  const indices = Array.from({ length: PORTRAITS.images }, (_, i) => (i * 7) % PORTRAITS.images);
  const lines = indices.map((i) => {
    const code = [1, 2, 3, 4].map((j) => Math.sin(i * j + j).toFixed(4));
    return [portraitName(i), ...code, i % 2 ? 'round' : 'flat'].join(',');
  });
  return `${['file,mu_0,mu_1,mu_2,mu_3,shape', ...lines].join('\n')}\n`;
}
