import { join } from 'node:path';
import { conditionWidth } from '../../contract/condition.ts';
import { wordsOf } from '../../contract/label-values.ts';
import { isVariational, objectiveTitle, valuesPerDimension, type RunInfo } from '../../contract/run.ts';
import { writeFileAtomic, writeFolderAtomic } from '../../system/atomic.ts';
import type { Workspace } from '../basics/workspace.ts';
import { writeOnnx } from '../files/onnx-messages.ts';
import { OnnxName, onnxModel } from '../models/onnx-graph.ts';
import { readCheckpoint } from './checkpoint.ts';
import { refuseExisting } from './portable.ts';
import { specOfRun } from './spec.ts';
import { openRun } from './store.ts';

/**
 * Exports a run's model to a folder as two ONNX graphs, `encoder.onnx` and `decoder.onnx` ({@link onnxModel}), with a
 * README.md that runs them.
 *
 * @param id - the run's exact id
 * @param out - the folder to create; it must not exist
 */
export async function exportOnnx(workspace: Workspace, id: string, out: string): Promise<RunInfo> {
  const { info, folder } = await openRun(workspace, id);
  refuseExisting(out);
  const spec = specOfRun(info);
  const { weights, statistics } = await readCheckpoint(folder, spec, { moments: 'left-out' });
  const { encoder, decoder } = onnxModel(spec, weights, statistics);
  await writeFolderAtomic(out, async (staging) => {
    await writeFileAtomic(join(staging, 'encoder.onnx'), writeOnnx(encoder));
    await writeFileAtomic(join(staging, 'decoder.onnx'), writeOnnx(decoder));
    await writeFileAtomic(join(staging, 'README.md'), readmeOf(info));
  });
  return info;
}

/** What the graphs take and give, and the lines of Python that run them. */
function readmeOf({ name, config, imageSize, channels, condition, dataset }: RunInfo): string {
  const { latentDim, objective } = config;
  const hasPosteriors = isVariational(objective);
  const values = valuesPerDimension(objective);
  const width = condition && conditionWidth(condition);
  const input = width ? `, "${OnnxName.condition}": condition` : '';
  return [
    `# ${name}`,
    '',
    `${objectiveTitle(objective.model)} with ${latentDim} dimensions, exported by Unravel${dataset ? `, trained on ${dataset.name}` : ''}.`,
    '',
    '| file | input | output |',
    '| --- | --- | --- |',
    `| \`encoder.onnx\` | \`${OnnxName.image}\` float32 [n, ${channels}, ${imageSize}, ${imageSize}] in [0, 1] | ` +
      `\`${OnnxName.mu}\`${hasPosteriors ? ` and \`${OnnxName.logVar}\` (log of the variance)` : ''}${values === undefined ? '' : ` (each one of ${values} learned values)`} float32 [n, ${latentDim}] |`,
    `| \`decoder.onnx\` | \`${OnnxName.z}\` float32 [n, ${latentDim}] | ` +
      `\`${OnnxName.image}\` float32 [n, ${channels}, ${imageSize}, ${imageSize}] in [0, 1] |`,
    '',
    ...(condition && width ? [conditionWords(condition, width), ''] : []),
    '```python',
    'import numpy as np, onnxruntime as ort',
    'encoder, decoder = (ort.InferenceSession(f"{name}.onnx") for name in ("encoder", "decoder"))',
    `image = np.zeros([1, ${channels}, ${imageSize}, ${imageSize}], np.float32)  # your images, values in [0, 1]`,
    ...(width ? [`condition = np.zeros([1, ${width}], np.float32)`] : []),
    `mu = encoder.run(["${OnnxName.mu}"], {"${OnnxName.image}": image${input}})[0]`,
    `decoded = decoder.run(["${OnnxName.image}"], {"${OnnxName.z}": mu${input}})[0]`,
    '```',
    '',
  ].join('\n');
}

/** How a condition is written as numbers. */
function conditionWords(condition: NonNullable<RunInfo['condition']>, width: number): string {
  const { column, type, mean = 0, deviation = 1 } = condition;
  const what = {
    binary: `0 for ${wordsOf(condition)[0]}, 1 for ${wordsOf(condition)[1]}`,
    categorical: `1 in the column of the image's category and 0 elsewhere: ${wordsOf(condition).join(', ')}`,
    continuous: `(value − ${mean}) / ${deviation}`,
  }[type];
  return `Both take \`${OnnxName.condition}\` float32 [n, ${width}] too, the ${column} of each image: ${what}.`;
}
