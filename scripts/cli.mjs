import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { SetupError } from './setup/failure.mjs';
import { seconds } from './setup/progress.mjs';
import { cloneRoot } from './setup.mjs';

/**
 * Runs one command of the CLI.
 *
 * @param {string[]} args
 * @param {(event: any) => void} [onEvent]
 * @returns {Promise<any>} its last event, "done"
 */
export async function unravel(args, onEvent = () => undefined) {
  const script = join(cloneRoot, 'scripts', 'unravel.mjs');
  const child = spawn(process.execPath, [script, ...args, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  let last;
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith('{')) continue;
    last = JSON.parse(line);
    onEvent(last);
  }
  await ended;
  if (last?.event === 'done') return last;
  const reason = [last?.message, last?.hint].filter(Boolean).join(' ');
  throw new SetupError(
    'failed',
    reason || `The command "unravel ${args.join(' ')}" ended without an answer.`,
  );
}

/**
 * Shows a training's events: one line that is rewritten on a terminal, a line every few epochs elsewhere.
 *
 * @param {number} epochs - how many there will be
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
