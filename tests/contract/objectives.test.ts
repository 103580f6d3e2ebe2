import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { coefficientValue, formulaText } from '../../src/contract/objectives/formula.ts';
import { objectiveDescriptors, registerObjective } from '../../src/contract/objectives/registry.ts';
import { vae } from '../../src/contract/objectives/vae.ts';
import {
  brokenRule,
  DecoderKindSchema,
  defaultWeights,
  descriptorOf,
  isVariational,
  modelKinds,
  ModelKindSchema,
  ObjectiveSchema,
  PAPERS_SETTINGS,
  papersModels,
  RunInfoSchema,
  weightEntries,
  weightLabel,
  weightsOf,
  type ModelKind,
  type WeightName,
} from '../../src/contract/run.ts';
import { aRun } from '../fixtures/infos.ts';
import { STARTER_FOLDERS } from '../fixtures/starters.ts';

/** The objectives as runs before the descriptors were written with, all their weights at their defaults. */
const WRITTEN = [
  { model: 'ae' },
  { model: 'vae' },
  { model: 'beta-vae', beta: 5, warmUp: 0 },
  { model: 'beta-tcvae', alpha: 1, beta: 20, gamma: 1 },
  { model: 'beta-tcvae', alpha: 1, beta: 20, gamma: 1, sampling: 'stratified' },
  { model: 'annealed-vae', gamma: 1000, capacity: 25, warmUp: 1 / 3 },
  { model: 'dip-vae-i', lambda: 10, lambdaDiagonal: 100 },
  { model: 'qlae', values: 10, quantisation: 10, commitment: 10 },
  { model: 'dip-vae-ii', lambda: 10, lambdaDiagonal: 10 },
  { model: 'info-vae', alpha: 0, lambda: 1000 },
  { model: 'factor-vae', gamma: 6.4 },
  { model: 'vae-gan', alpha: 10, beta: 25, lambda: 30 },
] as const;

/** As `run.json` holds it. */
function written(objective: object): unknown {
  return JSON.parse(
    JSON.stringify(aRun({ config: { ...PAPERS_SETTINGS, objective: objective as { model: 'vae' } } })),
  );
}

describe('a run that is on the disk', () => {
  it.each(WRITTEN)('of $model $sampling is read unchanged', (objective) => {
    const json = written(objective);
    expect(v.parse(RunInfoSchema, json)).toEqual(json);
    const { model: _model, sampling: _sampling, ...weights } = { sampling: undefined, ...objective };
    expect(weightsOf(objective)).toEqual(weights);
    expect(defaultWeights(objective.model)).toEqual(weights);
  });

  it('of every model is among them', () => {
    expect(new Set(WRITTEN.map(({ model }) => model))).toEqual(new Set(modelKinds()));
  });

  it('may leave out weights, which have their defaults then', () => {
    const json = written({ model: 'annealed-vae', capacity: 5 });
    const { objective } = v.parse(RunInfoSchema, json).config;
    expect(objective).toEqual({ model: 'annealed-vae', capacity: 5 });
    expect(weightsOf(objective)).toEqual({ gamma: 1000, capacity: 5, warmUp: 1 / 3 });
  });

  it('may hold what its model does not have, which is passed over', () => {
    const json = written({ model: 'vae', beta: 3, sampling: 'stratified', remark: 'by hand' });
    expect(v.parse(RunInfoSchema, json).config.objective).toEqual({ model: 'vae' });
  });

  it.each(STARTER_FOLDERS)('is read as a starter has it: %s', (folder) => {
    const json: unknown = JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'));
    expect(v.parse(RunInfoSchema, json)).toMatchObject(json as object);
  });

  it.each([
    [{ model: 'wae' }],
    [{}],
    [{ model: 'beta-vae', beta: -1 }],
    [{ model: 'beta-vae', beta: 2e12 }],
    [{ model: 'qlae', values: 2.5 }],
    [{ model: 'qlae', values: 1 }],
    [{ model: 'beta-vae', beta: '5' }],
    [{ model: 'beta-vae', warmUp: 1.5 }],
    [{ model: 'beta-tcvae', sampling: 'none' }],
  ])('is refused with the objective %o', (objective) => {
    expect(v.is(RunInfoSchema, written(objective))).toBe(false);
  });
});

