import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCanvas, loadImage } from '@napi-rs/canvas';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWorkspace, type Workspace } from '../../src/engine/basics/workspace.ts';
import { encodeNpy } from '../../src/engine/files/npy.ts';
import { runHere, type Outcome } from './run-cli.ts';

let folder: string;
let workspace: Workspace;
const run = (...argv: string[]): Promise<Outcome> => runHere(...argv, '--workspace', workspace.root);
const at = (name: string): string => join(folder, name);

/** Sizes of the pictures that are imported: a smooth one of its own for each number. */
const [WIDTH, HEIGHT] = [300, 260];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unravel-sizes-'));
  workspace = openWorkspace(at('workspace'));
  await mkdir(at('pictures'));
  for (let i = 0; i < 8; i++) {
    const canvas = createCanvas(WIDTH, HEIGHT);
    const context = canvas.getContext('2d');
    const shades = context.createLinearGradient(0, 0, WIDTH, HEIGHT);
    shades.addColorStop(0, `hsl(${40 * i}, 70%, 30%)`);
    shades.addColorStop(1, `hsl(${40 * i + 90}, 70%, 80%)`);
    context.fillStyle = shades;
    context.fillRect(0, 0, WIDTH, HEIGHT);
    await writeFile(at(`pictures/${i}.png`), canvas.toBuffer('image/png'));
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The width of a picture that was written. */
const widthOf = async (path: string): Promise<number> => (await loadImage(path)).width;

describe.each([128, 256])('images of %i pixels', (size) => {
  const data = `pictures${size}`;

  beforeAll(async () => {
    const made = await run('import', at('pictures'), '--name', data, '--size', String(size));
    expect(made.stderr).toBe('');
    expect(made.stdout).toContain(`They are colour, ${size}×${size}`);
    expect(made.stdout).not.toContain('enlarged');
  });

  it.each([
    ['paper', 'beta-tcvae', 'full'],
    ['burgess', 'beta-tcvae', 'mixed'],
    ['burgess', 'vae-gan', 'full'],
  ])('are learned by %s, %s in %s precision, and decoded as wide', async (architecture, model, precision) => {
    const name = `${architecture}-${model}-${size}`;
    const trained = await run(
      ...['train', data, '--model', model, '--architecture', architecture, '--precision', precision],
      ...['--epochs', '1', '--batch', '4', '--latent', '3', '--name', name],
    );
    expect(trained.code, trained.stderr).toBe(0);

    const codes = { shape: [2, 3], data: Float32Array.of(0, 0, 0, 1, -1, 2) };
    await writeFile(at('codes.npy'), Buffer.concat(encodeNpy(codes)));
    const decoded = at(`decoded-${name}`);
    expect((await run('decode', name, '--codes', at('codes.npy'), '--out', decoded)).code).toBe(0);
    const pictures = (await readdir(decoded)).filter((file) => file.endsWith('.png'));
    expect(pictures).toHaveLength(2);
    expect(await widthOf(join(decoded, pictures[0]!))).toBe(size);

    const gif = at(`${name}.gif`);
    const motion = ['--frames', '3', '--size', String(size), '--dims', '1'];
    const moved = await run('traverse', name, ...motion, '--out', gif);
    expect(moved.code, moved.stderr).toBe(0);
    const bytes = await readFile(gif);
    expect(bytes.toString('latin1', 0, 6)).toBe('GIF89a');
    // The frame has an edge around the face.
    expect(bytes.readUInt16LE(6)).toBeGreaterThanOrEqual(size);
    expect(bytes.readUInt16LE(6)).toBeLessThan(size + 64);

    const figures = at(`figures-${name}`);
    const drawn = await run('figures', name, '--only', 'reconstructions', '--out', figures);
    expect(drawn.code, drawn.stderr).toBe(0);
    expect(await widthOf(join(figures, 'figure-1-reconstructions.png'))).toBeGreaterThan(2 * size);
    expect(await readdir(figures)).toContain('figure-1-reconstructions.pdf');
  });
});

it('draws sample faces of a size', async () => {
  await run('sample-data', 'faces', '--count', '3', '--size', '256', '--name', 'portraits');
  expect((await run('data', 'show', 'portraits')).stdout).toContain('3, colour, 256×256');
  expect((await run('data', '--json')).stdout).toContain('"imageSize":256');
});

it('says that it enlarged pictures', async () => {
  await mkdir(at('small'));
  for (let i = 0; i < 4; i++) {
    await writeFile(at(`small/${i}.png`), createCanvas(89, 109).toBuffer('image/png'));
  }
  const { stdout } = await run('import', at('small'), '--size', '128', '--crop', 'square');
  expect(stdout).toContain('Pictures smaller than 128×128 pixels were enlarged, such as those of 89×109.');
});

it.each(['100', '512', '0', 'large', ''])('refuses images of %j pixels', async (size) => {
  for (const argv of [
    ['import', at('pictures')],
    ['sample-data', 'faces'],
  ]) {
    const { code, stderr } = await run(...argv, '--size', size);
    expect(code).toBe(2);
    expect(stderr).toContain('It must be 32, 64, 128 or 256.');
  }
});
