import type { Command } from 'commander';
import { addCommand } from '../command.ts';
import { describeObjective } from '../describe-run.ts';
import { findRun } from '../find.ts';
import { counted } from '../format.ts';
import type { Perform, SharedOptions } from '../session.ts';
import { followTraining, reportTrained, TENSORBOARD } from '../training-outcome.ts';

interface ResumeOptions extends SharedOptions {
  readonly tensorboard?: string;
}

/** `unravel resume`: continues an interrupted training. */
export function addResumeCommand(program: Command, perform: Perform): void {
  addCommand(program, 'resume <run>', {
    summary: 'continue an interrupted training',
    details: 'On a CPU the result is bit for bit that of an uninterrupted run.',
    examples: ['unravel resume vae-on-celeba-3f2a'],
  })
    .option('--tensorboard <folder>', TENSORBOARD)
    .action((name: string, { tensorboard, ...shared }: ResumeOptions) =>
      perform(shared, async (session) => {
        const { reporter, workspace, signal } = session;
        const { info } = await findRun(session, name);
        const { resume } = await import('../../engine/training/train.ts');
        reporter.say(
          `Resuming the ${describeObjective(info.config.objective)} ${info.name}: ` +
            `${counted(info.epoch, 'epoch')} of ${info.config.epochs} complete.`,
        );
        const done = await followTraining(
          reporter,
          info.config,
          (onEvent) => resume(workspace, info.id, { signal, onEvent }),
          tensorboard,
        );
        await reportTrained(session, done);
      }),
    );
}
