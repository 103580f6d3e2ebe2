import { promisify } from 'node:util';
import { crc32, deflate } from 'node:zlib';
import { createCanvas, loadImage } from '@napi-rs/canvas';
import { UnravelError } from '../../contract/errors.ts';
import type { Picture } from './picture.ts';

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const deflateAsync = promisify(deflate);

function chunk(type: string, body: Uint8Array): Buffer {
  const bytes = Buffer.alloc(body.length + 12);
  bytes.writeUInt32BE(body.length);
  bytes.write(type, 4, 'latin1');
  bytes.set(body, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, body.length + 8)), body.length + 8);
  return bytes;
}

/** The neighbour that the Paeth filter predicts from (PNG specification, 9.4). */
function paeth(left: number, up: number, corner: number): number {
  const estimate = left + up - corner;
  const [toLeft, toUp, toCorner] = [
    Math.abs(estimate - left),
    Math.abs(estimate - up),
    Math.abs(estimate - corner),
  ];
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}

const PREDICTORS = [
  () => 0,
  (left: number) => left,
  (_: number, up: number) => up,
  (left: number, up: number) => (left + up) >> 1,
  paeth,
];

/**
 * Filters every row with the predictor that gives the smallest sum of absolute differences, the heuristic of the
 * specification (12.7).
 */
function filterRows({ width, height, channels, data }: Picture): Uint8Array {
  const row = width * channels;
  const filtered = new Uint8Array(height * (row + 1));
  const candidate = new Uint8Array(row);
  for (let y = 0; y < height; y++) {
    let least = Infinity;
    PREDICTORS.forEach((predict, kind) => {
      let sum = 0;
      for (let i = 0; i < row; i++) {
        const at = y * row + i;
        const left = i < channels ? 0 : data[at - channels]!;
        const up = y === 0 ? 0 : data[at - row]!;
        const corner = i < channels || y === 0 ? 0 : data[at - row - channels]!;
        const rest = (data[at]! - predict(left, up, corner)) & 0xff;
        candidate[i] = rest;
        sum += rest < 128 ? rest : 256 - rest;
      }
      if (sum >= least) return;
      least = sum;
      filtered[y * (row + 1)] = kind;
      filtered.set(candidate, y * (row + 1) + 1);
    });
  }
  return filtered;
}

/**
 * Encodes an image as PNG: grey (colour type 0) or RGB (type 2), 8 bits, without gamma or profile, so that every
 * reader gives the same bytes. The canvas cannot be used, because it writes RGBA only.
 */
export async function encodePng(picture: Picture): Promise<Uint8Array> {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(picture.width, 0);
  header.writeUInt32BE(picture.height, 4);
  header[8] = 8;
  header[9] = picture.channels === 1 ? 0 : 2;
  const body = await deflateAsync(filterRows(picture));
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', body),
    chunk('IEND', new Uint8Array(0)),
  ]);
}

/**
 * Reads a picture unchanged, in any format that the canvas reads: PNG, JPEG, WebP and others. Photographs for
 * encoding are read by the import instead, which crops and rotates them.
 *
 * @returns one channel if every pixel is grey, else three; transparent pixels are drawn over white
 * @throws UnravelError `bad-input` when the file cannot be read as a picture
 */
export async function readPicture(path: string): Promise<Picture> {
  const image = await loadImage(path).catch((cause: unknown) => {
    throw new UnravelError('bad-input', `Could not read ${path} as a picture.`, {
      path,
      cause,
      hint: 'Check that the file exists and opens in a picture viewer.',
    });
  });
  const { width, height } = image;
  const context = createCanvas(width, height).getContext('2d');
  context.fillStyle = '#ffffff';
  context.fillRect(0, 0, width, height);
  context.drawImage(image, 0, 0);
  const rgba = context.getImageData(0, 0, width, height).data;
  const pixels = width * height;
  let isGrey = true;
  for (let i = 0; i < pixels && isGrey; i++) {
    isGrey = rgba[4 * i] === rgba[4 * i + 1] && rgba[4 * i] === rgba[4 * i + 2];
  }
  const channels = isGrey ? 1 : 3;
  const data = new Uint8Array(pixels * channels);
  for (let i = 0; i < pixels; i++) {
    for (let c = 0; c < channels; c++) data[i * channels + c] = rgba[4 * i + c]!;
  }
  return { width, height, channels, data };
}
