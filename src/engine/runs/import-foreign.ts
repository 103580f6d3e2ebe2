import { existsSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import * as v from 'valibot';
import { UnravelError } from '../../contract/errors.ts';
import type { ModelKind, RunInfo } from '../../contract/run.ts';
import { readJsonFile } from '../../system/read-file.ts';
import { createRandom } from '../basics/random.ts';
import { VERSION } from '../basics/version.ts';
import type { Workspace } from '../basics/workspace.ts';
import { withWeightFile, type WeightFile } from '../files/weight-file.ts';
import { makeObjective } from '../losses/objectives.ts';
import { convertModel, type ConvertedModel } from '../models/foreign/convert.ts';
import { describeNetwork } from '../models/foreign/describe.ts';
import { KNOWN_TITLES, recognise, type Recognised } from '../models/foreign/known.ts';
import { readMapping, type Mapping } from '../models/foreign/mapping.ts';
import { readSpecs, type Specs } from '../models/foreign/specs.ts';
import { LATENT_FREQUENCIES, type Statistics } from '../models/weights.ts';
import { FrozenNetworks } from '../models/frozen-networks.ts';
import { loadNative } from '../tensorflow/binding.ts';
import { writeCheckpoint } from './checkpoint.ts';
import { createRun, makeRunId } from './store.ts';

/** How a model from elsewhere is imported. */
export interface ForeignOptions {
  /** The run's name; `sourceName` if it is left out. */
  readonly name?: string;
  /** By default the file's name, or its folder's for a file called `model`. */
  readonly sourceName?: string;
  /** The path of a mapping file, for a model whose architecture is not recognised. */
  readonly mapping?: string;
}

/** Number of images that are decoded to measure their range, and the values that show it. */
const MEASURED_IMAGES = 16;
const BELOW_UNIT = -0.1;
const FRACTION_BELOW = 0.02;
const MOST_CONFIG_BYTES = 1_000_000;

/** What pythae writes beside a model. */
const PythaeConfigSchema = v.object({
  name: v.string(),
  beta: v.optional(v.pipe(v.number(), v.finite(), v.minValue(0))),
});

type Objective = RunInfo['config']['objective'];

/** What the files beside the weights tell about the training. */
interface Training {
  readonly objective: Objective;
  readonly description: string;
  readonly specs?: Specs;
}

/**
 * Imports a model that another program trained: a file of weights in safetensors or PyTorch's format. Its architecture is
 * recognised by the names and shapes of its weights, or described by a mapping file.
 *
 * @returns a run that can be explored but not trained further
 * @throws UnravelError when the file is damaged, of an unknown architecture, or contains anything but data
 */
export async function importForeignModel(
  workspace: Workspace,
  path: string,
  options: ForeignOptions = {},
): Promise<RunInfo> {
  const mapping = options.mapping === undefined ? undefined : await readMapping(options.mapping);
  return withWeightFile(path, async (file) => {
    const recognised = mapping ? asRecognised(mapping) : recogniseOrRefuse(file);
    const converted = await convertModel(file, recognised.mapping, { isBurgess: recognised.isBurgess });
    const model = recognised.isRangeUnknown ? withMeasuredRange(converted) : converted;
    const training = await readTraining(path, recognised, model);
    const sourceName = options.sourceName ?? nameOf(path);
    const info = describeRun(options.name ?? sourceName, model, training);
    await createRun(workspace, info, (staging) =>
      writeCheckpoint(staging, {
        weights: model.weights,
        statistics: evenFrequencies(model),
        moments: undefined,
        step: 0,
        epoch: info.epoch,
      }),
    );
    return info;
  });
}

/** How often a quantised model uses its values is not known, so all are taken to be equally frequent. */
function evenFrequencies({ latentDim, valuesPerDimension: values }: ConvertedModel): Statistics {
  if (values === undefined) return new Map();
  const data = new Float32Array(latentDim * values).fill(1 / values);
  return new Map([[LATENT_FREQUENCIES, { shape: [latentDim, values], data }]]);
}

function asRecognised(mapping: Mapping): Recognised {
  return { mapping, isBurgess: false, isRangeUnknown: false };
}

function recogniseOrRefuse({ path, shapes }: WeightFile): Recognised {
  const found = recognise(shapes);
  if (found) return found;
  const [first] = [...shapes].filter(([, shape]) => shape.length > 0);
  const example = first ? `; the first weight without a place is ${first[0]}, [${first[1].join(', ')}]` : '';
  throw new UnravelError('bad-input', `Could not open ${path}: its architecture is not known${example}.`, {
    path,
    hint: `Known are ${KNOWN_TITLES.join(', ')}. Others are opened with a mapping file that lists their layers.`,
    remedy: 'mapping',
  });
}

/** A file's own name; that of its folder for one which every model has. */
function nameOf(path: string): string {
  const own = basename(path, extname(path));
  return own === 'model' || own === 'pytorch_model' ? basename(dirname(path)) || own : own;
}

/**
 * Measures in which range a decoder gives images: [−1, 1] if it gives a noticeable part of its pixels well below 0,
 * otherwise [0, 1].
 */
function withMeasuredRange(model: ConvertedModel): ConvertedModel {
  const { network, latentDim, imageSize, channels, variational, weights } = model;
  if (!network) return model;
  const shape = { architecture: 'burgess', latentDim, imageSize, channels, variational } as const;
  const networks = new FrozenNetworks(describeNetwork(network, shape), weights, new Map());
  try {
    // The first code is the mean of the prior.
    const random = createRandom(1, 'range');
    const z = Float32Array.from({ length: MEASURED_IMAGES * latentDim }, (_, i) =>
      i < latentDim ? 0 : random.normal(),
    );
    const values = networks.decode(z, MEASURED_IMAGES);
    const below = values.reduce((count, value) => count + (value < BELOW_UNIT ? 1 : 0), 0);
    const range = below > FRACTION_BELOW * values.length ? 'signed' : 'unit';
    return { ...model, network: { ...network, range } };
  } finally {
    networks.dispose();
  }
}

async function readTraining(
  path: string,
  { mapping, isBurgess }: Recognised,
  model: ConvertedModel,
): Promise<Training> {
  const folder = dirname(path);
  const specsPath = join(folder, 'specs.json');
  if (isBurgess && mapping.name === 'disentangling-vae' && existsSync(specsPath)) {
    const specs = await readSpecs(specsPath);
    checkSpecs(specs, model, specsPath);
    const description = `disentangling-vae: ${specs.loss ?? 'unknown loss'} on ${specs.dataset ?? 'unknown data'}`;
    return { objective: objectiveOf(specs), description, specs };
  }
  const details = [
    model.ownSize === model.imageSize ? '' : `its own images are ${model.ownSize}×${model.ownSize}`,
    model.network?.range === 'signed' ? 'images from −1 to 1' : '',
  ].filter(Boolean);
  const description = [mapping.name, ...details].join(', ');
  const values = model.valuesPerDimension;
  if (values !== undefined) return { objective: makeObjective('qlae', { values }), description };
  if (!model.variational) return { objective: makeObjective('ae', {}), description };
  return { objective: await pythaeObjective(join(folder, 'model_config.json')), description };
}

/** The objective in pythae's configuration; a VAE's where there is none, or another one than Unravel has. */
async function pythaeObjective(path: string): Promise<Objective> {
  if (!existsSync(path)) return makeObjective('vae', {});
  const config = await readJsonFile(path, {
    schema: PythaeConfigSchema,
    mostBytes: MOST_CONFIG_BYTES,
    followLinks: true,
    otherwise: 'does not describe a model of pythae',
    hint: 'Move it away to open the model without it.',
  });
  return config.name === 'BetaVAEConfig' && config.beta !== undefined
    ? makeObjective('beta-vae', { beta: config.beta })
    : makeObjective('vae', {});
}

/** @throws UnravelError `bad-input` where `specs.json` describes another model than the weights beside it */
function checkSpecs({ img_size, latent_dim }: Specs, model: ConvertedModel, path: string): void {
  const described = [img_size[0], img_size[1], latent_dim].join();
  if (described === [model.channels, model.imageSize, model.latentDim].join()) return;
  throw new UnravelError('bad-input', `Could not use ${path}: it describes another model than the weights.`, {
    path,
    hint: `The weights are those of ${model.latentDim} dimensions and images of ${model.imageSize}×${model.imageSize} with ${model.channels} channels.`,
  });
}

/** The most similar objective. The distribution of the original decoder may be different. */
function objectiveOf({ loss, btcvae_B, betaH_B }: Specs): Objective {
  const model: ModelKind = loss === 'btcvae' ? 'beta-tcvae' : loss === 'betaH' ? 'beta-vae' : 'vae';
  if (model === 'beta-tcvae') return makeObjective(model, { beta: btcvae_B ?? 6 });
  return makeObjective(model, model === 'beta-vae' ? { beta: betaH_B ?? 4 } : {});
}

function describeRun(
  name: string,
  { network, latentDim, imageSize, channels }: ConvertedModel,
  { objective, description, specs }: Training,
): RunInfo {
  return {
    version: 1,
    id: makeRunId(name),
    name,
    created: new Date().toISOString(),
    state: 'imported',
    dataset: null,
    config: {
      objective,
      architecture: 'burgess',
      latentDim,
      epochs: Math.max(1, Math.round(specs?.epochs ?? 1)),
      batchSize: Math.max(2, Math.round(specs?.batch_size ?? 64)),
      learningRate: specs?.lr ?? 5e-4,
      precision: 'full',
      seed: 0,
      heldOutFraction: 0.05,
      checkpointEverySteps: 0,
    },
    ...(network ? { network } : {}),
    imageSize,
    channels,
    epoch: Math.max(0, Math.round(specs?.epochs ?? 0)),
    step: 0,
    versions: { unravel: VERSION, tensorflow: loadNative().version },
    importedFrom: description,
  };
}
