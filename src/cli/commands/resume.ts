import type { Command } from 'commander';
import { addCommand } from '../command.ts';
import { describeObjective } from '../describe-run.ts';
import { findRun } from '../find.ts';
import { counted } from '../format.ts';
import { decimalNumber, wholeNumber } from '../parse.ts';
import type { Perform, SharedOptions } from '../session.ts';
import { continuation } from '../training-config.ts';
import { reportSharpened } from '../sharpening-report.ts';
import { followTraining, reportTrained, TENSORBOARD } from '../training-outcome.ts';

interface ResumeOptions extends SharedOptions {
  readonly epochs?: number;
  readonly lr?: number;
  readonly tensorboard?: string;
}

/** `unravel resume`: continues a training that was interrupted, or one that is done. */
export function addResumeCommand(program: Command, perform: Perform): void {
  addCommand(program, 'resume <run>', {
    summary: 'continue an interrupted training, or train a model further',
    details:
      'On a CPU the result of an interrupted training is bit for bit that of an uninterrupted one. A training that is done goes on with more epochs. A schedule of β, or of the capacity, goes by the epochs that it began with; one of the learning rate begins anew.',
    examples: [
      'unravel resume vae-on-celeba-3f2a',
      'unravel resume vae-on-celeba-3f2a --epochs 60 --lr 0.00005',
    ],
  })
    .option('--epochs <number>', 'number of epochs in all, with those that are done', wholeNumber())
    .option('--lr <rate>', "Adam's learning rate from now on", decimalNumber())
    .option('--tensorboard <folder>', TENSORBOARD)
    .action((name: string, { tensorboard, epochs, lr, ...shared }: ResumeOptions) =>
      perform(shared, async (session) => {
        const changes = continuation({ epochs, lr });
        const { reporter, workspace, signal } = session;
        const { info } = await findRun(session, name);
        const { resume } = await import('../../engine/training/train.ts');
        const config = { ...info.config, ...changes };
        reporter.say(
          `Resuming the ${describeObjective(config.objective)} ${info.name}: ` +
            `${counted(info.epoch, 'epoch')} of ${config.epochs} complete.`,
        );
        const done = await followTraining(
          reporter,
          config,
          (onEvent) => resume(workspace, info.id, { signal, changes, onEvent }),
          tensorboard,
        );
        if (done.sharpening) await reportSharpened(session, done);
        else await reportTrained(session, done);
      }),
    );
}
