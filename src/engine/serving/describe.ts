import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { App } from '../../contract/operations/app.ts';
import { diagnose, type Diagnosis } from '../tensorflow/doctor.ts';
import { multipliesBfloat16 } from '../basics/processor.ts';
import type { EngineContext } from './context.ts';
import type { EngineHandlers } from './engine-handlers.ts';

const NVIDIA_GPUS = '/proc/driver/nvidia/gpus';

/** The first GPU's name, as its driver tells it; undefined where it does not. */
function gpuName(): string | undefined {
  try {
    const gpu = readdirSync(NVIDIA_GPUS)[0]!;
    const text = readFileSync(join(NVIDIA_GPUS, gpu, 'information'), 'utf8');
    return /^Model:\s*(.+?)\s*$/m.exec(text)?.[1];
  } catch {
    return undefined;
  }
}

/** What models compute on, in words for a badge. */
export function describeDevice({ tensorflow, cpu }: Diagnosis): App['device'] {
  const bfloat16 = multipliesBfloat16() ?? null;
  if (!tensorflow.found) {
    const { message, hint } = tensorflow;
    const why = hint === null ? message : `${message} ${hint}`;
    return { kind: 'none', label: 'No TensorFlow', whyNotGpu: why, multipliesBfloat16: bfloat16 };
  }
  if (tensorflow.device === 'gpu') {
    return { kind: 'gpu', label: gpuName() ?? 'GPU', whyNotGpu: null, multipliesBfloat16: true };
  }
  return {
    kind: 'cpu',
    label: `CPU, ${cpu.cores} ${cpu.cores === 1 ? 'core' : 'cores'}`,
    whyNotGpu: tensorflow.whyNotGpu,
    multipliesBfloat16: bfloat16,
  };
}

/** What the engine runs on. */
export function describeHandlers({ workspace }: EngineContext): Pick<EngineHandlers, 'engine.describe'> {
  return {
    'engine.describe': async () => ({
      workspace: workspace.root,
      device: describeDevice(await diagnose(workspace.root)),
    }),
  };
}
