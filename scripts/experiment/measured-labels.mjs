import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseJson } from '../setup/json.mjs';

const SIDE = 64;
const CHANNELS = 3;
/** Patches of the upper corners, where a portrait shows what is behind it. */
const CORNER = { width: 8, height: 16 };
/** Rows from the eyes to the chin of an aligned CelebA face. */
const FACE_ROWS = { from: 24, to: 56 };
/** Redder than grey by so much of a byte is skin, whatever its lightness. */
const SKIN_RED = 8;

/**
 * Mean luminance of the upper corners, 0 to 255.
 *
 * @param {Buffer} image - RGB, row by row
 */
function backgroundBrightness(image) {
  let sum = 0;
  for (let y = 0; y < CORNER.height; y++) {
    for (let x = 0; x < CORNER.width; x++) {
      for (const column of [x, SIDE - 1 - x]) {
        const at = (y * SIDE + column) * CHANNELS;
        sum +=
          0.299 * image.readUInt8(at) + 0.587 * image.readUInt8(at + 1) + 0.114 * image.readUInt8(at + 2);
      }
    }
  }
  return sum / (2 * CORNER.width * CORNER.height);
}

/**
 * How far the skin between eyes and chin lies to the right of the middle, in pixels: the eyes of an aligned face stand
 * still, so a turned head shows more cheek on one side. Judged by redness (Cr), which light from a side changes little.
 *
 * @param {Buffer} image - RGB, row by row
 */
function faceTurn(image) {
  let [weights, moment] = [0, 0];
  for (let y = FACE_ROWS.from; y < FACE_ROWS.to; y++) {
    for (let x = 0; x < SIDE; x++) {
      const at = (y * SIDE + x) * CHANNELS;
      const red =
        0.5 * image.readUInt8(at) - 0.419 * image.readUInt8(at + 1) - 0.081 * image.readUInt8(at + 2);
      const weight = Math.max(0, red - SKIN_RED);
      weights += weight;
      moment += weight * (x - (SIDE - 1) / 2);
    }
  }
  return weights > 0 ? moment / weights : 0;
}

/**
 * The attributes of `list_attr_celeba.txt`: their names, and each image's 0s and 1s by its name.
 *
 * @param {string} path
 */
async function readAttributes(path) {
  const lines = (await readFile(path, 'utf8')).split(/\r?\n/).filter((line) => line.trim() !== '');
  const words = lines.map((line) => line.trim().split(/\s+/));
  const [names = [], ...rows] = words[0]?.length === 1 ? words.slice(1) : words;
  return {
    names,
    values: new Map(
      rows.map(([name = '', ...values]) => [name, values.map((value) => (value === '1' ? 1 : 0))]),
    ),
  };
}

/**
 * Writes CelebA's attributes, and two things that the paper's Figure 2 shows and the attributes do not have, measured
 * from the images themselves: the background's brightness and the head's turn.
 *
 * @param {string} dataset - folder of the imported images
 * @param {string} attributes - list_attr_celeba.txt
 * @param {string} out - the CSV
 */
export async function writeMeasuredLabels(dataset, attributes, out) {
  const images = await readFile(join(dataset, 'images.u8'));
  const files = /** @type {string[]} */ (parseJson(await readFile(join(dataset, 'names.json'), 'utf8')));
  const { names, values } = await readAttributes(attributes);
  const bytes = SIDE * SIDE * CHANNELS;
  const rows = files.map((file, i) => {
    const image = images.subarray(i * bytes, (i + 1) * bytes);
    const own = values.get(file.split('/').at(-1) ?? file) ?? names.map(() => '');
    return [file, ...own, backgroundBrightness(image).toFixed(3), faceTurn(image).toFixed(4)];
  });
  const header = ['image', ...names, 'Background_Brightness', 'Face_Turn'];
  await writeFile(out, [header, ...rows].map((row) => `${row.join(',')}\n`).join(''));
}
