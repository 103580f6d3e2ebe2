import { describe, expect, it } from 'vitest';
import { runFacts, shortTitle, stagesText } from '../../../../../src/renderer/components/run-words.ts';
import { entryLine, entryMark } from '../../../../../src/renderer/views/train/entry-words.ts';
import {
  epochUnderWay,
  listEntries,
  partDone,
} from '../../../../../src/renderer/views/train/state/entries.ts';
import { troubleOf } from '../../../../../src/renderer/views/train/trouble.ts';
import { aJob, aRun, paperConfig } from '../../../small-app.ts';

const heldOut = { images: 400, reconstruction: 45.04, kl: 20, klPerDimension: [], activeDimensions: 9 };
const progress = { done: 1298, total: 1770, rate: 3, secondsLeft: 252, unit: 'steps' };

describe('listEntries', () => {
  it('has the queue in its order, then earlier runs, each once', () => {
    const done = aJob({ state: 'done', run: 'run-1' });
    const running = aJob({ run: 'run-2' });
    const queued = aJob({ state: 'queued' });
    const runs = [aRun({ id: 'run-2', state: 'running' }), aRun({ id: 'run-1' }), aRun({ id: 'old' })];
    const entries = listEntries([done, running, queued], runs);
    expect(entries.map(({ key }) => key)).toEqual(['run-1', 'run-2', queued.id, 'old']);
    expect(entries.map(({ state }) => state)).toEqual(['done', 'running', 'queued', 'done']);
  });

  it('keeps a run in its place when another job goes on with it, in the state of that job', () => {
    const first = aJob({ state: 'cancelled', run: 'run-1' });
    const other = aJob({ state: 'queued' });
    const again = aJob({ request: { kind: 'resume', run: 'run-1' }, state: 'queued' });
    const entries = listEntries([first, other, again], [aRun({ state: 'interrupted' })]);
    expect(entries.map(({ key, state }) => [key, state])).toEqual([
      ['run-1', 'queued'],
      [other.id, 'queued'],
    ]);
    expect(entries[0]!.job).toBe(again);
  });

  it('has the epochs that a run is trained further to before the run knows of them', () => {
    const done = aJob({ state: 'done', run: 'run-1' });
    const request = { kind: 'resume', run: 'run-1', changes: { epochs: 60, learningRate: 5e-5 } } as const;
    const [entry] = listEntries([done, aJob({ request, state: 'queued' })], [aRun()]);
    expect(entry).toMatchObject({ state: 'queued', config: { epochs: 60, learningRate: 5e-5 } });
    expect(partDone(entry!)).toBe(0.5);
    // What came to nothing changed nothing.
    const [stopped] = listEntries([done, aJob({ request, state: 'cancelled' })], [aRun()]);
    expect(stopped).toMatchObject({ state: 'done', config: { epochs: 30 } });
  });

  it('says how a run was continued', () => {
    expect(stagesText(aRun())).toBeUndefined();
    const earlierStages = [
      { step: 1770, epochs: 30, learningRate: 0.0001 },
      { step: 3540, epochs: 60, learningRate: 0.00005 },
    ];
    const run = aRun({ earlierStages, config: { ...paperConfig, epochs: 90, learningRate: 0.00001 } });
    expect(stagesText(run)).toBe(
      '30 epochs at 0.0001 until step 1,770, then to 60 epochs at 0.00005 until step 3,540, then to 90 epochs at 0.00001',
    );
  });

  it('forgets what was taken off the queue, and keeps what failed before it began', () => {
    const cancelled = aJob({ state: 'cancelled' });
    const failed = aJob({ state: 'failed', error: { code: 'bad-input', message: 'It has 2 images.' } });
    const entries = listEntries([cancelled, failed], []);
    expect(entries.map(({ key, state }) => [key, state])).toEqual([[failed.id, 'failed']]);
  });

  it('takes a stopped training from its run: it can be resumed', () => {
    const [entry] = listEntries(
      [aJob({ state: 'cancelled', run: 'run-1' })],
      [aRun({ state: 'interrupted' })],
    );
    expect(entry!.state).toBe('interrupted');
  });
});

describe('a held training', () => {
  it('is in the list, says that it has not started, and why', () => {
    const job = aJob({ state: 'held', held: { reason: 'elsewhere', reads: [], writes: [] } });
    const [entry] = listEntries([job], []);
    expect(entry!.state).toBe('held');
    expect(entryMark(entry!)).toBe('not started');
    expect(entryLine(entry!)).toContain('30 epochs');
    expect(troubleOf(entry!)).toMatchObject({ kind: 'waiting', title: 'Not started' });
  });
});

