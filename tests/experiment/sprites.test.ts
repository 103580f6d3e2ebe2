import { describe, expect, it } from 'vitest';
import { migWithoutShape, parsePoints } from '../../scripts/experiment/sprites/measured.mjs';
import { curveCsv, spritesCsv, spritesTable, type Row } from '../../scripts/experiment/sprites/table.mjs';
import {
  epochsFor,
  howTrained,
  isComparable,
  readModels,
  tasksFor,
  titleOf,
  trainOptions,
  trialsOf,
  type RunLine,
} from '../../scripts/experiment/sprites/trials.mjs';

const SPRITES = 'sprites-1';
const wanted = { epochs: 4, dataset: SPRITES };

/** A run as the script itself trains β-TCVAE, with what differs. */
function makeRun({
  config = {},
  ...rest
}: Partial<Omit<RunLine, 'config'>> & { config?: object } = {}): RunLine {
  return {
    ...{ run: 'a', name: 'a', state: 'done', dataset: { id: SPRITES }, imageSize: 64, channels: 1 },
    ...{ epoch: 4, step: 11_484 },
    ...rest,
    config: {
      objective: { model: 'beta-tcvae', beta: 6, alpha: 1, gamma: 1 },
      decoder: { kind: 'bernoulli' },
      ...{ architecture: 'burgess', latentDim: 10, epochs: 4, batchSize: 256, learningRate: 0.001, seed: 1 },
      optimiser: { schedule: 'cosine', averageDecay: 0.999 },
      ...config,
    },
  };
}

const trials = trialsOf(readModels('beta-tcvae'), 1);
const actionOf = (...runs: RunLine[]) => {
  const [task] = tasksFor(trials, runs, wanted);
  return task && 'run' in task ? `${task.action} ${task.run.run}` : task?.action;
};

describe('the trainings of the sprites experiment', () => {
  it('are all models of a seed before the next seed', () => {
    expect(trialsOf(readModels('vae,beta-tcvae=4'), 2)).toEqual([
      { model: 'vae', weight: null, seed: 1 },
      { model: 'beta-tcvae', weight: 4, seed: 1 },
      { model: 'vae', weight: null, seed: 2 },
      { model: 'beta-tcvae', weight: 4, seed: 2 },
    ]);
  });

  it('refuse models and weights that there are not', () => {
    expect(() => readModels('vae,info-vae')).toThrow('--models names info-vae');
    expect(() => readModels('vae=2')).toThrow('gives vae a weight');
    expect(() => readModels('beta-vae=-1')).toThrow('"-1"');
  });

  it('see the whole number of passes that is nearest to the budget', () => {
    expect(epochsFor(3_000_000, 737_280)).toBe(4);
    expect(epochsFor(1, 737_280)).toBe(1);
  });

  it('give the weight by its option, and an AE no likelihood that it cannot have', () => {
    const options = (models: string) => trainOptions(trialsOf(readModels(models), 1)[0]!, 4).join(' ');
    expect(options('factor-vae')).toMatch(/--model factor-vae --gamma 36 --decoder bernoulli .* --epochs 4 /);
    expect(options('ae')).not.toMatch(/--decoder|--beta/);
  });
});

describe('what is left to do', () => {
  it('is to train, to go on, to wait, or to measure, by the state of the run', () => {
    expect(actionOf()).toBe('train');
    expect(actionOf(makeRun({ state: 'interrupted', epoch: 1 }))).toBe('resume a');
    expect(actionOf(makeRun({ state: 'running', epoch: 0, step: 0 }))).toBe('wait a');
    expect(actionOf(makeRun())).toBe('measure a');
    expect(actionOf(makeRun({ state: 'failed' }))).toBe('failed a');
  });

  it('takes a run that is done before one that was interrupted', () => {
    expect(actionOf(makeRun({ run: 'half', state: 'interrupted' }), makeRun({ run: 'whole' }))).toBe(
      'measure whole',
    );
  });

  it('counts a longer run, a whole one from elsewhere, and one in bfloat16', () => {
    expect(actionOf(makeRun({ config: { epochs: 10 }, epoch: 10 }))).toBe('measure a');
    expect(actionOf(makeRun({ state: 'imported', dataset: null }))).toBe('measure a');
    expect(actionOf(makeRun({ config: { precision: 'mixed' } }))).toBe('measure a');
  });

  it.each([
    ['another seed', makeRun({ config: { seed: 2 } })],
    [
      'another weight',
      makeRun({ config: { objective: { model: 'beta-tcvae', beta: 4, alpha: 1, gamma: 1 } } }),
    ],
    ['fewer epochs', makeRun({ config: { epochs: 3 }, epoch: 3 })],
    ['a constant rate', makeRun({ config: { optimiser: undefined } })],
    ['a squared error', makeRun({ config: { decoder: undefined } })],
    ['other data', makeRun({ dataset: { id: 'sprites-2' } })],
    ['part of its epochs, from elsewhere', makeRun({ state: 'imported', dataset: null, epoch: 3 })],
    ['a rate that began anew', makeRun({ earlierStages: [{}] })],
  ])('trains again for a run of %s', (_, run) => {
    expect(actionOf(run)).toBe('train');
  });

  it('measures any length and schedule of the same models where nothing is trained', () => {
    expect(isComparable(makeRun({ config: { optimiser: undefined, epochs: 60 }, epoch: 2 }), SPRITES)).toBe(
      true,
    );
    expect(isComparable(makeRun({ config: { latentDim: 6 } }), SPRITES)).toBe(false);
    expect(isComparable(makeRun({ config: { objective: { model: 'info-vae' } } }), SPRITES)).toBe(false);
  });
});

