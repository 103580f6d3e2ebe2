import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { picturesFromBatch } from '../../src/engine/pictures/picture.ts';
import { encodePng, readPicture } from '../../src/engine/pictures/png.ts';
import { listDatasets, openDataset } from '../../src/engine/data/store.ts';
import { readNpy } from '../../src/engine/files/npy.ts';
import { readSafetensors, writeSafetensors, type AnyTensor } from '../../src/engine/files/safetensors.ts';
import { openWorkspace } from '../../src/engine/basics/workspace.ts';
import { decodeGif } from '../fixtures/decode-gif.ts';
import { writePyTorchModel } from '../fixtures/pytorch-model.ts';
import { jsonLines, lastLine, replacingOfFiles, runHere, startCli, type Outcome } from './run-cli.ts';

const celeba = '../shared/data/celeba';
const pretrained = '../shared/data/pretrained/VAE_celeba';

let folder: string;
let workspace: string;

/** The id of the data set of a name. */
async function idOf(name: string): Promise<string> {
  return (await listDatasets(openWorkspace(workspace))).find((dataset) => dataset.name === name)!.id;
}

/** A command in the shared workspace; its output is JSON. */
async function run(...argv: string[]): Promise<Outcome> {
  return runHere(...argv, '--workspace', workspace, '--json');
}

async function sentences(...argv: string[]): Promise<Outcome> {
  return runHere(...argv, '--workspace', workspace);
}

function inFolder(name: string): string {
  return join(folder, name);
}

/** Trains for seconds. Its sums are those of any other training. */
const quick = ['--architecture', 'burgess', '--latent', '4', '--batch', '32'];

let drawn: Outcome;
let trained: Outcome;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unravel-cli-'));
  workspace = join(folder, 'workspace');
  drawn = await run('sample-data', 'faces', '--count', '64');
  trained = await run('train', 'faces', '--model', 'vae', ...quick, '--epochs', '1', '--name', 'tiny');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('data', () => {
  it('draws faces and reports the fields that a script needs', () => {
    expect(drawn.code).toBe(0);
    expect(lastLine(drawn)).toMatchObject({ event: 'done', images: 64, channels: 3, skipped: 0, seed: 1 });
    expect(lastLine(drawn)['dataset']).toMatch(/^faces-/);
  });

  it('imports a folder, skipping what cannot be read with the reason', async () => {
    const source = inFolder('photos');
    await mkdir(source);
    const dataset = await openDataset(openWorkspace(workspace), await idOf('faces'));
    const pictures = picturesFromBatch([3, 64, 64, 3], await dataset.readImages([0, 1, 2]));
    await dataset.close();
    for (const [i, picture] of pictures.entries()) {
      await writeFile(join(source, `${i}.png`), await encodePng(picture));
    }
    await writeFile(join(source, 'broken.jpg'), 'not a picture');
    const outcome = await run('import', source, '--name', 'mine');
    expect(lastLine(outcome)).toMatchObject({
      event: 'done',
      name: 'mine',
      images: 3,
      skipped: 1,
      duplicates: 0,
    });
    expect(jsonLines(outcome).find(({ event }) => event === 'skipped')).toMatchObject({ file: 'broken.jpg' });
    const { stdout } = await sentences('import', source, '--name', 'again');
    expect(stdout).toMatch(/^Imported 3 images as again-\w+ \(1 skipped\)\.\n/);
    expect(stdout).toMatch(/\n {2}broken\.jpg: .+\n$/);
  });

  it('lists, shows and removes data sets', async () => {
    await run('sample-data', 'sprites', '--count', '10', '--name', 'few');
    const list = await sentences('data');
    expect(list.stdout).toMatch(/^Data set +Name +Images +Labels +Made\n/);
    expect(list.stdout).toMatch(/few-\w+ +few +10 +grey/);
    expect((await sentences('data', 'show', 'few')).stdout).toMatch(
      /shape +categorical factor: square, ellipse or heart/,
    );
    expect(lastLine(await run('data', 'remove', 'few'))).toMatchObject({ event: 'done', images: 10 });
    const gone = await run('data', 'show', 'few');
    expect(gone.code).toBe(1);
    expect(lastLine(gone)).toMatchObject({ event: 'failed', code: 'not-found' });
  });

  it('imports nothing when it is stopped', async (context) => {
    if (!existsSync(celeba)) context.skip('shared/data/celeba is not here');
    const place = inFolder('stopped');
    // Ctrl-C comes as soon as there is something to leave behind, in the process itself: no import is too quick for it.
    const before = replacingOfFiles(
      'mkdir',
      `async (path, ...rest) => {
        const made = await original(path, ...rest);
        if (String(path).endsWith('.part')) process.kill(process.pid, 'SIGINT');
        return made;
      }`,
    );
    const outcome = await startCli(['import', celeba, '--workspace', place, '--json'], { before }).ended;
    expect(outcome.code).toBe(130);
    expect(lastLine(outcome)).toMatchObject({ event: 'failed', code: 'cancelled' });
    expect(await readdir(join(place, 'datasets'))).toEqual([]);
  });
});