describe.each(modelKinds())('the descriptor of %s', (model) => {
  const { title, formula, rules = [], decoders, klTerms, weights } = descriptorOf(model);

  it('has defaults in their ranges, which break no rule', () => {
    for (const [name, weight] of weightEntries(model)) {
      expect(weight.default, name).toBeGreaterThanOrEqual(weight.minimum);
      expect(weight.default, name).toBeLessThanOrEqual(weight.maximum);
      expect(weight.source.reference, name).not.toBe('');
    }
    expect(brokenRule({ model })).toBeUndefined();
    expect(v.parse(ObjectiveSchema, { model, ...defaultWeights(model) })).toEqual({
      model,
      ...defaultWeights(model),
    });
  });

  it('relates weights that it has, in its formula and in its rules', () => {
    for (const { coefficient } of formula)
      expect(coefficientValue(coefficient, defaultWeights(model))).toBeDefined();
    for (const name of rules.flatMap((rule) => rule.weights)) expect(Object.keys(weights)).toContain(name);
  });

  it('says by its symbols what it minimises where no weight is known', () => {
    for (const [name, weight] of weightEntries(model).filter(([, { kind }]) => kind !== 'part'))
      expect(formulaText({ model }), name).toContain(weight.symbol);
  });

  it('has a posterior exactly where KL is reported', () => {
    expect(klTerms.length > 0).toBe(isVariational({ model }));
    expect(decoders.allowed.every((kind) => v.is(DecoderKindSchema, kind))).toBe(true);
    expect(
      decoders.allowed.length === DecoderKindSchema.options.length || decoders.reason !== undefined,
    ).toBe(true);
  });

  it('has a title of its own', () => {
    expect(objectiveDescriptors().filter((other) => other.title === title)).toHaveLength(1);
  });
});

describe('objectives', () => {
  it('have the paper’s four first', () => {
    expect(papersModels()).toEqual(['ae', 'vae', 'beta-vae', 'beta-tcvae']);
    expect(modelKinds().slice(0, 4)).toEqual(papersModels());
  });

  it('name in a label what tells them from their like, and no default that goes without saying', () => {
    expect(weightLabel({ model: 'vae' })).toBe('');
    expect(weightLabel({ model: 'beta-tcvae', alpha: 1, beta: 20, gamma: 1 })).toBe('β = 20');
    expect(weightLabel({ model: 'beta-tcvae', alpha: 0.2, beta: 1.2, gamma: 1 })).toBe('β = 1.2, α = 0.2');
    expect(weightLabel({ model: 'annealed-vae', gamma: 1000, capacity: 25, warmUp: 0.2 })).toBe(
      'γ = 1000, C = 25',
    );
    expect(weightLabel({ model: 'dip-vae-i', lambda: 5, lambdaDiagonal: 70 })).toBe('λ_od = 5, λ_d = 70');
  });

  it('write a sum of weights that is not known by its symbols', () => {
    expect(formulaText({ model: 'info-vae' })).toBe(
      '‖x − g(z)‖² + (1 − α)·KL( q(z|x) ‖ p(z) ) + (α + λ − 1)·MMD',
    );
  });
});

describe('registering', () => {
  const other = { ...vae, model: 'other-vae' } as const;

  it('reaches the schemas, and leaves them when it is undone', () => {
    expect(v.is(ModelKindSchema, 'other-vae')).toBe(false);
    const undo = registerObjective(other);
    expect(v.is(ModelKindSchema, 'other-vae')).toBe(true);
    expect(v.is(RunInfoSchema, written({ model: 'other-vae' }))).toBe(true);
    expect(isVariational({ model: 'other-vae' as ModelKind })).toBe(true);
    undo();
    expect(v.is(RunInfoSchema, written({ model: 'other-vae' }))).toBe(false);
    expect(() => isVariational({ model: 'other-vae' as ModelKind })).toThrow('no objective other-vae');
  });

  it('takes no name twice, and no weight that would hide the model or its sampling', () => {
    expect(() => registerObjective(vae)).toThrow('vae already');
    const [, weight] = weightEntries('beta-vae')[0]!;
    for (const name of ['model', 'sampling'])
      expect(() => registerObjective({ ...other, weights: { [name as WeightName]: weight } })).toThrow(name);
  });
});
