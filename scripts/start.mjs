#!/usr/bin/env node
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ensureReady } from './launch.mjs';
import { SetupError } from './setup/failure.mjs';
import { progressLines, seconds } from './setup/progress.mjs';
import { cloneRoot, runScript } from './setup.mjs';

const faces = 3000;
const epochs = 25;

/**
 * `npm start`, until there is a window: draws sample faces, trains a small β-TCVAE on them for about a minute and
 * writes a GIF of what its dimensions have learned. The last line, on standard output, is the GIF's path.
 */
await runScript(async () => {
  await ensureReady();
  const progress = progressLines((text) => process.stderr.write(text));
  const workspace = process.argv.slice(2);

  const { dataset } = await progress.step(`drawing ${faces} faces`, () =>
    unravel(['sample-data', 'faces', '--count', String(faces), ...workspace]),
  );
  // The paper's β = 20 and rate are for 200,000 photographs: on so few, simple images they need far longer.
  const model = [
    '--model',
    'beta-tcvae',
    '--architecture',
    'burgess',
    '--latent',
    '10',
    '--lr',
    '1e-3',
    '--beta',
    '4',
  ];
  process.stderr.write('▸ training a β-TCVAE on them\n');
  const { run } = await unravel(
    ['train', dataset, ...model, '--epochs', String(epochs), '--name', 'First steps', ...workspace],
    showTraining(),
  );
  const gif = join(cloneRoot, 'out', 'first-traversal.gif');
  mkdirSync(join(cloneRoot, 'out'), { recursive: true });
  await progress.step('drawing its six most active dimensions, each pulled from −3 to 3', () =>
    unravel(['traverse', run, '--top', '6', '--labels', '--out', gif, ...workspace]),
  );
  process.stdout.write(`${gif}\n`);
});

/**
 * Runs one command of the CLI.
 *
 * @param {string[]} args
 * @param {(event: any) => void} [onEvent]
 * @returns {Promise<any>} its last event, "done"
 */
async function unravel(args, onEvent = () => undefined) {
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

/** One line that is rewritten on a terminal, a line every few epochs elsewhere. */
function showTraining() {
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
