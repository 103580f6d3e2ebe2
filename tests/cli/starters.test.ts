import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { STARTERS } from '../fixtures/starters.ts';
import { lastLine, runHere } from './run-cli.ts';

it('unravel starters puts the models of the first launch into a workspace, once', async () => {
  const workspace = await mkdtemp(join(tmpdir(), 'unravel-starters-'));
  try {
    const done = lastLine(await runHere('starters', '--json', '--workspace', workspace));
    const ids = STARTERS.map(({ id }) => id);
    expect(done).toMatchObject({ event: 'done', runs: ids, placed: ids });
    expect((await readdir(join(workspace, 'runs'))).sort()).toEqual(ids.toSorted());
    const again = await runHere('starters', '--workspace', workspace);
    expect(again.stdout).toContain('which was there already');
    expect(again.stdout).toContain(
      `Put 0 runs beside the data set Sample faces; ${ids.length} of ${ids.length}`,
    );
  } finally {
    await rm(workspace, { recursive: true });
  }
});
