import type { Command } from 'commander';
import type { Diagnosis, Trouble } from '../../engine/tensorflow/doctor.ts';
import { addCommand } from '../command.ts';
import { bytes, listing } from '../format.ts';
import { commandHint } from '../hints.ts';
import type { Perform, SharedOptions } from '../session.ts';

function adviceFor({ message, hint, remedy }: Trouble): string {
  const advice = commandHint({ hint: hint ?? undefined, remedy });
  return advice === undefined ? message : `${message} ${advice}`;
}

function capabilities({ avx512Bf16, amxBf16 }: Diagnosis['cpu']): string {
  if (avx512Bf16 === null && amxBf16 === null) return 'it is not known whether it multiplies bfloat16';
  return avx512Bf16 === true || amxBf16 === true
    ? 'multiplies bfloat16, so --precision mixed is faster'
    : 'does not multiply bfloat16, so --precision mixed is not faster';
}

/** The diagnosis, one fact per line. */
function describe({ node, cpu, memory, tensorflow, electron, workspace }: Diagnosis): string[] {
  const device =
    tensorflow.found &&
    (tensorflow.device === 'gpu' ? 'on the GPU' : `on the CPU: ${tensorflow.whyNotGpu ?? ''}`);
  const place = workspace.exists
    ? workspace.path
    : `${workspace.path} (will be created when something is stored)`;
  return listing([
    ['Node', `${node.version} on ${node.platform}, ${node.arch}`],
    ['Processor', `${cpu.model}, ${cpu.cores} threads; ${capabilities(cpu)}`],
    ['Memory', `${bytes(memory.freeBytes)} free of ${bytes(memory.totalBytes)}`],
    ['TensorFlow', tensorflow.found ? `${tensorflow.version} ${device || ''}` : adviceFor(tensorflow)],
    ['Electron', electron.found ? (electron.version ?? electron.path) : adviceFor(electron)],
    ['Workspace', workspace.writable ? place : `${place}: writing there is not allowed`],
    ['Free disk', workspace.freeBytes === null ? 'not known' : bytes(workspace.freeBytes)],
  ]);
}

/** `unravel doctor`: checks the machine and reports what is missing. */
export function addDoctorCommand(program: Command, perform: Perform): void {
  addCommand(program, 'doctor', {
    summary: 'check this machine and report what is missing',
    examples: ['unravel doctor'],
  }).action((options: SharedOptions) =>
    perform(options, async ({ workspace, reporter }) => {
      const { diagnose } = await import('../../engine/tensorflow/doctor.ts');
      const diagnosis = await diagnose(workspace.root);
      const ready = diagnosis.tensorflow.found && diagnosis.workspace.writable;
      const verdict = ready ? 'Ready to train.' : 'Not ready: see above.';
      reporter.done({ ready, ...diagnosis }, ...describe(diagnosis), '', verdict);
    }),
  );
}
