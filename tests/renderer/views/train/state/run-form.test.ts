import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import {
  defaultWeights,
  modelKinds,
  papersModels,
  PAPERS_SETTINGS,
  TrainingConfigSchema,
  weightLabel,
  type Objective,
} from '../../../../../src/contract/run.ts';
import { defaultConfig } from '../../../../../src/engine/training/config.ts';
import { makeDecoder } from '../../../../../src/engine/losses/decoders.ts';
import { makeObjective } from '../../../../../src/engine/losses/objectives.ts';
import { trialsOf } from '../../../../../src/engine/sweeps/trials.ts';
import {
  fieldRule,
  fieldRules,
  type FieldName,
} from '../../../../../src/renderer/views/train/state/field-rules.ts';
import { RunForm } from '../../../../../src/renderer/views/train/state/run-form.svelte.ts';
import { describePreset, presetConfig } from '../../../../../src/contract/presets.ts';
import { planGoal, type GoalFacts } from '../../../../../src/contract/goals/plan.ts';
import { aDataset, paperConfig } from '../../../small-app.ts';

const facts: GoalFacts = {
  ...{ images: 300, imageSize: 64, channels: 3 },
  processor: { kind: 'cpu', multipliesBfloat16: true },
};

describe('RunForm', () => {
  it('is filled with what the engine calls the paper’s settings', () => {
    const form = new RunForm();
    form.choose('paper', facts);
    expect(form.configs).toEqual(papersModels().map((model) => defaultConfig(makeObjective(model, {}))));
  });

  it('makes of every model what the engine makes of it', () => {
    const form = new RunForm();
    for (const model of modelKinds()) {
      form.models = [model];
      expect(form.configs).toEqual([defaultConfig(makeObjective(model, {}))]);
      expect(form.weights.map(({ weight }) => weight).sort()).toEqual(
        Object.keys(defaultWeights(model)).sort(),
      );
    }
  });

  it('adds to Adam what a run’s settings add, and nothing where all is none', () => {
    const form = new RunForm();
    const optimiser = { schedule: 'cosine', warmUpSteps: 500, averageDecay: 0.999 } as const;
    form.fillWith({ ...paperConfig, optimiser }, undefined);
    expect(form.configs).toEqual([{ ...paperConfig, optimiser }]);
    expect(form.optimiserNote).toBe('cosine schedule, warm-up of 500 steps, weights averaged with 0.999');
    for (const field of ['warmUpSteps', 'averageDecay'] as const) form.set(field, 0);
    form.schedule = 'constant';
    expect(form.configs).toEqual([paperConfig]);
    expect(form.optimiserNote).toBe('');
    form.fillWith({ ...paperConfig, optimiser }, undefined);
    form.fillWith(paperConfig, undefined);
    expect(form.configs).toEqual([paperConfig]);
  });

  it('is filled with published settings, which follow the images and are marked once they are changed', () => {
    const form = new RunForm();
    const filled = (): object => form.configs[0]!;
    const published = (images: number, objective: Objective): object => ({
      ...presetConfig('celeba-burgess', images, PAPERS_SETTINGS),
      objective,
    });
    const [annealed, ...others] = describePreset('celeba-burgess').objectives;
    form.choosePreset('celeba-burgess', facts);
    expect([form.goal, form.preset, form.isChanged]).toEqual([undefined, 'celeba-burgess', false]);
    expect(filled()).toEqual(published(300, annealed!));
    form.follow({ ...facts, images: 8000 });
    expect(filled()).toEqual(published(8000, annealed!));
    // Its other models have their weights too.
    for (const objective of others) {
      form.models = [objective.model];
      expect(filled()).toEqual(published(8000, objective));
      expect(form.isChanged).toBe(true);
    }
    form.follow(facts);
    expect(filled()).toEqual(published(8000, others.at(-1)!));
    form.undoChanges(facts);
    expect(filled()).toEqual(published(300, annealed!));
    form.leavePreset();
    expect([form.preset, form.isChanged]).toEqual([undefined, false]);
    expect(filled()).toEqual(published(300, annealed!));
    form.choosePreset('dsprites-chen', facts);
    form.choose('quick', facts);
    expect([form.goal, form.preset]).toEqual(['quick', undefined]);
  });

  it('keeps the standard deviation of a run’s posterior, which it does not offer, where there is a posterior', () => {
    const form = new RunForm();
    form.fillWith({ ...paperConfig, deviation: 'softplus' }, undefined);
    expect(form.configs).toEqual([{ ...paperConfig, deviation: 'softplus' }]);
    form.models = ['ae'];
    expect(form.configs[0]).not.toHaveProperty('deviation');
    form.choosePreset('celeba-schik-program', facts);
    expect([form.configs[0]!.deviation, form.isChanged]).toEqual(['softplus', false]);
    form.leavePreset();
    expect(form.configs[0]).not.toHaveProperty('deviation');
  });

  it('asks for the weights of the chosen models only', () => {
    const form = new RunForm();
    for (const model of form.models) form.toggle(model);
    form.toggle('vae');
    expect(form.fields[0]).toBe('latentDim');
    form.toggle('beta-tcvae');
    expect(form.fields.slice(0, 3)).toEqual(['beta-tcvae.beta', 'beta-tcvae.alpha', 'beta-tcvae.gamma']);
    form.toggle('beta-vae');
    expect(form.fields[0]).toBe('beta-vae.beta');
    form.toggle('vae-gan');
    expect(form.models).toEqual(['vae', 'beta-vae', 'beta-tcvae', 'vae-gan']);
  });

  it('gives each model its own β', () => {
    const form = new RunForm();
    form.choose('paper', facts);
    form.set('beta-vae.beta', 4);
    form.set('beta-tcvae.beta', 6);
    expect(form.configs.map(({ objective }) => objective.beta)).toEqual([undefined, undefined, 4, 6]);
  });

  it('cannot be used with a refused field, unless no chosen model has it', () => {
    const form = new RunForm();
    form.choose('paper', facts);
    form.refuse('beta-vae.beta', 'β cannot be negative. The paper uses 5.');
    expect(form.isUsable).toBe(false);
    expect(form.formula('beta-vae')).toEqual({ model: 'beta-vae', warmUp: 0 });
    form.toggle('beta-vae');
    expect(form.isUsable).toBe(true);
    form.toggle('beta-vae');
    form.refuse('beta-vae.beta', undefined);
    expect(form.isUsable).toBe(true);
  });

  it('cannot be used without a model', () => {
    const form = new RunForm();
    for (const model of form.models) form.toggle(model);
    expect(form.isUsable).toBe(false);
    expect(form.configs).toEqual([]);
  });

  it('gives a decoder only to models that can have one, as the engine takes it', () => {
    const form = new RunForm();
    form.models = ['ae', 'vae', 'vae-gan'];
    form.decoder = 'laplace';
    form.set('variance', 0.1);
    expect(form.configs.map(({ decoder }) => decoder)).toEqual([
      undefined,
      makeDecoder('vae', { kind: 'laplace', variance: 0.1 }),
      undefined,
    ]);
    form.decoder = 'bernoulli';
    expect(form.fields).not.toContain('variance');
    expect(form.configs[1]!.decoder).toEqual(makeDecoder('vae', { kind: 'bernoulli' }));
    form.decoder = 'gaussian';
    form.set('variance', 0.5);
    expect(form.configs[1]!.decoder).toBeUndefined();
  });

  it('tells every model the label that was chosen, where the images have it', () => {
    const form = new RunForm();
    form.choose('paper', facts);
    form.condition = 'Smiling';
    expect(form.configs.every(({ condition }) => condition === 'Smiling')).toBe(true);
    expect(form.lacksCondition(aDataset())).toBe(true);
    const columns = [{ name: 'Smiling', type: 'binary' as const, factor: false }];
    expect(form.lacksCondition(aDataset({ columns }))).toBe(false);
  });

  it('sweeps over models, βs and seeds, in the order of the command line', () => {
    const form = new RunForm();
    form.models = ['vae', 'beta-vae'];
    form.isSweep = true;
    form.setList('betas', [2, 8]);
    form.setList('seeds', [1, 7]);
    const sweep = { dataset: 'faces', metrics: undefined, evaluationSeed: 0, config: {}, axes: {} };
    const trials = trialsOf({ ...sweep, models: ['vae', 'beta-vae'], betas: [2, 8], seeds: [1, 7] });
    expect(form.configs).toEqual(trials.map(({ config }) => config));
    expect(form.runs.map(({ name }) => name)).toEqual(trials.map(({ name }) => name));
    expect(form.fields).not.toContain('seed');
    expect(form.formula('beta-vae').beta).toBeUndefined();
  });

  it('does not queue more runs than anybody waits for', () => {
    const form = new RunForm();
    form.choose('paper', facts);
    form.isSweep = true;
    const twenty = Array.from({ length: 20 }, (_, i) => i);
    form.setList('betas', twenty);
    form.setList('seeds', twenty);
    expect(form.isTooMany).toBe(true);
  });

  it('refuses weights that do not go together, beside the last of them, and takes those that do', () => {
    const form = new RunForm();
    form.models = ['info-vae'];
    form.set('info-vae.lambda', 0.6);
    expect(form.refusalOf('info-vae.lambda')).toBe('α and λ must make 1 or more together, not 0.6.');
    expect(form.refusalOf('info-vae.alpha')).toBeUndefined();
    expect(form.isUsable).toBe(false);
    form.set('info-vae.alpha', 0.5);
    expect(form.refusalOf('info-vae.lambda')).toBeUndefined();
    expect(form.isUsable).toBe(true);
    expect(form.configs[0]!.objective).toEqual(makeObjective('info-vae', { alpha: 0.5, lambda: 0.6 }));
    form.set('info-vae.alpha', 1.5);
    expect(form.refusalOf('info-vae.alpha')).toBe('α must be at most 1, not 1.5.');
    expect(form.isUsable).toBe(false);
    form.toggle('info-vae');
    form.toggle('vae');
    expect(form.isUsable).toBe(true);
  });

  it('comes back to the very config that it was filled with', () => {
    const form = new RunForm();
    for (const config of [
      { ...paperConfig, latentDim: 10, heldOutFraction: 0.07, learningRate: 0.003 },
      { ...paperConfig, objective: makeObjective('beta-vae', { beta: 4, warmUp: 0.2 }), seed: 0 },
      { ...paperConfig, objective: makeObjective('beta-tcvae', { sampling: 'stratified' }) },
      { ...paperConfig, objective: { model: 'ae' } as const, precision: 'mixed' as const },
      {
        ...paperConfig,
        objective: makeObjective('info-vae', { lambda: 10 }),
        decoder: { kind: 'laplace' as const, variance: 0.2 },
        condition: 'Smiling',
      },
    ]) {
      form.fillWith(config, aDataset({ id: 'celeba' }));
      expect(form.configs).toEqual([config]);
      expect(form.datasetId).toBe('celeba');
    }
  });

  it('is filled with what the goal becomes, for the images at hand', () => {
    const form = new RunForm();
    expect(form.goal).toBe('quick');
    for (const goal of ['quick', 'pictures', 'disentangle', 'paper'] as const) {
      form.choose(goal, facts);
      expect(form.configs).toEqual(planGoal(goal, facts).trainings.map(({ config }) => config));
      expect(form.isChanged).toBe(false);
    }
  });

  it('keeps everything else when one number is changed, and goes back to the goal at once', () => {
    const form = new RunForm();
    form.choose('quick', facts);
    const [planned] = form.configs;
    form.set('latentDim', 12);
    expect(form.configs).toEqual([{ ...planned, latentDim: 12 }]);
    expect([form.goal, form.isChanged]).toEqual(['quick', true]);
    form.choose('quick', facts);
    expect(form.configs).toEqual([planned]);
    expect(form.isChanged).toBe(false);
  });

  it('counts a model, a sweep and a value that is refused as a change of the goal', () => {
    const form = new RunForm();
    const changes: ((form: RunForm) => void)[] = [
      (each) => each.toggle('ae'),
      (each) => (each.isSweep = true),
      (each) => (each.precision = 'full'),
      (each) => each.refuse('epochs', 'At least 1. The paper uses 30.'),
    ];
    for (const change of changes) {
      form.choose('quick', facts);
      change(form);
      expect(form.isChanged).toBe(true);
    }
  });

  it('follows other images and a measured speed until a person has changed something', () => {
    const form = new RunForm();
    form.follow(facts);
    const [few] = form.configs;
    form.follow({ ...facts, images: 8000 });
    expect(form.configs).toEqual(
      planGoal('quick', { ...facts, images: 8000 }).trainings.map(({ config }) => config),
    );
    form.follow(facts);
    expect(form.configs).toEqual([few]);
    form.follow({ ...facts, measuredRate: () => 100 });
    expect(form.configs[0]!.epochs).toBeLessThan(few!.epochs);
    form.set('latentDim', 12);
    const changed = form.configs;
    form.follow({ ...facts, images: 8000 });
    expect(form.configs).toEqual(changed);
  });

  it('leaves the settings of a run as they are, whatever the images', () => {
    const form = new RunForm();
    form.choose('quick', facts);
    form.fillWith(paperConfig, undefined);
    expect([form.goal, form.isChanged]).toEqual([undefined, false]);
    form.follow({ ...facts, images: 8000 });
    expect(form.configs).toEqual([paperConfig]);
  });
});

