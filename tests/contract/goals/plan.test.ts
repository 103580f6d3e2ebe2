import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import type { ArchitectureName } from '../../../src/contract/architecture.ts';
import { leastSteps, tooFewSteps } from '../../../src/contract/goals/few-steps.ts';
import { describeGoal, GoalSchema } from '../../../src/contract/goals/goal.ts';
import { expectTraining, planGoal, type GoalFacts } from '../../../src/contract/goals/plan.ts';
import { IMAGE_SIZES, type ImageSize } from '../../../src/contract/image-size.ts';
import { papersModels, PAPERS_SETTINGS, TrainingConfigSchema } from '../../../src/contract/run.ts';
import { trainingLength } from '../../../src/contract/training-length.ts';
import { makeObjective } from '../../../src/engine/losses/objectives.ts';

const twoCores = { kind: 'cpu', multipliesBfloat16: true } as const;

function facts(changes: Partial<GoalFacts> = {}): GoalFacts {
  return { images: 300, imageSize: 64, channels: 3, processor: twoCores, ...changes };
}

const FITTED = ['quick', 'pictures', 'disentangle'] as const;

const anyFacts = fc.record({
  images: fc.integer({ min: 4, max: 300_000 }),
  imageSize: fc.constantFrom(...IMAGE_SIZES),
  channels: fc.constantFrom(1 as const, 3 as const),
  processor: fc.record({
    kind: fc.constantFrom('cpu' as const, 'gpu' as const),
    multipliesBfloat16: fc.constantFrom(true, false, null),
  }),
  measuredRate: fc.option(
    fc.double({ min: 0.1, max: 100_000, noNaN: true }).map((rate) => () => rate),
    { nil: () => undefined },
  ),
});