describe('training', () => {
  it('reports every step and epoch and ends with the run and its held-out numbers', () => {
    expect(trained.code).toBe(0);
    const lines = jsonLines(trained);
    expect(lines.map(({ event }) => event)).toEqual(
      expect.arrayContaining(['started', 'step', 'epoch', 'checkpoint']),
    );
    expect(lines.filter(({ event }) => event === 'done' || event === 'failed')).toHaveLength(1);
    expect(lines.at(-1)).toMatchObject({ event: 'done', name: 'tiny', epochs: 1, heldOut: { images: 3 } });
    const { reconstruction, kl } = lines.at(-1)!['heldOut'] as Record<string, number>;
    expect(reconstruction).toBeGreaterThan(0);
    expect(kl).toBeGreaterThanOrEqual(0);
  });

  it('lists and shows its run', async () => {
    expect((await sentences('runs')).stdout).toMatch(
      /tiny-\w+ +tiny +VAE +faces +done, learned nothing +1\/1/,
    );
    expect((await sentences('runs', 'show', 'tiny')).stdout).toMatch(
      /Settings +burgess architecture, 4 dimensions, 1 epoch,/,
    );
  });

  it('suggests similar names', async () => {
    expect(await sentences('traverse', 'tinny', '--out', 'x.gif')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'There is no run tinny.\nDid you mean tiny?\n',
    });
  });

  it('is stopped by Ctrl-C so that it can be resumed, and removed when it is done', async () => {
    const argv = ['train', 'faces', '--model', 'ae', ...quick, '--epochs', '6', '--name', 'stopped'];
    let asked = false;
    const { ended } = startCli([...argv, '--workspace', workspace, '--json'], {
      onOutput(stdout, child) {
        if (asked || !stdout.includes('"event":"epoch"')) return;
        asked = true;
        child.kill('SIGINT');
      },
    });
    const outcome = await ended;
    expect(outcome.code).toBe(130);
    const last = lastLine(outcome);
    expect(last).toMatchObject({ event: 'failed', code: 'cancelled', resumable: true });
    expect(last['message']).toMatch(/^Interrupted after step \d+ \(\d+ epochs? of 6 complete\)/);
    expect(last['hint']).toBe(`Resume it with: unravel resume ${String(last['run'])}`);
    expect(outcome.stderr).not.toMatch(/^\s+at /m);

    const resumed = await run('resume', String(last['run']));
    expect(resumed.code).toBe(0);
    expect(lastLine(resumed)).toMatchObject({ event: 'done', run: last['run'], epochs: 6 });
    const steps = [outcome, resumed].flatMap((part) =>
      jsonLines(part).flatMap(({ event, step }) => (event === 'step' ? [step] : [])),
    );
    expect(steps).toEqual(steps.map((_, i) => i + 1));

    expect(lastLine(await run('resume', 'stopped'))).toMatchObject({ event: 'failed', code: 'conflict' });
    expect((await run('runs', 'remove', 'stopped')).code).toBe(0);
    expect(lastLine(await run('runs', 'show', String(last['run'])))).toMatchObject({ code: 'not-found' });
  });
});

