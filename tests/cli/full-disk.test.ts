import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { MetricsLog, type MetricsEvent } from '../../src/engine/training/metrics-log.ts';
import { openRunNamed } from '../fixtures/named.ts';
import { openWorkspace } from '../../src/engine/basics/workspace.ts';
import { jsonLines, lastLine, runHere, startCli, type Outcome } from './run-cli.ts';

/** A disk of its own that is soon full; only root may mount one. */
const disk = mkdtempSync(join(tmpdir(), 'unravel-full-disk-'));
const isMounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=48m', 'tmpfs', disk]).status === 0;
const root = join(disk, 'workspace');
const ballast = join(disk, 'ballast');

/** Takes all the space that is left. */
function fill(): void {
  const file = openSync(ballast, 'w');
  const piece = Buffer.alloc(4096);
  try {
    for (;;) writeSync(file, piece);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
  } finally {
    closeSync(file);
  }
}

const run = (...argv: string[]): Promise<Outcome> => runHere(...argv, '--workspace', root, '--json');

/** What is half written anywhere on the disk. */
async function leftOvers(): Promise<string[]> {
  return (await readdir(disk, { recursive: true })).filter((name) => name.endsWith('.part'));
}

beforeAll(async () => {
  if (!isMounted) return;
  expect((await run('sample-data', 'faces', '--count', '200', '--name', 'faces')).code).toBe(0);
});
afterEach(() => rm(ballast, { force: true }));
afterAll(() => {
  if (isMounted) execFileSync('umount', [disk]);
  rmSync(disk, { recursive: true, force: true });
});

describe.skipIf(!isMounted)('on a full disk (skipped where this user may not mount one)', () => {
  it('a training ends with its last checkpoint, reports it, and can be resumed when there is space', async () => {
    const options = [
      ...['--model', 'vae', '--architecture', 'burgess', '--latent', '4'],
      ...['--batch', '16', '--epochs', '3', '--name', 'cut'],
    ];
    let isFull = false;
    const { ended } = startCli(['train', 'faces', ...options, '--workspace', root, '--json'], {
      onOutput(stdout) {
        if (isFull || !stdout.includes('"event":"checkpoint"')) return;
        isFull = true;
        fill();
      },
    });
    const outcome = await ended;
    expect(outcome).toMatchObject({ code: 1, stderr: '' });
    const workspace = openWorkspace(root);
    const { info, folder } = await openRunNamed(workspace, 'cut');
    expect(lastLine(outcome)).toMatchObject({
      event: 'failed',
      code: 'disk-full',
      message: expect.stringMatching(`^Could not write ${folder}/.*: the disk is full\\.$`) as string,
      hint: `Free some space, then resume it with: unravel resume ${info.id}`,
      run: info.id,
    });
    const [checkpoint] = jsonLines(outcome).filter(({ event }) => event === 'checkpoint');
    expect(info).toMatchObject({ state: 'interrupted', step: checkpoint!['step'] });
    expect(await leftOvers()).toEqual([]);
    // No line is cut: what was written of one that did not fit is taken back.
    expect(await readFile(join(folder, 'metrics.jsonl'), 'utf8')).toMatch(/\}\n$/);

    // What a killed process had begun, in the run's folder and below: it would fill the disk for good.
    const dead = spawnSync('true').pid;
    writeFileSync(join(folder, `.checkpoint.safetensors.${dead}.00000000.part`), '');
    writeFileSync(join(folder, 'snapshots', `.epoch-0002.safetensors.${dead}.00000000.part`), '');

    await rm(ballast);
    expect(lastLine(await run('resume', 'cut'))).toMatchObject({ event: 'done', epochs: 3 });
    expect(await leftOvers()).toEqual([]);
    const lines = (await readFile(join(folder, 'metrics.jsonl'), 'utf8')).trim().split('\n');
    const steps = lines
      .map((line) => JSON.parse(line) as { event: string; step: number })
      .flatMap(({ event, step }) => (event === 'step' ? [step] : []));
    expect(steps).toEqual(Array.from({ length: 33 }, (_, i) => i + 1));
  });

  it('metrics end with a complete line, although a part of one had been written', async () => {
    const folder = mkdtempSync(join(disk, 'metrics-'));
    const { log } = await MetricsLog.openAfter(folder, 0);
    const event: MetricsEvent = {
      ...{ event: 'step', step: 1, epoch: 1, loss: { total: 1, terms: {} } },
      ...{ activeDimensions: 0, imagesPerSecond: 1, secondsLeft: 1 },
      klPerDimension: Array<number>(500).fill(0.125),
    };
    const line = `${JSON.stringify(event)}\n`;
    log.add(event);
    await log.flush();
    fill();
    for (let i = 0; i < 10; i++) log.add(event);
    // What is left of the file's last page takes a part of the next line.
    expect(line.length).toBeLessThan(4096);
    const path = join(folder, 'metrics.jsonl');
    await expect(log.flush()).rejects.toMatchObject({ code: 'disk-full', path });
    expect(await readFile(path, 'utf8')).toBe(line);
    await rm(ballast);
    log.add(event);
    await log.close();
    expect(await readFile(path, 'utf8')).toBe(line + line);
  });

  it('an import leaves nothing behind, and is possible when there is space again', async () => {
    const before = await readdir(join(root, 'datasets'));
    fill();
    const draw = ['sample-data', 'sprites', '--count', '500'];
    const refused = await run(...draw);
    expect(refused.code).toBe(1);
    expect(lastLine(refused)).toMatchObject({
      code: 'disk-full',
      message: expect.stringMatching(`^Could not write ${root}/datasets/.*: the disk is full\\.$`) as string,
    });
    expect(await leftOvers()).toEqual([]);
    expect(await readdir(join(root, 'datasets'))).toEqual(before);
    await rm(ballast);
    expect((await run(...draw)).code).toBe(0);
  });

  it.each([
    ['encode', ['encode', 'cut', '--images', 'faces'], 'codes.csv'],
    ['export', ['traverse', 'cut', '--prior', '--frames', '4', '--size', '64'], 'traversal.gif'],
    ['export-model', ['export-model', 'cut'], 'model'],
    ['figures', ['figures', 'cut', '--only', 'samples'], 'figures'],
  ])('%s keeps existing files, and leaves no partial ones', async (_, argv, name) => {
    const out = join(disk, name);
    const isFile = name.includes('.');
    if (isFile) writeFileSync(out, 'from before');
    fill();
    const refused = await run(...argv, '--out', out);
    expect(lastLine(refused)).toMatchObject({
      code: 'disk-full',
      message: expect.stringContaining(`Could not write ${out}`) as string,
    });
    expect(await leftOvers()).toEqual([]);
    if (isFile) expect(await readFile(out, 'utf8')).toBe('from before');
    await rm(ballast);
    expect((await run(...argv, '--out', out)).code).toBe(0);
    expect(existsSync(out)).toBe(true);
  });
});
