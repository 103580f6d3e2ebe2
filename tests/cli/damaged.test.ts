import { mkdir, mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aDataset, aRun } from '../fixtures/infos.ts';
import { jsonLines, lastLine, runHere, type Outcome } from './run-cli.ts';

let workspace: string;
beforeEach(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'unravel-cli-damaged-'));
});
afterEach(() => rm(workspace, { recursive: true, force: true }));

/** The two kinds of things that a workspace keeps. */
const kinds = [
  {
    command: 'data',
    noun: 'data set',
    key: 'dataset',
    folder: 'datasets',
    file: 'dataset.json',
    info: aDataset,
  },
  { command: 'runs', noun: 'run', key: 'run', folder: 'runs', file: 'run.json', info: aRun },
] as const;

describe.each(kinds)('unravel $command', ({ command, noun, key, folder, file, info }) => {
  const parent = (): string => join(workspace, folder);
  const run = (...argv: string[]): Promise<Outcome> => runHere(command, ...argv, '--workspace', workspace);

  async function place(id: string, name = id): Promise<string> {
    await mkdir(join(parent(), id), { recursive: true });
    const path = join(parent(), id, file);
    await writeFile(path, JSON.stringify(info({ id, name })));
    return path;
  }

  it('lists damaged ones, with the file and how to remove it', async () => {
    await place('whole');
    await truncate(await place('mine'), 30);
    const { code, stdout } = await run();
    expect(code).toBe(0);
    expect(stdout).toMatch(/^whole /m);
    expect(stdout).toContain(
      `Could not read ${join(parent(), 'mine', file)}: it is not JSON, or was cut off.`,
    );
    expect(stdout).toContain(`unravel ${command} remove mine`);
    const lines = jsonLines(await run('list', '--json'));
    expect(lines.find(({ event }) => event === 'damaged')).toMatchObject({ [key]: 'mine' });
    expect(lines.at(-1)).toMatchObject({ event: 'done', damaged: 1 });
  });

  it('lists damaged ones where there are no others, and does not say that there are none', async () => {
    await truncate(await place('mine'), 30);
    const { stdout } = await run();
    expect(stdout).toContain('mine');
    expect(stdout).not.toContain('There are no');
  });

  it('shows and removes the damaged one that is named, and never another', async () => {
    await place('mine-1234');
    await truncate(await place('mine'), 30);
    const shown = await run('show', 'mine', '--json');
    expect(shown.code).toBe(1);
    expect(lastLine(shown)).toMatchObject({
      event: 'failed',
      code: 'bad-input',
      path: join(parent(), 'mine', file),
    });
    const removed = await run('remove', 'mine');
    expect(removed.stdout).toContain('Removed mine (it was damaged).');
    expect(await readdir(parent())).toEqual(['mine-1234']);
  });

  it('removes by a unique whole name, and prints the id', async () => {
    await place('mine-1234', 'Mine');
    await place('other-1234', 'Other');
    expect((await run('remove', 'Mine')).stdout).toContain('Removed mine-1234 (Mine');
    expect(await readdir(parent())).toEqual(['other-1234']);
  });

  it('never removes by the beginning of an id, nor by an ambiguous name', async () => {
    await place('mine-1234', 'same');
    await place('mine-5678', 'same');
    await place('other-1234', 'Other');
    const begun = await run('remove', 'other', '--json');
    expect(begun.code).toBe(1);
    expect(lastLine(begun)).toMatchObject({
      code: 'not-found',
      message: `There is no ${noun} with the id or name other.`,
      hint: 'Use a whole id: other-1234.',
    });
    const several = await run('remove', 'same', '--json');
    expect(lastLine(several)).toMatchObject({ code: 'bad-input', hint: 'Use an id: mine-1234, mine-5678.' });
    expect(await readdir(parent())).toHaveLength(3);
  });

  it('shows by a unique beginning of an id, where damaged ones count, too', async () => {
    await place('mine-1234');
    await truncate(await place('mine-5678'), 30);
    const outcome = await run('show', 'mine', '--json');
    expect(lastLine(outcome)).toMatchObject({ code: 'bad-input', hint: 'Use an id: mine-1234, mine-5678.' });
  });
});