describe('the table of the sprites experiment', () => {
  const row = (seed: number, mig: number): Row => ({
    ...{
      run: `run-${seed}`,
      name: 'tc',
      title: titleOf(makeRun()),
      seed,
      images: 2_940_000,
      how: howTrained(makeRun()),
    },
    heldOut: { reconstruction: 30.04, kl: 11 },
    scores: { mig: { value: mig, low: mig - 0.01, high: mig + 0.01 } },
  });

  it('states the images seen, the interval, and mean and deviation of several seeds', () => {
    const text = spritesTable([row(1, 0.3), row(2, 0.4)], 10_000);
    expect(text).toContain('| β-TCVAE, β = 6 | tc | 1 | 2.94 | 0.300 (0.290–0.310) | – |');
    expect(text).toContain('| β-TCVAE, β = 6, mean of 2 seeds |  |  | 2.94, 2.94 | 0.350 ± 0.071 | – |');
    expect(text).toContain('| 30.0 | 11.0 | cosine; average 0.999; 4 epochs |');
    expect(text).toContain('Measured on 10,000 images');
  });

  it('has no mean of runs that were trained in different ways', () => {
    expect(spritesTable([row(1, 0.3), { ...row(2, 0.4), how: 'otherwise' }], 10_000)).not.toContain(
      'mean of',
    );
  });

  it('is a line of numbers for each run and each checkpoint in CSV', () => {
    const [head, line] = spritesCsv([row(1, 0.3)]).split('\n');
    expect(head).toMatch(/^model,seed,run,images,how,heldOutReconstruction,heldOutKl,mig,mig_low,mig_high,/);
    expect(line).toMatch(
      /^"β-TCVAE, β = 6",1,run-1,2940000,cosine; average 0.999; 4 epochs,30.04,11,0.3,0.29,/,
    );
    const curve = {
      run: 'run-1',
      title: 'VAE',
      seed: 1,
      points: [{ images: 256, mig: 0.1, migWithoutShape: 0.2 }],
    };
    expect(curveCsv([curve])).toBe('model,seed,run,images,mig,migWithoutShape\nVAE,1,run-1,256,0.1,0.2\n');
  });

  it('says of a run that was stopped elsewhere how far it came', () => {
    const stopped = makeRun({ state: 'imported', epoch: 2, config: { epochs: 60, optimiser: undefined } });
    expect(howTrained(stopped)).toBe(
      'constant rate; stopped, 2 of 60 epochs complete; trained on another machine',
    );
  });
});

describe('measured checkpoints', () => {
  it('are sorted by step, the later of two is taken, and a line that was cut is left out', () => {
    const line = (step: number, mig: number) => JSON.stringify({ step, mig, factors: { shape: mig } });
    const text = `\n${line(2000, 0.2)}\n${line(1000, 0.1)}\n${line(2000, 0.3)}\n${line(3000, 0.4).slice(0, -1)}`;
    expect(parsePoints(text).map(({ step, mig }) => [step, mig])).toEqual([
      [1000, 0.1],
      [2000, 0.3],
    ]);
  });

  it('have a MIG without shape, the mean of the other gaps', () => {
    expect(migWithoutShape({ shape: 0.9, scale: 0.2, orientation: 0.4 })).toBeCloseTo(0.3, 12);
  });
});