describe('codes', () => {
  it('are the same numbers in every format, and decode to the same images', async () => {
    for (const extension of ['csv', 'npy', 'safetensors']) {
      const out = inFolder(`codes.${extension}`);
      const outcome = await run('encode', 'tiny', '--images', 'faces', '--out', out);
      expect(lastLine(outcome)).toMatchObject({ event: 'done', out, images: 64, latentDim: 4 });
      const decoded = inFolder(`${extension}.safetensors`);
      expect(lastLine(await run('decode', 'tiny', '--codes', out, '--out', decoded))).toMatchObject({
        images: 64,
      });
    }
    const { tensors } = await readSafetensors(inFolder('codes.safetensors'));
    expect(await readNpy(inFolder('codes.npy'))).toEqual(tensors.get('mu'));
    expect(await readNpy(inFolder('codes.log_var.npy'))).toEqual(tensors.get('log_var'));
    const decoded = await readFile(inFolder('csv.safetensors'));
    // Compared by themselves: a difference of megabytes is nothing to print.
    expect(decoded.equals(await readFile(inFolder('npy.safetensors')))).toBe(true);
    expect(decoded.equals(await readFile(inFolder('safetensors.safetensors')))).toBe(true);
  });

  it('of a folder are those of the same images in a data set', async () => {
    const out = inFolder('photos.safetensors');
    const outcome = await run('encode', 'tiny', '--images', inFolder('photos'), '--out', out);
    expect(lastLine(outcome)).toMatchObject({ images: 3, skipped: 1 });
    const ofFolder = (await readSafetensors(out)).tensors.get('mu');
    await run('encode', 'tiny', '--images', 'mine', '--out', inFolder('mine.safetensors'));
    expect(ofFolder).toEqual((await readSafetensors(inFolder('mine.safetensors'))).tensors.get('mu'));
  });

  it('decode into a folder of PNGs named like their images', async () => {
    await run('encode', 'tiny', '--images', inFolder('photos'), '--out', inFolder('three.csv'));
    await run('decode', 'tiny', '--codes', inFolder('three.csv'), '--out', inFolder('decoded'));
    expect((await readdir(inFolder('decoded'))).sort()).toEqual(['0.png', '1.png', '2.png']);
    const again = await run('decode', 'tiny', '--codes', inFolder('three.csv'), '--out', inFolder('decoded'));
    expect(lastLine(again)).toMatchObject({ event: 'failed', code: 'conflict' });
  });

  /** Encodes a file's images and decodes its codes with a model trained elsewhere. */
  async function useModel(source: string, latentDim: number, given: string): Promise<Map<string, AnyTensor>> {
    const name = basename(given, '.safetensors');
    expect(lastLine(await run('import-model', source, '--name', name))).toMatchObject({ latentDim });
    await run('encode', name, '--images', given, '--out', inFolder('golden.safetensors'));
    await run('decode', name, '--codes', given, '--out', inFolder('golden-images.safetensors'));
    const codes = (await readSafetensors(inFolder('golden.safetensors'))).tensors;
    const images = (await readSafetensors(inFolder('golden-images.safetensors'))).tensors;
    return new Map([...codes, ...images]);
  }

  function expectNear(name: string, got: AnyTensor['data'], expected: AnyTensor['data']): void {
    expect(got.length, name).toBe(expected.length);
    const differences = Float64Array.from(got, (value, i) => Math.abs(value - expected[i]!));
    const furthest = differences.reduce((most, difference) => Math.max(most, difference), 0);
    expect(furthest, name).toBeLessThan(1e-4);
  }

  it('of a small model trained elsewhere are those that PyTorch computed', async () => {
    const source = inFolder('small-model');
    const { file, images, count, pixelStep } = await writePyTorchModel(source, 'burgess-32-1');
    const given = inFolder('small.safetensors');
    const shape = [count, 32, 32, 1];
    const z = file.tensors.get('z')!;
    await writeSafetensors(
      given,
      new Map<string, AnyTensor>([
        ['images', { shape, data: images }],
        ['z', z],
      ]),
    );
    const computed = await useModel(source, 4, given);
    expect([...computed.keys()].sort()).toEqual(['decoded', 'log_var', 'mu']);
    for (const name of ['mu', 'log_var']) {
      expect(computed.get(name)!.shape).toEqual([count, 4]);
      expectNear(name, computed.get(name)!.data, file.tensors.get(name)!.data);
    }
    const decoded = computed.get('decoded')!;
    expect(decoded.shape).toEqual(shape);
    const chosen = decoded.data.filter((_, i) => (i % (32 * 32)) % pixelStep === 0);
    expectNear('decoded', chosen, file.tensors.get('decoded')!.data);
  });

  it('of a large model trained elsewhere are those that PyTorch computed', async (context) => {
    if (!existsSync(pretrained)) context.skip('shared/data/pretrained is not here');
    const golden = join(pretrained, 'golden.safetensors');
    const expected = (await readSafetensors(golden)).tensors;
    const computed = await useModel(pretrained, 10, golden);
    expect([...computed.keys()].sort()).toEqual(['decoded', 'log_var', 'mu']);
    for (const [name, got] of computed) {
      const { shape, data } = expected.get(name)!;
      expect(got.shape).toEqual(shape);
      expectNear(name, got.data, data);
    }
  });
});

