import { join } from 'node:path';
import { UnravelError } from '../../contract/errors.ts';
import { isVariational, objectiveTitle, valuesPerDimension, type RunInfo } from '../../contract/run.ts';
import { writeFileAtomic, writeFolderAtomic } from '../../system/atomic.ts';
import type { Workspace } from '../basics/workspace.ts';
import { writeSafetensors } from '../files/safetensors.ts';
import { torchModel } from '../models/foreign/export-mapping.ts';
import { MAPPING_FILE, type MappingFile } from '../models/foreign/mapping.ts';
import { readCheckpoint } from './checkpoint.ts';
import { refuseExisting } from './portable.ts';
import { specOfRun } from './spec.ts';
import { openRun } from './store.ts';

/**
 * Exports a run's model to a folder as `model.safetensors` in PyTorch's layouts, with `mapping.json`, which lists its
 * layers in order, and a README.md. `importModel` opens the folder again.
 *
 * @param id - the run's exact id
 * @param out - the folder to create; it must not exist
 * @throws UnravelError `bad-input` for a conditional model, or another standard deviation than exp(½s), which a mapping cannot describe
 */
export async function exportSafetensors(workspace: Workspace, id: string, out: string): Promise<RunInfo> {
  const { info, folder } = await openRun(workspace, id);
  refuseExisting(out);
  const spec = specOfRun(info);
  if (info.condition) {
    throw new UnravelError(
      'bad-input',
      `The model of ${info.name} is conditional, which a mapping of layers cannot describe.`,
      { hint: 'Export it as ONNX, or in Unravel’s own format.' },
    );
  }
  if (spec.shape.variational && spec.shape.deviation === 'softplus') {
    throw new UnravelError(
      'bad-input',
      `The standard deviation of ${info.name}’s posterior is softplus(exp(s)), which a mapping of layers cannot describe.`,
      { hint: 'Export it as ONNX, or in Unravel’s own format.' },
    );
  }
  const { weights, statistics } = await readCheckpoint(folder, spec, { moments: 'left-out' });
  const { tensors, mapping } = torchModel(spec, weights, statistics, info.network?.name ?? info.name);
  await writeFolderAtomic(out, async (staging) => {
    await writeSafetensors(join(staging, 'model.safetensors'), tensors, { metadata: { format: 'pt' } });
    await writeFileAtomic(join(staging, MAPPING_FILE), `${JSON.stringify(mapping, undefined, 2)}\n`);
    await writeFileAtomic(join(staging, 'README.md'), readmeOf(info, mapping));
  });
  return info;
}

/** What the files are, and the lines of Python that read them. */
function readmeOf({ name, config, dataset }: RunInfo, { image, posterior, decoder }: MappingFile): string {
  const { latentDim, objective } = config;
  const { size, channels, range } = image;
  return [
    `# ${name}`,
    '',
    `${objectiveTitle(objective.model)} with ${latentDim} dimensions, exported by Unravel${dataset ? `, trained on ${dataset.name}` : ''}.`,
    '',
    `\`model.safetensors\` has the weights in PyTorch’s layouts, with batch norms folded into the filters: a convolution’s`,
    '`[out, in, k, k]`, a transposed one’s `[in, out, k, k]`, a dense layer’s `[out, in]`. `mapping.json` lists the layers of',
    'encoder and decoder in order with the names of their weights, with which Unravel opens this folder again.',
    '',
    `- Images are [n, ${channels}, ${size}, ${size}] with values from ${range === '-1..1' ? '−1 to 1' : '0 to 1'}.`,
    isVariational(objective) && 'both' in posterior
      ? `- \`${posterior.both}\` gives ${latentDim} mu, then ${latentDim} log variances.`
      : `- The last layer of the encoder gives the code, ${latentDim} numbers.`,
    ...('values' in posterior
      ? [
          `- \`${posterior.values}\`, [${latentDim}, ${valuesPerDimension(objective)}], has the learned values of each of them: a number becomes the nearest`,
          '  value of its row before it is decoded.',
        ]
      : []),
    ...(decoder.at(-1)?.layer === 'sigmoid'
      ? []
      : ['- The decoder ends linearly: values outside that range are cut off at its limits.']),
    '- `flatten` stands nowhere: a dense layer flattens what it gets, channels first.',
    '- The padding `same` is TensorFlow’s: of p = max(0, (ceil(n / stride) − 1) · stride + k − n) pixels, ⌊p / 2⌋ stand',
    '  before the image and the others behind it. In PyTorch: `F.pad`, and a convolution without padding; of a transposed',
    '  convolution’s result as many pixels are cut off.',
    '',
    '```python',
    'import json',
    'from safetensors.torch import load_file',
    'weights = load_file("model.safetensors")',
    'mapping = json.load(open("mapping.json"))',
    'for layer in mapping["encoder"] + mapping["decoder"]:',
    '    print(layer, weights[layer["weights"] + ".weight"].shape if "weights" in layer else "")',
    '```',
    '',
  ].join('\n');
}