describe('fieldRules', () => {
  it('refuses with what cannot be and what the paper uses', () => {
    expect(fieldRule('beta-tcvae.beta').refuse(-20)).toBe('β cannot be negative. The paper uses 20.');
    expect(fieldRule('beta-vae.beta').refuse(-1)).toBe('β cannot be negative. The paper uses 5.');
    expect(fieldRule('epochs').refuse(0)).toBe('At least 1. The paper uses 30.');
    expect(fieldRule('batchSize').refuse(12.5)).toBe('Whole numbers only. The paper uses 128.');
    expect(fieldRule('latentDim').refuse(1000)).toBe('At most 512. The paper uses 32.');
    expect(fieldRule('learningRate').refuse(0)).toBe('It must be above zero. The paper uses 0.0001.');
  });

  it('has the limit alone, for forms in which the paper’s values say nothing', () => {
    expect(fieldRule('beta-vae.beta').limit(-1)).toBe('β cannot be negative.');
    expect(fieldRule('epochs').limit(0)).toBe('At least 1.');
    expect(fieldRule('epochs').limit(1)).toBeUndefined();
  });

  it('lets through what the contract does, and nothing else', () => {
    const form = new RunForm();
    form.choose('paper', facts);
    const fields = Object.keys(fieldRules()) as FieldName[];
    /** A weight counts for its own model, and there the engine has the last word. */
    const isAllowed = (): boolean =>
      form.configs.every((config) => {
        const { model, ...weights } = config.objective;
        try {
          makeObjective(model, weights);
        } catch {
          return false;
        }
        return v.is(TrainingConfigSchema, config);
      });
    const number = fc.oneof(
      fc.integer({ min: -10, max: 200_000 }),
      fc.double({ min: -2, max: 2, noNaN: true }),
      fc.constantFrom(0, 1, 2, 512, 513, 4096, 4097, 100_000, 100_001, 0.1, 50, 50.5, 1e12, 2e12),
    );
    const change = fc.tuple(fc.constantFrom(...fields), number);
    // Two weights of the same model may be allowed each and not together.
    const pair = fc
      .tuple(fc.double({ min: -0.5, max: 1.5, noNaN: true }), fc.double({ min: -0.5, max: 1.5, noNaN: true }))
      .map(([alpha, lambda]): [FieldName, number][] => [
        ['info-vae.alpha', alpha],
        ['info-vae.lambda', lambda],
      ]);
    fc.assert(
      fc.property(fc.oneof(fc.array(change, { minLength: 1, maxLength: 1 }), pair), (changes) => {
        form.choose('paper', facts);
        form.models = modelKinds();
        for (const [field, value] of changes) form.set(field, value);
        // In the window a field keeps a value that its own rule refuses to itself.
        const isRefused =
          changes.some(([field, value]) => fieldRule(field).refuse(value) !== undefined) || !form.isUsable;
        expect(!isRefused, JSON.stringify(changes)).toBe(isAllowed());
      }),
      { numRuns: 2000 },
    );
  });
});

describe('weightLabel', () => {
  it('names the weights that a model has, but not those that are usual', () => {
    expect(weightLabel({ model: 'vae' })).toBe('');
    expect(weightLabel({ model: 'beta-tcvae', alpha: 1, beta: 20, gamma: 1 })).toBe('β = 20');
    expect(weightLabel({ model: 'beta-tcvae', alpha: 0.2, beta: 1.2, gamma: 1 })).toBe('β = 1.2, α = 0.2');
    expect(weightLabel({ model: 'factor-vae', gamma: 6.4 })).toBe('γ = 6.4');
  });
});
