import { execFileSync } from 'node:child_process';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { METRICS_FILE } from '../../../src/engine/runs/store.ts';
import { MetricsReader } from '../../../src/engine/serving/run-metrics.ts';
import { MetricsLog, readMetrics } from '../../../src/engine/training/metrics-log.ts';

const stepLine = (step: number): string =>
  JSON.stringify({
    event: 'step',
    step,
    epoch: 1,
    loss: { total: 3, terms: { reconstruction: 2, kl: 1 } },
    klPerDimension: [0.5, 0.5],
    activeDimensions: 2,
    imagesPerSecond: 100,
    secondsLeft: 5,
  });
const epochLine = JSON.stringify({
  event: 'epoch',
  epoch: 1,
  step: 3,
  loss: { total: 3, terms: { kl: 1 } },
  heldOut: { images: 4, reconstruction: 2, kl: 1, klPerDimension: [0.5, 0.5], activeDimensions: 2 },
  seconds: 9,
});
const changed = (line: string, changes: object): string =>
  JSON.stringify({ ...(JSON.parse(line) as object), ...changes });

/** Lines that no training writes, each of which a curve could not be drawn with. */
const bad: readonly string[] = [
  '{"event": "step", "step": 2}',
  '{"event": "step", "step": 2, "epo',
  'null',
  '[]',
  '"step"',
  'not JSON',
  changed(stepLine(2), { event: 'other' }),
  changed(stepLine(2), { step: -1 }),
  changed(stepLine(2), { loss: { total: '3', terms: {} } }),
  changed(stepLine(2), { loss: { total: 1, terms: { kl: null } } }),
  changed(stepLine(2), { imagesPerSecond: null }),
  stepLine(2).replace('100', '1e999'),
  changed(epochLine, { heldOut: undefined }),
  changed(epochLine, { seconds: 'long' }),
];

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unravel-metrics-'));
  path = join(folder, METRICS_FILE);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const write = (...lines: string[]): Promise<void> =>
  writeFile(path, lines.map((line) => `${line}\n`).join(''));

describe('a line of metrics that is damaged', () => {
  it.each(bad)('is passed over and counted: %s', async (line) => {
    await write(stepLine(1), line, stepLine(3), epochLine);
    const { events, passedOver } = await readMetrics(folder);
    expect(events.map(({ step }) => step)).toEqual([1, 3, 3]);
    expect(passedOver).toBe(1);
    const read = await new MetricsReader().readThinned(folder);
    expect(read.steps.map(({ step }) => step)).toEqual([1, 3]);
    expect(read.epochs).toHaveLength(1);
    expect(read.passedOver).toBe(1);
  });

  it('is counted once, however often the run is looked at', async () => {
    await write(stepLine(1), 'x', '', stepLine(2));
    const reader = new MetricsReader();
    expect((await reader.readThinned(folder)).passedOver).toBe(1);
    await appendFile(path, `y\n${stepLine(3)}\n`);
    expect(await reader.readThinned(folder)).toMatchObject({ passedOver: 2, steps: { length: 3 } });
    expect(await reader.readThinned(folder)).toMatchObject({ passedOver: 2, steps: { length: 3 } });
  });

  it('may be longer than memory would like, and is not gathered', async () => {
    const long = 'x'.repeat(3_500_000);
    await write(stepLine(1), long, stepLine(2));
    const { events, passedOver } = await readMetrics(folder);
    expect([events.length, passedOver]).toEqual([2, 1]);
    const reader = new MetricsReader();
    // Written in pieces, as a line may be that is still growing.
    await writeFile(path, `${stepLine(1)}\n${long}`);
    expect(await reader.readThinned(folder)).toMatchObject({ steps: { length: 1 } });
    await appendFile(path, `${long}\n${stepLine(2)}\n`);
    expect(await reader.readThinned(folder)).toMatchObject({ passedOver: 1, steps: { length: 2 } });
  });
});

describe('the last line', () => {
  it('that a killed process left half written is passed over, and is no damage', async () => {
    await writeFile(path, `${stepLine(1)}\n${stepLine(2).slice(0, 30)}`);
    expect(await readMetrics(folder)).toMatchObject({ events: { length: 1 }, passedOver: 0 });
    expect(await new MetricsReader().readThinned(folder)).toMatchObject({
      steps: { length: 1 },
      passedOver: 0,
    });
  });

  it('that is whole but for its end counts when a training goes on', async () => {
    await writeFile(path, `${stepLine(1)}\n${stepLine(2)}`);
    expect(await readMetrics(folder)).toMatchObject({ events: { length: 2 }, passedOver: 0 });
  });
});

it('a log that is gone on with keeps the good lines up to its step, whole', async () => {
  await write(stepLine(1), 'x', stepLine(2), stepLine(3));
  const { log, kept, passedOver } = await MetricsLog.openAfter(folder, 2);
  await log.close();
  expect([kept.length, passedOver]).toEqual([2, 1]);
  expect((await readFile(path, 'utf8')).trim().split('\n')).toEqual([stepLine(1), stepLine(2)]);
});

it('metrics that are a pipe are refused at once, and those of no run are empty', async () => {
  expect(await readMetrics(folder)).toEqual({ events: [], passedOver: 0 });
  expect(await new MetricsReader().readThinned(folder)).toEqual({ steps: [], epochs: [], passedOver: 0 });
  execFileSync('mkfifo', [path]);
  await expect(readMetrics(folder)).rejects.toMatchObject({ code: 'bad-input' });
  await expect(new MetricsReader().readThinned(folder)).rejects.toMatchObject({ code: 'bad-input' });
});
