import { beforeEach, describe, expect, it } from 'vitest';
import { createClient, type Client } from '../../../src/contract/client.ts';
import { portPair } from '../../../src/contract/port.ts';
import { serve } from '../../../src/contract/serve.ts';
import {
  BATCH_BYTES,
  filesOfEntries,
  filesOfInput,
  upload,
  type GivenFiles,
} from '../../../src/renderer/state/upload.ts';
import { fakeEntry, fakeFile, type Tree } from './fake-entries.ts';

const SOURCE = { source: 'source-0123456789abcdef', name: 'faces' };

interface Added {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly offset?: number | undefined;
}

/** A host that keeps what it is sent. */
function keepingHost(onAdd: (batch: readonly Added[]) => void = () => undefined) {
  const batches: (readonly Added[])[] = [];
  const discarded: string[] = [];
  const [ours, theirs] = portPair();
  serve(theirs, {
    'sources.upload': () => SOURCE,
    'sources.add': ({ files }: { files: readonly Added[] }) => {
      batches.push(files);
      onAdd(files);
      return {};
    },
    'sources.discard': ({ source }: { source: string }) => {
      discarded.push(source);
      return {};
    },
  });
  return { client: createClient(ours), batches, discarded };
}

const never = new AbortController().signal;
const options = { signal: never, onProgress: () => undefined };

async function given(name: string, tree: Tree): Promise<GivenFiles> {
  return filesOfEntries([fakeEntry(name, tree)], never);
}