describe('words of an entry', () => {
  const running = listEntries(
    [aJob({ run: 'run-1', progress })],
    [aRun({ state: 'running', epoch: 21 })],
  )[0]!;

  it('say where a training is', () => {
    expect(entryMark(running)).toBe('23 of 30');
    expect(entryLine(running)).toBe('4 min 12 s left');
    expect(epochUnderWay(running)).toBe(23);
    expect(partDone(running)).toBeCloseTo(0.733, 3);
  });

  it('say what a queued one will be, and how a finished one ended', () => {
    const [queued] = listEntries([aJob({ state: 'queued' })], []);
    expect(entryLine(queued!)).toBe('β = 20, 30 epochs');
    const [done] = listEntries([], [aRun({ heldOut })]);
    expect(entryLine(done!)).toBe('30 epochs, error 45.0');
    expect(partDone(done!)).toBe(1);
  });

  it('are short where a name says no more than the model', () => {
    expect(shortTitle(aRun())).toBe('β-TCVAE');
    expect(shortTitle(aRun({ name: 'my best' }))).toBe('my best');
    expect(
      runFacts(
        aRun({
          config: { ...paperConfig, decoder: { kind: 'laplace', variance: 0.2 }, condition: 'Wearing_Hat' },
        }),
      ),
    ).toBe(
      'paper’s architecture, 32 dimensions, Laplace of variance 0.2, given Wearing Hat, seed 1, on faces',
    );
    expect(runFacts(aRun({ config: { ...paperConfig, architecture: 'burgess', latentDim: 1 } }))).toBe(
      'burgess, 1 dimension, seed 1, on faces',
    );
  });
});

describe('troubleOf', () => {
  it('is none of a training that goes on or is done', () => {
    expect(troubleOf(listEntries([], [aRun()])[0]!)).toBeUndefined();
    expect(troubleOf(listEntries([aJob()], [])[0]!)).toBeUndefined();
  });

  it('tells of a loss that became infinite, its likely cause and a rate that may do', () => {
    const message = 'Training diverged at step 1,052: kl is not a number any more; nothing was saved yet.';
    const run = aRun({
      state: 'failed',
      epoch: 11,
      failure: { code: 'diverged', message },
      config: { ...paperConfig, learningRate: 0.01 },
    });
    expect(troubleOf(listEntries([], [run])[0]!)).toEqual({
      kind: 'failed',
      title: 'Training stopped: the loss became infinite',
      text: `${message} A learning rate of 0.01 is the likely cause: the paper uses 0.0001.`,
      slowerRate: 0.001,
    });
  });

  it('blames no learning rate that is the paper’s', () => {
    const failure = { code: 'diverged', message: 'Training diverged at step 3.' } as const;
    const run = aRun({ state: 'failed', epoch: 0, failure });
    expect(troubleOf(listEntries([], [run])[0]!)).toMatchObject({
      text: 'Training diverged at step 3. A smaller learning rate or smaller weights may keep it finite.',
      slowerRate: 0.00001,
    });
  });

  it('goes by the kind of the error, not by its words, and says what to do', () => {
    const failure = {
      code: 'disk-full',
      message: 'The disk is full: nothing that diverged was written.',
      hint: 'Free some space.',
    } as const;
    const run = aRun({ state: 'failed', failure });
    expect(troubleOf(listEntries([], [run])[0]!)).toEqual({
      kind: 'failed',
      title: 'Training stopped',
      text: 'The disk is full: nothing that diverged was written. Free some space.',
    });
    expect(entryLine(listEntries([], [run])[0]!)).toBe(failure.message);
  });

  it('tells what a person stopped from what lost its process', () => {
    const run = aRun({ state: 'interrupted', epoch: 2 });
    const [stopped] = listEntries([aJob({ state: 'cancelled', run: 'run-1' })], [run]);
    expect(entryMark(stopped!)).toBe('stopped');
    expect(troubleOf(stopped!)).toMatchObject({ kind: 'waiting', title: 'Stopped after epoch 2 of 30' });
    expect(entryMark(listEntries([], [run])[0]!)).toBe('interrupted');
  });

  it('says where an interrupted one goes on, and gives other failures their own words', () => {
    const [interrupted] = listEntries([], [aRun({ state: 'interrupted', epoch: 12 })]);
    expect(troubleOf(interrupted!)).toMatchObject({
      kind: 'waiting',
      title: 'Interrupted after epoch 12 of 30',
    });
    const error = { code: 'disk-full', message: 'The disk is full.', hint: 'Free some space.' } as const;
    const [failed] = listEntries([aJob({ state: 'failed', error })], []);
    expect(troubleOf(failed!)).toEqual({
      kind: 'failed',
      title: 'Training stopped',
      text: 'The disk is full. Free some space.',
    });
  });
});