describe('planGoal', () => {
  it('makes complete settings that learn something, whatever the images, the processor and its speed', () => {
    fc.assert(
      fc.property(anyFacts, fc.constantFrom(...FITTED), (given, goal) => {
        const { trainings } = planGoal(goal, given);
        expect(trainings).toHaveLength(1);
        const [{ config, steps, seconds }] = trainings as [(typeof trainings)[0]];
        expect(v.safeParse(TrainingConfigSchema, config).success).toBe(true);
        expect(makeObjective(config.objective.model, weights(config.objective))).toEqual(config.objective);
        expect(tooFewSteps(given.images, config)).toBeUndefined();
        expect(steps).toBe(trainingLength(given.images, config).steps);
        expect(seconds).toBeGreaterThan(0);
      }),
    );
  });

  it('keeps to the time of the goal where there is enough of it for a useful training', () => {
    for (const goal of FITTED) {
      for (const images of [100, 300, 1000, 8000, 20_000]) {
        const { seconds } = planGoal(goal, facts({ images }));
        expect(seconds, `${goal} ${images}`).toBeLessThanOrEqual(1.25 * describeGoal(goal).budgetSeconds!);
      }
    }
  });

  it('gives the time to as many epochs as fit at the measured speed', () => {
    const at = (rate: number) =>
      planGoal('quick', facts({ images: 8000, measuredRate: () => rate })).trainings[0]!;
    const [slow, fast] = [at(200), at(400)];
    expect(fast.config.epochs).toBeGreaterThan(slow.config.epochs);
    expect([slow.isMeasured, slow.imagesPerSecond]).toEqual([true, 200]);
    for (const { seconds, config } of [slow, fast]) {
      expect(Math.abs(seconds - 120)).toBeLessThanOrEqual(seconds / config.epochs / 2);
    }
  });

  it('gives small data small batches and many epochs', () => {
    const [few, many] = [300, 20_000].map((images) => planGoal('quick', facts({ images })).trainings[0]!);
    expect(few!.config.batchSize).toBeLessThan(many!.config.batchSize);
    expect(few!.config.epochs).toBeGreaterThan(20);
    expect(many!.config.epochs).toBeLessThan(5);
    expect(few!.config.heldOutFraction).toBeGreaterThan(many!.config.heldOutFraction);
  });

  it('does not pass over a few images more often than is useful, however long it may take', () => {
    const { trainings, seconds } = planGoal('pictures', facts({ measuredRate: () => 10_000 }));
    expect(trainings[0]!.config.epochs).toBe(100);
    expect(seconds).toBeLessThan(1800);
  });

  it('computes in mixed precision only where the processor gains by it', () => {
    const precision = (processor: GoalFacts['processor']) =>
      planGoal('quick', facts({ processor })).trainings[0]!.config.precision;
    expect(precision(twoCores)).toBe('mixed');
    expect(precision({ kind: 'cpu', multipliesBfloat16: false })).toBe('full');
    expect(precision({ kind: 'cpu', multipliesBfloat16: null })).toBe('full');
  });

  it('takes the faster architecture where one epoch of the other is beyond the time', () => {
    const architecture = (images: number) =>
      planGoal('quick', facts({ images })).trainings[0]!.config.architecture;
    expect(architecture(8000)).toBe('paper');
    expect(architecture(202_599)).toBe('burgess');
  });

  it.each(IMAGE_SIZES)(
    'keeps to its time for images of %i pixels, or learns at least something',
    (imageSize) => {
      for (const goal of FITTED) {
        const of = facts({ images: 8000, imageSize });
        const { trainings, seconds } = planGoal(goal, of);
        const { config, imagesPerSecond, steps } = trainings[0]!;
        const least = 3 * leastSteps(config);
        expect(imagesPerSecond).toBeGreaterThan(5);
        // No epoch more than the fewest that a model needs, where they take longer than the goal has.
        const isAtLeast = steps - steps / config.epochs < least;
        if (seconds > 1.25 * describeGoal(goal).budgetSeconds!) expect(isAtLeast).toBe(true);
      }
    },
  );

  it('expects a step on larger images to take longer, and most for the network whose layers are all alike', () => {
    const rate = (architecture: ArchitectureName, imageSize: ImageSize) => {
      const config = {
        ...PAPERS_SETTINGS,
        architecture,
        batchSize: 32,
        objective: { model: 'vae' } as const,
      };
      return expectTraining(config, facts({ imageSize })).imagesPerSecond;
    };
    for (const [small, large] of [
      [64, 128],
      [128, 256],
    ] as const) {
      expect(rate('paper', small) / rate('paper', large)).toBeCloseTo(2, 0);
      expect(rate('burgess', small) / rate('burgess', large)).toBeGreaterThan(2.5);
    }
  });

  it('keeps changes, and fits the epochs to them', () => {
    const base = planGoal('quick', facts({ images: 8000 })).trainings[0]!.config;
    const { config } = planGoal('quick', facts({ images: 8000 }), {
      architecture: 'burgess',
      latentDim: 6,
    }).trainings[0]!;
    expect(config).toMatchObject({ architecture: 'burgess', latentDim: 6, precision: 'full' });
    expect(config.epochs).toBeGreaterThan(base.epochs);
    expect(planGoal('quick', facts(), { epochs: 3 }).trainings[0]!.config.epochs).toBe(3);
  });

  it('has the paper’s four models with the paper’s settings, whatever the images', () => {
    const { trainings } = planGoal('paper', facts());
    expect(trainings.map(({ config }) => config)).toEqual(
      papersModels().map((model) => ({ ...PAPERS_SETTINGS, objective: makeObjective(model, {}) })),
    );
    expect(planGoal('paper', facts(), { objective: { model: 'vae' } }).trainings).toHaveLength(1);
  });

  it('has a title and an explanation for each goal', () => {
    expect(GoalSchema.options.map((goal) => describeGoal(goal).title)).toEqual([
      'Quick look',
      'Good pictures',
      'Disentangle',
      'The paper’s settings',
    ]);
  });
});

describe('tooFewSteps', () => {
  const paper = { ...PAPERS_SETTINGS, objective: { model: 'vae' } as const };

  it('warns of the paper’s settings on 300 photographs, and not on the paper’s images', () => {
    expect(tooFewSteps(300, paper)).toEqual({
      steps: 60,
      enough: { batchSize: 16, learningRate: 1e-4, epochs: 30, steps: 510 },
    });
    expect(tooFewSteps(202_599, paper)).toBeUndefined();
  });

  it('proposes settings that it does not warn of, and that change as little as they can', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 4, max: 10_000 }),
        fc.integer({ min: 2, max: 4096 }),
        fc.integer({ min: 1, max: 40 }),
        fc.constantFrom('paper' as const, 'burgess' as const),
        fc.double({ min: 1e-9, max: 0.01, noNaN: true }),
        (images, batchSize, epochs, architecture, learningRate) => {
          const config = { ...paper, batchSize, epochs, architecture, learningRate };
          const few = tooFewSteps(images, config);
          if (!few) return;
          const { steps, ...changes } = few.enough;
          expect(tooFewSteps(images, { ...config, ...changes })).toBeUndefined();
          expect(trainingLength(images, { ...config, ...changes }).steps).toBe(steps);
          expect(changes.batchSize).toBeLessThanOrEqual(batchSize);
          expect(changes.epochs).toBeGreaterThanOrEqual(epochs);
          expect(v.safeParse(TrainingConfigSchema, { ...config, ...changes }).success).toBe(true);
        },
      ),
    );
  });
});

function weights({ model: _model, ...others }: { readonly model: string }): object {
  return others;
}
