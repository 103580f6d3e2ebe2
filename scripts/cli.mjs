import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { SetupError } from './setup/failure.mjs';
import { seconds } from './setup/progress.mjs';
import { cloneRoot } from './setup.mjs';
import { parseJson } from './setup/json.mjs';

/**
 * The last line of a command with `--json` that went well; of what it holds, what the scripts read.
 *
 * @typedef {object} Done
 * @property {'done'} event
 * @property {string} dataset - of commands that make one
 * @property {string} run - of commands that train
 * @property {{ config: import('./starters/settings.mjs').Settings }[]} trainings - of `train --dry-run`
 * @property {number} step - of `evaluate`: after which its model's checkpoint was written
 * @property {{ mig: import('./experiment/carried-table.mjs').Mig, [score: string]: import('./experiment/sprites/table.mjs').Score }} metrics - of `evaluate --metrics mig`
 */

/**
 * A model of a sweep that was trained and measured.
 *
 * @typedef {{ event: 'trial', name: string, run: string, title: string, beta: number | null, seed: number, failure: string | null }} Trial
 */

/**
 * A line of a command with `--json`.
 *
 * @typedef {Done
 *   | Trial
 *   | { event: 'failed', message: string, hint: string | null }
 *   | { event: 'warning', message: string }
 *   | { event: 'dataset', dataset: string, name: string, images: number }
 *   | { event: 'run' } & import('./experiment/sprites/trials.mjs').RunLine
 *   | { event: 'started', run: string }
 *   | { event: 'checkpoint', step: number }
 *   | { event: 'epoch', epoch: number, heldOut: { reconstruction: number, kl: number } }
 *   | { event: 'step', epoch: number, imagesPerSecond: number, secondsLeft?: number }} CliEvent
 */

/**
 * Runs one command of the CLI.
 *
 * @param {string[]} args
 * @param {(event: CliEvent) => void} [onEvent]
 * @returns {Promise<Done>} its last event
 */
export async function unravel(args, onEvent = () => undefined) {
  const script = join(cloneRoot, 'scripts', 'unravel.mjs');
  const child = spawn(process.execPath, [script, ...args, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  /** @type {CliEvent | undefined} */
  let last;
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith('{')) continue;
    last = /** @type {CliEvent} */ (parseJson(line));
    onEvent(last);
  }
  await ended;
  if (last?.event === 'done') return last;
  const reason = last?.event === 'failed' ? [last.message, last.hint].filter(Boolean).join(' ') : '';
  throw new SetupError(
    'failed',
    reason || `The command "unravel ${args.join(' ')}" ended without an answer.`,
  );
}

/**
 * Shows a training's events: one line that is rewritten on a terminal, a line every few epochs elsewhere.
 *
 * @param {number} epochs - how many there will be
 * @returns {(event: CliEvent) => void}
 */
export function showTraining(epochs) {
  const terminal = process.stderr.isTTY;
  let heldOut = '';
  return (event) => {
    if (event.event === 'warning') process.stderr.write(`${terminal ? '\r\x1b[K' : ''}  ${event.message}\n`);
    if (event.event === 'done') process.stderr.write(terminal ? '\r\x1b[K' : '');
    if (event.event === 'epoch') {
      heldOut = `, squared error ${event.heldOut.reconstruction.toFixed(0)} + KL ${event.heldOut.kl.toFixed(1)} on new faces`;
      if (!terminal && event.epoch % 5 === 0)
        process.stderr.write(`  epoch ${event.epoch} of ${epochs}${heldOut}\n`);
    }
    if (terminal && event.event === 'step') {
      const left = event.secondsLeft === undefined ? '' : `, ${seconds(event.secondsLeft * 1000)} left`;
      const speed = `${event.imagesPerSecond.toFixed(0)} faces a second`;
      process.stderr.write(`\r\x1b[K  epoch ${event.epoch} of ${epochs}, ${speed}${left}${heldOut}`);
    }
  };
}
