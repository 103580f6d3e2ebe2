import { parseArgs } from 'node:util';
import { main as fuzz } from '../fuzz/index.ts';
import { createRandom, type Random } from '../../src/engine/basics/random.ts';
import { SoakLog } from './log.ts';
import { sleep, startServer, type Served } from './served.ts';
import { prepareStage, type Stage } from './stage.ts';
import { fillDisk, killOne, sendNonsense } from './trouble.ts';
import { inspectDisk, openEverything, waitForQuiet } from './verdict.ts';
import { beVisitor } from './visitor.ts';

const VISITORS = 3;
/** A visitor stays so long, then another one comes. */
const STAY_MS = 6000;
const ROUND_MS = 60_000;
/** The first part of the time: servers and engines are killed, too. After it they live on, and must stay as they are. */
const ROUGH_PART = 1 / 3;
/**
 * How much a process may grow from the median of its first rounds to the median of its last. An engine's memory moves
 * by some 60 MB up and down from round to round, with the models that happen to be open (at most four of 25 MB) and with
 * what the C library's allocator holds back; 324 MB of it are pages of TensorFlow's library. A leak only goes up.
 */
const MOST_GROWTH_MB = 64;
/** How many rounds a median is taken over, where there are that many. */
const MEDIAN_ROUNDS = 3;

const HELP = `Usage: npm run soak -- [--minutes 15] [--seed N] [--inputs 20000]

First gives edited inputs to every reader (scripts/fuzz.mjs alone does the same). Then lets visitors import, train,
export and remove over a real unravel serve, sends malformed frames, kills processes at random moments and fills the
disk (as root on Linux, where a small one can be mounted), and looks at the end whether everything that is listed opens,
memory stays flat, and nothing lies outside the workspace.
`;

interface Plan {
  readonly stage: Stage;
  readonly random: Random;
  readonly log: SoakLog;
}

/** @returns the exit code: 1 where anything went wrong that must not */
export async function main(argv: string[]): Promise<number> {
  const { values } = parseArgs({
    args: argv,
    options: {
      minutes: { type: 'string', default: '15' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      inputs: { type: 'string', default: '20000' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  if (process.platform !== 'linux') {
    process.stderr.write('A soak needs Linux, where processes and their memory can be seen in /proc.\n');
    return 2;
  }
  const minutes = Number(values.minutes);
  const seed = Number(values.seed);
  if (!(minutes > 0) || !Number.isSafeInteger(seed)) {
    process.stderr.write(HELP);
    return 2;
  }
  const readersFail = (await fuzz(['--inputs', values.inputs, '--seed', values.seed])) !== 0;
  process.stdout.write(`Soak of ${minutes} minutes, seed ${seed}\n`);
  const stage = await prepareStage();
  const log = new SoakLog();
  try {
    await soak({ stage, random: createRandom(seed, 'soak'), log }, minutes * 60_000);
  } catch (error) {
    log.fault(error instanceof Error ? (error.stack ?? error.message) : String(error));
  } finally {
    await stage.remove();
  }
  process.stdout.write(`${log.summary()}\n`);
  process.stdout.write(`${log.faults.length} faults${log.faults.map((fault) => `\n  ${fault}`).join('')}\n`);
  return log.faults.length === 0 && !readersFail ? 0 : 1;
}

async function soak(plan: Plan, totalMs: number): Promise<void> {
  const { stage, log } = plan;
  if (!stage.hasOwnDisk) process.stdout.write('The disk is not filled: that needs root and Linux.\n');
  const before = await stage.fingerprint();
  const start = performance.now();
  await rough(plan, start + totalMs * ROUGH_PART);
  await steady(plan, start + totalMs);
  const served = await startServer(stage);
  const client = await served.connect();
  await waitForQuiet(client);
  await openEverything(client, log);
  client.close();
  await served.stop();
  await inspectDisk(stage, before, log);
}

/** Servers and engines are killed at random moments, and started again. */
async function rough(plan: Plan, until: number): Promise<void> {
  const { stage, random, log } = plan;
  while (performance.now() < until) {
    const served = await startServer(stage);
    const life = Math.min(until, performance.now() + 5000 + random.integer(25_000));
    await crowd(plan, served, life, () =>
      killOne(served, random.uniform() < 0.3 ? 'engine' : 'job', random, log),
    );
    if (random.uniform() < 0.7) {
      await served.kill();
      log.did('kill the server');
    } else {
      await served.stop();
      log.did('stop the server');
    }
    complain(served, log);
  }
}

/** One server and one engine, whose memory is looked at after each round. */
async function steady(plan: Plan, until: number): Promise<void> {
  const { stage, random, log } = plan;
  const served = await startServer(stage);
  const engine = await firstEngine(served);
  const rounds: { server: number; engine: number }[] = [];
  do {
    const end = Math.min(until, performance.now() + ROUND_MS);
    await crowd(plan, served, end, () => killOne(served, 'job', random, log));
    const client = await served.connect();
    await waitForQuiet(client);
    client.close();
    const memory = { server: served.memoryMb(served.pid), engine: served.memoryMb(engine) };
    if (memory.server === undefined || memory.engine === undefined) {
      log.fault('the server or its engine ended by itself');
      break;
    }
    rounds.push({ server: memory.server, engine: memory.engine });
    process.stdout.write(
      `Round ${rounds.length}: server ${memory.server.toFixed(0)} MB, engine ${memory.engine.toFixed(0)} MB\n`,
    );
  } while (performance.now() < until);
  for (const which of ['server', 'engine'] as const) {
    const sizes = rounds.map((round) => round[which]);
    const [first, last] = [median(sizes.slice(0, MEDIAN_ROUNDS)), median(sizes.slice(-MEDIAN_ROUNDS))];
    if (last > first + MOST_GROWTH_MB)
      log.fault(`the ${which} has grown from ${first.toFixed(0)} to ${last.toFixed(0)} MB`);
  }
  await served.stop();
  complain(served, log);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

async function firstEngine(served: Served): Promise<number> {
  for (;;) {
    const [pid] = served.children('engine');
    if (pid !== undefined) return pid;
    await sleep(50);
  }
}

/** Visitors who come and go, nonsense, kills, and a full disk now and then, until a time. */
async function crowd(
  { stage, random, log }: Plan,
  served: Served,
  until: number,
  kill: () => void,
): Promise<void> {
  const isOver = (): boolean => performance.now() >= until;
  const visitors = Array.from({ length: VISITORS }, async (_, i) => {
    for (let visit = 0; !isOver(); visit++) {
      const own = createRandom(random.integer(2 ** 31), i, visit);
      const leaves = performance.now() + own.uniform() * STAY_MS;
      try {
        const client = await served.connect();
        log.did('come and go');
        await beVisitor({ client, random: own, stage, log }, () => isOver() || performance.now() > leaves);
      } catch (error) {
        log.fault(`a visitor could not get in: ${String(error)}`);
        await sleep(1000);
      }
    }
  });
  const trouble = (async () => {
    while (!isOver()) {
      await sleep(1000 + random.integer(4000));
      const kind = random.uniform();
      if (kind < 0.45) kill();
      else if (kind < 0.8) await sendNonsense(served, random, log);
      else await fillDisk(stage, log, 1500);
    }
  })();
  await Promise.all([...visitors, trouble]);
}

/** What a server says on standard error may be a warning in words, and no stack trace. */
function complain(served: Served, log: SoakLog): void {
  const text = served.complaints();
  if (/^\s+at .+:\d+:\d+/m.test(text)) log.fault(`a stack trace on standard error: ${text.slice(-2000)}`);
}
