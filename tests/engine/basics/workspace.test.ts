import { lstatSync, mkdirSync, readdirSync, renameSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSprites } from '../../../src/engine/data/sample.ts';
import { listDatasets, removeDataset } from '../../../src/engine/data/store.ts';
import { writeImages } from '../../../src/engine/pictures/images.ts';
import { removeRun, saveRunInfo } from '../../../src/engine/runs/store.ts';
import { tidyWorkspace } from '../../../src/engine/basics/workspace.ts';
import { aRun } from '../../host/samples.ts';
import { makeScratch, type Scratch } from '../data/workspace.ts';
import { lockFile } from '../../../src/system/lock.ts';
import { stagingLock } from '../../../src/system/remove.ts';

/** No process has this number: Linux counts to 4,194,304 at most. */
const DEAD = '99999999';

let scratch: Scratch;
/** Outside the workspace. */
let elsewhere: string;
let umask: number;
beforeEach(async () => {
  scratch = await makeScratch();
  elsewhere = scratch.folder;
  mkdirSync(elsewhere);
  umask = process.umask(0o022);
});
afterEach(async () => {
  process.umask(umask);
  await scratch.remove();
});

async function makeBoth(): Promise<{ dataset: string; run: string }> {
  const { id } = await createSprites(scratch.workspace, { count: 3, seed: 1 });
  await saveRunInfo(scratch.workspace, aRun('vae-1'));
  return { dataset: id, run: 'vae-1' };
}

/** Moves a folder out of the workspace, and leaves a link to it. */
function moveOut(path: string): string {
  const moved = join(elsewhere, 'moved');
  renameSync(path, moved);
  symlinkSync(moved, path);
  return moved;
}

describe('removing', () => {
  it('a data set whose folder is a link removes the link alone', async () => {
    const { dataset } = await makeBoth();
    const moved = moveOut(join(scratch.workspace.datasets, dataset));
    await removeDataset(scratch.workspace, dataset);
    expect(readdirSync(scratch.workspace.datasets)).toEqual([]);
    expect(readdirSync(moved)).toEqual(['dataset.json']);
  });

  it('a run whose folder is a link removes the link alone', async () => {
    const { run } = await makeBoth();
    const moved = moveOut(join(scratch.workspace.runs, run));
    await removeRun(scratch.workspace, run);
    expect(readdirSync(scratch.workspace.runs)).toEqual([]);
    expect(readdirSync(moved)).toEqual(['run.json']);
  });

  it('is refused where the folder of data sets or of runs is a link', async () => {
    const { dataset, run } = await makeBoth();
    const { datasets, runs } = scratch.workspace;
    for (const [store, id, remove] of [
      [datasets, dataset, removeDataset],
      [runs, run, removeRun],
    ] as const) {
      const moved = join(elsewhere, id);
      renameSync(store, moved);
      symlinkSync(moved, store);
      await expect(remove(scratch.workspace, id)).rejects.toMatchObject({
        code: 'conflict',
        message: expect.stringContaining('it is a link') as string,
      });
      expect(readdirSync(moved)).toEqual([id]);
      expect(readdirSync(join(moved, id))).toHaveLength(1);
    }
    expect(await listDatasets(scratch.workspace)).toHaveLength(1);
  });
});

describe('tidying a workspace', () => {
  it('removes what killed processes were writing, and nothing else', async () => {
    const { datasets, runs } = scratch.workspace;
    for (const store of [datasets, runs]) {
      for (const name of [
        `.faces.${DEAD}.0123abcd.part`,
        `.faces.${DEAD}.part`,
        `faces.${DEAD}.0123abcd.part`,
        '.git',
      ]) {
        mkdirSync(join(store, name), { recursive: true });
        writeFileSync(join(store, name, 'images.u8'), 'x');
      }
      symlinkSync(elsewhere, join(store, `.link.${DEAD}.0123abcd.part`));
      // Left by a process whose number another one has now; and filled, by one whose number is known elsewhere alone.
      mkdirSync(join(store, `.faces.${process.ppid}.00000000.part`));
      writeFileSync(join(store, `.faces.${process.ppid}.00000000.part.lock`), '');
      mkdirSync(join(store, `.faces.${DEAD}.ffffffff.part`));
      writeFileSync(join(store, `.faces.${DEAD}.11111111.part.lock`), '');
    }
    const filled = [datasets, runs].map((store) => stagingLock(join(store, `.faces.${DEAD}.ffffffff.part`)));
    const locks = await Promise.all(filled.map((path) => lockFile(path)));
    writeFileSync(join(elsewhere, 'letter.txt'), 'dear');
    await tidyWorkspace(scratch.workspace);
    for (const store of [datasets, runs]) {
      expect(readdirSync(store).sort()).toEqual(
        [
          '.git',
          `.faces.${DEAD}.ffffffff.part`,
          `.faces.${DEAD}.ffffffff.part.lock`,
          `.faces.${DEAD}.part`,
          `.link.${DEAD}.0123abcd.part`,
          `faces.${DEAD}.0123abcd.part`,
        ].sort(),
      );
    }
    expect(readdirSync(elsewhere)).toEqual(['letter.txt']);
    for (const lock of locks) lock!.release();
  });

  it('removes nothing where the folder of data sets is a link', async () => {
    const left = `.faces.${DEAD}.0123abcd.part`;
    mkdirSync(join(elsewhere, left));
    mkdirSync(scratch.workspace.root);
    symlinkSync(elsewhere, scratch.workspace.datasets);
    await tidyWorkspace(scratch.workspace);
    expect(readdirSync(elsewhere)).toEqual([left]);
    expect(lstatSync(scratch.workspace.datasets).isSymbolicLink()).toBe(true);
  });
});

describe.skipIf(process.platform === 'win32')('with an umask that lets everybody in', () => {
  const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);
  beforeEach(() => void process.umask(0));

  it('what is stored in a workspace is its owner’s only', async () => {
    const { root, datasets, runs } = scratch.workspace;
    const { dataset, run } = await makeBoth();
    for (const path of [root, datasets, join(datasets, dataset), runs, join(runs, run)]) {
      expect([path, modeOf(path)]).toEqual([path, '700']);
    }
    expect(modeOf(join(runs, run, 'run.json'))).toBe('600');
  });

  it('what a person exports to a place of their own is as open as the umask says', async () => {
    const images = { shape: [2, 2, 2, 1], data: new Float32Array(8) };
    await writeImages(join(elsewhere, 'pictures'), images);
    expect(modeOf(join(elsewhere, 'pictures'))).toBe('777');
    expect(modeOf(join(elsewhere, 'pictures', '0.png'))).toBe('666');
    await writeImages(join(elsewhere, 'decoded.safetensors'), images);
    expect(modeOf(join(elsewhere, 'decoded.safetensors'))).toBe('666');
  });
});
