import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { describePreset, presetConfig, PresetNameSchema } from '../../src/contract/presets.ts';
import { MOST_EPOCHS, PAPERS_SETTINGS, TrainingConfigSchema } from '../../src/contract/run.ts';
import { trainingLength } from '../../src/contract/training-length.ts';
import { makeObjective } from '../../src/engine/losses/objectives.ts';
import { describeModel } from '../../src/engine/models/describe-model.ts';
import { parameterCount } from '../../src/engine/models/weights.ts';

const DSPRITES = 737_280;

describe.each(PresetNameSchema.options)('the preset %s', (name) => {
  const { objectives, steps, config } = describePreset(name);

  it('has settings that every one of its models can have', () => {
    for (const { model, ...weights } of objectives) {
      const objective = makeObjective(model, weights);
      const whole = { ...presetConfig(name, DSPRITES, PAPERS_SETTINGS), objective };
      expect(v.parse(TrainingConfigSchema, whole)).toEqual(whole);
    }
  });

  it('has layers that fit its images, and its number of steps or the rest of an epoch more', () => {
    const channels = name === 'dsprites-chen' || name === 'dsprites-locatello' ? 1 : 3;
    const shape = { ...config, imageSize: 64, channels, variational: true } as const;
    expect(parameterCount(describeModel(shape))).toBeGreaterThan(100_000);
    for (const images of [5000, DSPRITES]) {
      const full = { ...presetConfig(name, images, PAPERS_SETTINGS) };
      const length = trainingLength(images, full);
      expect(length.steps).toBeGreaterThanOrEqual(steps);
      expect(length.steps - length.stepsPerEpoch).toBeLessThan(steps);
    }
  });
});

it('Locatello’s network has the weights of disentanglement_lib’s', () => {
  const { config } = describePreset('dsprites-locatello');
  const spec = describeModel({ ...config, imageSize: 64, channels: 1, variational: true });
  // Convolutions 544 + 16,416 + 8,256 + 16,448, dense 262,400 and 5,140; dense 2,816 and 263,168,
  // transposed convolutions 65,600 + 32,800 + 16,416 + 513.
  expect(parameterCount(spec)).toBe(690_517);
});

it('a preset asks of very few images for no more epochs than a training may have', () => {
  const whole = { ...presetConfig('celeba-burgess', 50, PAPERS_SETTINGS), objective: { model: 'vae' } };
  expect(v.parse(TrainingConfigSchema, whole).epochs).toBe(MOST_EPOCHS);
});
