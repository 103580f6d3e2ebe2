import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodePng } from '../../src/engine/pictures/png.ts';
import { runHere, type Outcome } from './run-cli.ts';

/** Clears a terminal, forges a line, and reads as `exe.png`. */
const EVIL = 'a\u001b[2J\u009b1m\nDone.\u202egnp.exe';
const SHOWN = 'a\\u001b[2J\\u009b1m\\nDone.\\u202egnp.exe';

let folder: string;
let workspace: string;

const run = (...argv: string[]): Promise<Outcome> => runHere(...argv, '--workspace', workspace);

/** All that was written, which must not do anything to a terminal. */
function harmless({ stdout, stderr }: Outcome): string {
  const text = stdout + stderr;
  expect(text).not.toMatch(/[^\P{Cc}\n]|\p{Bidi_Control}/u);
  return text;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unravel-names-'));
  workspace = join(folder, 'workspace');
  const photos = join(folder, EVIL);
  const pixels = (value: number) =>
    encodePng({ width: 8, height: 8, channels: 3, data: new Uint8Array(8 * 8 * 3).fill(value) });
  let value = 0;
  for (const sub of [EVIL, 'plain']) {
    await mkdir(join(photos, sub), { recursive: true });
    for (const name of ['1', '2', EVIL])
      await writeFile(join(photos, sub, `${name}.png`), await pixels((value += 9)));
  }
  await writeFile(join(photos, `broken${EVIL}.png`), 'no picture');
  const rows = [`plain/1.png,${EVIL.replaceAll('"', '')}`, 'plain/2.png,=1+1', 'plain/1.png,b'];
  await writeFile(
    join(folder, 'labels.csv'),
    `file,"${EVIL}"\n${rows.map((row) => `"${row.replace(',', '","')}"`).join('\n')}\n`,
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('names of files, folders and labels with control characters', () => {
  it('are written out by an import, in the list and in what is shown of a data set', async () => {
    const imported = await run('import', join(folder, EVIL), '--labels', join(folder, 'labels.csv'));
    expect(imported.code).toBe(0);
    expect(harmless(imported)).toContain(`broken${SHOWN}.png: `);
    expect(harmless(await run('data'))).toContain(SHOWN);
    const list = (await run('data', '--json')).stdout;
    const { dataset } = JSON.parse(list.split('\n')[0]!) as { dataset: string };
    const shown = harmless(await run('data', 'show', dataset));
    expect(shown).toContain(`Name      ${SHOWN}\n`);
    expect(shown).toContain(`categorical label: ${SHOWN} or plain`);
    expect(shown).toContain(`  broken${SHOWN}.png: `);
    harmless(await run('data', 'show', dataset, '--json'));
  });

  it('are escaped in an error message, and such a name still finds its data set', async () => {
    expect(harmless(await run('import', join(folder, `none${EVIL}`)))).toContain(`none${SHOWN}`);
    expect(harmless(await run('data', 'show', `none${EVIL}`))).toContain(`none${SHOWN}`);
    expect(harmless(await run(EVIL))).toContain('Unknown command');
    expect((await run('data', 'show', EVIL)).code).toBe(0);
  });

  it('are escaped for a run', async () => {
    const train = [
      '--model',
      'vae',
      '--architecture',
      'burgess',
      '--latent',
      '2',
      '--epochs',
      '1',
      '--batch',
      '2',
    ];
    expect(harmless(await run('train', EVIL, ...train, '--name', EVIL))).toContain(SHOWN);
    expect(harmless(await run('runs'))).toContain(SHOWN);
    expect(harmless(await run('runs', 'show', EVIL))).toMatch(/^Name {2,}a\\u001b\[2J/m);
    const out = join(folder, 'figures');
    const drawn = await run('figures', EVIL, '--only', 'samples,reconstructions', '--out', out);
    expect(harmless(drawn)).toContain('Drew');
    const texts = (await readdir(out)).filter((name) => /\.(svg|json)$/.test(name));
    expect(texts).toHaveLength(3);
    for (const name of texts) {
      const text = await readFile(join(out, name), 'utf8');
      expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}|\p{Bidi_Control}/u);
    }
    const codes = join(folder, 'codes.csv');
    expect((await run('encode', EVIL, '--images', EVIL, '--out', codes)).code).toBe(0);
    // A file of data keeps names as they are.
    expect(await readFile(codes, 'utf8')).toContain(`"${EVIL}/1.png"`);
  });
});