describe('filesOfEntries', () => {
  it('walks folders in their order, with paths inside the one that was dropped', async () => {
    const { name, files } = await given('celeba', {
      'list_attr_celeba.txt': 10,
      img_align_celeba: { '000002.jpg': 1, '000001.jpg': 1, deeper: { 'a.png': 1 } },
      'z.jpg': 1,
    });
    expect(name).toBe('celeba');
    expect(files.map(({ path }) => path)).toEqual([
      'list_attr_celeba.txt',
      'img_align_celeba/000002.jpg',
      'img_align_celeba/000001.jpg',
      'img_align_celeba/deeper/a.png',
      'z.jpg',
    ]);
  });

  it('reads a folder of 8,000 files to its end', async () => {
    const tree = Object.fromEntries(Array.from({ length: 8000 }, (_, i) => [`${i}.jpg`, 1]));
    const { files } = await given('many', tree);
    expect(files).toHaveLength(8000);
    expect(files.at(-1)!.path).toBe('7999.jpg');
  });

  it('leaves what is hidden and what no import reads where it is', async () => {
    const { files } = await given('mixed', {
      '.DS_Store': 1,
      __MACOSX: { 'a.jpg': 1 },
      'holiday.mp4': 1,
      'a.jpg': 1,
      'labels.csv': 1,
    });
    expect(files.map(({ path }) => path)).toEqual(['a.jpg', 'labels.csv']);
  });

  it('takes the folder of a model, and of it nothing else', async () => {
    const paths = async (tree: Tree): Promise<string[]> =>
      (await given('model', tree)).files.map(({ path }) => path);
    expect(
      await paths({ 'specs.json': 1, 'model.safetensors': 1, 'golden.safetensors': 1, 'a.png': 1 }),
    ).toEqual(['specs.json', 'model.safetensors']);
    // A description alone, or a model deeper inside, is none.
    expect(
      await paths({ 'run.json': 1, 'a.png': 1, m: { 'specs.json': 1, 'model.safetensors': 1 } }),
    ).toEqual(['a.png']);
  });

  it('keeps the names of several folders, and calls a single zip by its own', async () => {
    const several = await filesOfEntries(
      [fakeEntry('cats', { 'a.jpg': 1 }), fakeEntry('dogs', { 'a.jpg': 1 })],
      never,
    );
    expect(several.name).toBe('images');
    expect(several.files.map(({ path }) => path)).toEqual(['cats/a.jpg', 'dogs/a.jpg']);
    expect((await filesOfEntries([fakeEntry('faces.zip', 5)], never)).name).toBe('faces');
  });

  it('stops walking when it is told to', async () => {
    const controller = new AbortController();
    controller.abort();
    await expect(
      filesOfEntries([fakeEntry('faces', { 'a.jpg': 1 })], controller.signal),
    ).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('filesOfInput', () => {
  it('takes a chosen folder apart as a dropped one', () => {
    const file = fakeFile('a.jpg', 1);
    Object.defineProperty(file, 'webkitRelativePath', { value: 'faces/smiling/a.jpg' });
    const { name, files } = filesOfInput([file]);
    expect(name).toBe('faces');
    expect(files.map(({ path }) => path)).toEqual(['smiling/a.jpg']);
  });

  it('takes loose files by their names', () => {
    const files = ['b.png', 'a.png'].map((name) => {
      const file = fakeFile(name, 1);
      Object.defineProperty(file, 'webkitRelativePath', { value: '' });
      return file;
    });
    expect(filesOfInput(files)).toMatchObject({
      name: 'images',
      files: [{ path: 'b.png' }, { path: 'a.png' }],
    });
  });
});

describe('upload', () => {
  let client: Client;
  let batches: (readonly Added[])[];
  let discarded: string[];
  beforeEach(() => {
    ({ client, batches, discarded } = keepingHost());
  });

  it('sends everything in its order, about a megabyte at a time', async () => {
    const tree = Object.fromEntries(Array.from({ length: 90 }, (_, i) => [`${i}.jpg`, 40_000]));
    const source = await upload(client, await given('faces', tree), options);
    expect(source).toEqual(SOURCE);
    expect(batches.flat().map(({ path }) => path)).toEqual(Object.keys(tree));
    expect(batches.length).toBeGreaterThan(2);
    for (const batch of batches) {
      const size = batch.reduce((sum, { bytes }) => sum + bytes.length, 0);
      expect(size).toBeLessThanOrEqual(BATCH_BYTES);
    }
    // But for the last they are full: another file would not have fitted.
    for (const batch of batches.slice(0, -1)) expect(batch).toHaveLength(25);
  });

  it('keeps to the number of files that one message may have', async () => {
    const tree = Object.fromEntries(Array.from({ length: 1300 }, (_, i) => [`${i}.png`, 3]));
    await upload(client, await given('tiny', tree), options);
    expect(batches.map(({ length }) => length)).toEqual([512, 512, 276]);
  });

  it('sends a large file in pieces that make it whole again', async () => {
    const size = 2 * BATCH_BYTES + 123;
    await upload(client, await given('large', { 'all.zip': size, 'b.jpg': 5 }), options);
    const pieces = batches.flat().filter(({ path }) => path === 'all.zip');
    expect(pieces.map(({ offset }) => offset)).toEqual([0, BATCH_BYTES, 2 * BATCH_BYTES]);
    const whole = new Uint8Array(size);
    for (const { bytes, offset = 0 } of pieces) whole.set(bytes, offset);
    const original = new Uint8Array(await fakeFile('all.zip', size).arrayBuffer());
    expect(whole.every((byte, i) => byte === original[i])).toBe(true);
    expect(batches.flat().at(-1)!.path).toBe('b.jpg');
  });

  it('sends an empty file too, so that it can be named as unreadable', async () => {
    await upload(client, await given('faces', { 'empty.jpg': 0 }), options);
    expect(batches.flat()).toEqual([{ path: 'empty.jpg', bytes: new Uint8Array(0), offset: 0 }]);
  });

  it('tells how many files have arrived, up to all', async () => {
    const heard: number[] = [];
    const tree = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`${i}.jpg`, 40_000]));
    await upload(client, await given('faces', tree), {
      signal: never,
      onProgress: ({ done, total }) => {
        expect(total).toBe(60);
        heard.push(done);
      },
    });
    expect(heard).toEqual([0, 25, 50, 60]);
    expect(discarded).toEqual([]);
  });

  it('stops between two batches when it is cancelled', async () => {
    const controller = new AbortController();
    const host = keepingHost(() => controller.abort());
    const tree = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`${i}.jpg`, 40_000]));
    await expect(
      upload(host.client, await given('faces', tree), { ...options, signal: controller.signal }),
    ).rejects.toMatchObject({ code: 'cancelled' });
    expect(host.batches.length).toBeLessThan(4);
    expect(host.discarded).toEqual([SOURCE.source]);
  });

  it('says so where there is nothing to send', async () => {
    await expect(upload(client, await given('notes', { 'a.md': 1 }), options)).rejects.toMatchObject({
      code: 'bad-input',
      message: 'There are no images, no model and no codes in notes.',
    });
    expect(batches).toHaveLength(0);
  });

  it('names the file that the browser cannot open', async () => {
    const files = [{ path: 'gone.jpg', open: () => Promise.reject(new Error('NotFoundError')) }];
    await expect(upload(client, { name: 'faces', files }, options)).rejects.toMatchObject({
      message: 'The browser could not read gone.jpg.',
    });
  });

  it('fails as the host fails', async () => {
    const host = keepingHost(() => {
      throw new Error('the disk is full');
    });
    await expect(upload(host.client, await given('faces', { 'a.jpg': 5 }), options)).rejects.toThrow(
      /the disk is full/,
    );
    expect(host.discarded).toEqual([SOURCE.source]);
  });
});
