import { Command } from 'commander';
import { VERSION } from '../engine/basics/version.ts';
import { addAxesCommand } from './commands/axes.ts';
import { addDirectionCommand } from './commands/direction.ts';
import { addDataCommands } from './commands/data.ts';
import { addDecodeCommand } from './commands/decode.ts';
import { addDoctorCommand } from './commands/doctor.ts';
import { addEncodeCommand } from './commands/encode.ts';
import { addEvaluateCommand } from './commands/evaluate.ts';
import { addExportModelCommand } from './commands/export-model.ts';
import { addExportPageCommand } from './commands/export-page.ts';
import { addFiguresCommand } from './commands/figures.ts';
import { addImportCommand } from './commands/import.ts';
import { addImportCodesCommand } from './commands/import-codes.ts';
import { addImportModelCommand } from './commands/import-model.ts';
import { addInterpolateCommand } from './commands/interpolate.ts';
import { addReconstructCommand } from './commands/reconstruct.ts';
import { addResumeCommand } from './commands/resume.ts';
import { addRunsCommands } from './commands/runs.ts';
import { addSampleCommand } from './commands/sample.ts';
import { addSampleDataCommand } from './commands/sample-data.ts';
import { addServeCommand } from './commands/serve.ts';
import { addSharpenCommand } from './commands/sharpen.ts';
import { addSharpnessCommand } from './commands/sharpness.ts';
import { addStartersCommand } from './commands/starters.ts';
import { addSweepCommand } from './commands/sweep.ts';
import { addTrainCommand } from './commands/train.ts';
import { addTraverseCommand } from './commands/traverse.ts';
import type { Streams } from './output.ts';
import type { Perform } from './session.ts';

const commands: readonly ((program: Command, perform: Perform) => void)[] = [
  addSampleDataCommand,
  addStartersCommand,
  addImportCommand,
  addDataCommands,
  addTrainCommand,
  addResumeCommand,
  addSharpenCommand,
  addRunsCommands,
  addImportModelCommand,
  addImportCodesCommand,
  addExportModelCommand,
  addExportPageCommand,
  addTraverseCommand,
  addSampleCommand,
  addReconstructCommand,
  addInterpolateCommand,
  addEncodeCommand,
  addDecodeCommand,
  addEvaluateCommand,
  addAxesCommand,
  addDirectionCommand,
  addSharpnessCommand,
  addFiguresCommand,
  addSweepCommand,
  addServeCommand,
  addDoctorCommand,
];

const firstSteps = `
First steps:
  $ unravel sample-data faces
  $ unravel train faces --model beta-tcvae --architecture burgess --latent 10 --epochs 10 --name first
  $ unravel traverse first --labels --out traversal.gif`;

/**
 * The parser with every command. It throws CommanderError instead of ending the process, also after it has shown help
 * or the version (with exit code 0 then). The caller reports the errors.
 */
export function buildProgram(streams: Streams, perform: Perform): Command {
  const program = new Command('unravel')
    .description('See what a variational autoencoder has learned.')
    .addHelpText('after', firstSteps)
    .version(VERSION, '-V, --version', 'show the version')
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [command]', 'show the help of a command')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void streams.stdout.write(text),
      writeErr: (text) => void streams.stderr.write(text),
      outputError: () => undefined,
    });
  for (const add of commands) add(program, perform);
  return program;
}