describe('figures', () => {
  it('traverse as a GIF with the frames and the delay asked for', async () => {
    const out = inFolder('made/on/the/way.gif');
    const options = [
      '--dims',
      '2,0',
      '--frames',
      '12',
      '--fps',
      '25',
      '--ping-pong',
      '--size',
      '64',
      '--labels',
    ];
    const outcome = await run('traverse', 'tiny', ...options, '--out', out);
    expect(lastLine(outcome)).toMatchObject({
      event: 'done',
      out,
      dimensions: [2, 0],
      frames: 12,
      start: 'index',
    });
    const { frames, loops } = decodeGif(await readFile(out));
    expect(frames.map(({ delayCs }) => delayCs)).toEqual(Array<number>(12).fill(4));
    expect(loops).toBe(0);
  });

  it('traverse the dimensions that carry most, by the held-out KL', async () => {
    const { klPerDimension } = lastLine(trained)['heldOut'] as { klPerDimension: number[] };
    const ranked = klPerDimension.map((nats, i) => ({ nats, i })).sort((a, b) => b.nats - a.nats);
    const out = inFolder('strip.png');
    const outcome = await run(
      'traverse',
      'tiny',
      '--top',
      '3',
      '--prior',
      '--frames',
      '5',
      '--size',
      '32',
      '--out',
      out,
    );
    expect(lastLine(outcome)['dimensions']).toEqual(ranked.slice(0, 3).map(({ i }) => i));
    // Five columns and three rows of 32 pixels, 4 between and around them.
    expect(await readPicture(out)).toMatchObject({ width: 5 * 36 + 4, height: 3 * 36 + 4 });
  });

  it('start from a picture file', async () => {
    const picture = join(inFolder('photos'), '0.png');
    const out = inFolder('own.png');
    const outcome = await run(
      'traverse',
      'tiny',
      '--image',
      picture,
      '--frames',
      '3',
      '--size',
      '64',
      '--out',
      out,
    );
    expect(lastLine(outcome)).toMatchObject({ event: 'done', start: 'image', image: picture });
    expect(
      lastLine(await run('traverse', 'tiny', '--image', inFolder('photos/broken.jpg'), '--out', out)),
    ).toMatchObject({
      event: 'failed',
      code: 'bad-input',
    });
  });

  it.each([
    [['--dims', '0,9'], '--dims names 9, but there are only 4 latent dimensions.'],
    [['--index', '64'], '--index names 64, but there are only 64 images in faces.'],
  ])('refuse %o, which does not exist, as wrong usage', async (options, message) => {
    const outcome = await run('traverse', 'tiny', ...options, '--out', inFolder('x.gif'));
    expect(outcome.code).toBe(2);
    expect(lastLine(outcome)).toMatchObject({ event: 'failed', code: 'usage', message });
    expect(existsSync(inFolder('x.gif'))).toBe(false);
  });

  it('sample the same images for the same seed', async () => {
    const draw = async (seed: string, name: string) => {
      const options = ['--count', '9', '--seed', seed, '--size', '64'];
      await run('sample', 'tiny', ...options, '--out', inFolder(name));
      return readFile(inFolder(name));
    };
    const first = await draw('7', 'a.png');
    expect(await readPicture(inFolder('a.png'))).toMatchObject({ width: 3 * 68 + 4, height: 3 * 68 + 4 });
    expect(first.equals(await draw('7', 'b.png'))).toBe(true);
    expect(first.equals(await draw('8', 'c.png'))).toBe(false);
  });

  it('show originals above their reconstructions', async () => {
    const out = inFolder('pairs.png');
    const outcome = await run('reconstruct', 'tiny', '--index', '5,0', '--size', '64', '--out', out);
    expect(lastLine(outcome)).toMatchObject({ event: 'done', images: 2 });
    const sheet = await readPicture(out);
    expect(sheet).toMatchObject({ width: 2 * 68 + 4, height: 2 * 64 + 8 });
    const dataset = await openDataset(openWorkspace(workspace), await idOf('faces'));
    const original = await dataset.readImages([5]);
    await dataset.close();
    const row = (y: number) =>
      sheet.data.subarray(((y + 4) * sheet.width + 4) * 3, ((y + 4) * sheet.width + 68) * 3);
    expect([...row(20)]).toEqual([...original.subarray(20 * 192, 21 * 192)]);
    const held = await run('reconstruct', 'tiny', '--out', out);
    expect(lastLine(held)).toMatchObject({ images: 3 });
  });

  it('interpolate from one image to another', async () => {
    const out = inFolder('between.gif');
    const outcome = await run(
      'interpolate',
      'tiny',
      '--from',
      '1',
      '--to',
      '5',
      '--frames',
      '6',
      '--fps',
      '10',
      '--out',
      out,
    );
    expect(lastLine(outcome)).toMatchObject({
      event: 'done',
      frames: 6,
      from: { index: 1 },
      to: { index: 5 },
    });
    expect(decodeGif(await readFile(out)).frames.map(({ delayCs }) => delayCs)).toEqual(
      Array<number>(6).fill(10),
    );
    const wrong = await run('interpolate', 'tiny', '--from', '1', '--to', '64', '--out', out);
    expect(lastLine(wrong)).toMatchObject({
      code: 'usage',
      message: expect.stringContaining('--to names 64') as string,
    });
  });
});

describe('doctor', () => {
  it('finds TensorFlow and the workspace', async () => {
    const outcome = await run('doctor');
    expect(lastLine(outcome)).toMatchObject({
      event: 'done',
      ready: true,
      tensorflow: { found: true },
      workspace: { path: workspace, exists: true, writable: true },
    });
    expect((await sentences('doctor')).stdout).toMatch(
      /TensorFlow +\d+\.\d+\.\d+ on the [CG]PU[\s\S]*Ready to train\.\n$/,
    );
  });
});
