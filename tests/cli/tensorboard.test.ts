import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import protobuf from 'protobufjs/light.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { crc32c, EventFile, maskedCrc } from '../../src/engine/files/event-file.ts';
import { openDataset } from '../../src/engine/data/store.ts';
import { createSampleFaces } from '../../src/engine/data/sample.ts';
import { METRICS_FILE, runFolder } from '../../src/engine/runs/store.ts';
import { makeObjective } from '../../src/engine/losses/objectives.ts';
import { defaultConfig } from '../../src/engine/training/config.ts';
import { train } from '../../src/engine/training/train.ts';
import { makeScratch, type Scratch } from '../engine/data/workspace.ts';
import { lastLine, runHere } from './run-cli.ts';

let scratch: Scratch;
beforeEach(async () => {
  scratch = await makeScratch();
});
afterEach(() => scratch.remove());

interface Event {
  readonly step: number;
  readonly fileVersion?: string;
  readonly scalars: Record<string, number>;
}

/** Fields of wire format, read without the messages that wrote them: number and value of each. */
function fieldsOf(bytes: Uint8Array): [number, number | Uint8Array][] {
  const reader = protobuf.Reader.create(bytes);
  const fields: [number, number | Uint8Array][] = [];
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    const wire = tag & 7;
    const value =
      wire === 0
        ? Number(reader.int64())
        : wire === 1
          ? reader.double()
          : wire === 2
            ? reader.bytes()
            : reader.float();
    fields.push([tag >>> 3, value]);
  }
  return fields;
}

/** Reads an event file and checks every checksum. */
async function readEvents(path: string): Promise<Event[]> {
  const bytes = await readFile(path);
  const events: Event[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = Number(bytes.readBigUInt64LE(at));
    expect(bytes.readUInt32LE(at + 8)).toBe(maskedCrc(bytes.subarray(at, at + 8)));
    const data = bytes.subarray(at + 12, at + 12 + length);
    expect(bytes.readUInt32LE(at + 12 + length)).toBe(maskedCrc(data));
    at += 16 + length;
    const fields = new Map(fieldsOf(data));
    const values = fields.has(5) ? fieldsOf(fields.get(5) as Uint8Array) : [];
    const scalars = values.map(([, value]) => {
      const own = new Map(fieldsOf(value as Uint8Array));
      return [Buffer.from(own.get(1) as Uint8Array).toString(), own.get(2) as number] as const;
    });
    const version = fields.get(3) as Uint8Array | undefined;
    events.push({
      step: (fields.get(2) as number | undefined) ?? 0,
      ...(version && { fileVersion: Buffer.from(version).toString() }),
      scalars: Object.fromEntries(scalars),
    });
  }
  return events;
}

describe('event files', () => {
  it('have the checksums of RFC 3720, masked as TFRecord has them', () => {
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(maskedCrc(Buffer.from('123456789'))).toBe(
      (((0xe3069283 >>> 15) | (0xe3069283 << 17)) + 0xa282ead8) >>> 0,
    );
  });

  it('say what cannot be written', async () => {
    const file = join(scratch.workspace.root, 'taken');
    await mkdir(scratch.workspace.root, { recursive: true });
    await writeFile(file, '');
    expect(() => new EventFile(join(file, 'logs'))).toThrow(/Could not write/);
  });
});

describe('unravel train --tensorboard', () => {
  it('writes the metrics of every epoch, as metrics.jsonl has them', async () => {
    const { id } = await createSampleFaces(scratch.workspace, { count: 24, seed: 1 });
    const logs = join(scratch.workspace.root, 'logs');
    const outcome = await runHere(
      ...['train', id, '--model', 'beta-tcvae', '--architecture', 'burgess', '--latent', '3'],
      ...['--epochs', '2', '--batch', '8', '--tensorboard', logs],
      ...['--workspace', scratch.workspace.root, '--json'],
    );
    expect(outcome.code, outcome.stdout + outcome.stderr).toBe(0);
    const run = lastLine(outcome)['run'] as string;
    const [file = '', ...others] = await readdir(join(logs, run));
    expect(others).toEqual([]);
    expect(file).toMatch(/^events\.out\.tfevents\.\d+\./);
    const [version, ...events] = await readEvents(join(logs, run, file));
    expect(version!.fileVersion).toBe('brain.Event:2');
    const lines = (await readFile(join(runFolder(scratch.workspace, run), METRICS_FILE), 'utf8')).split('\n');
    const epochs = lines
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ event }) => event === 'epoch') as unknown as {
      step: number;
      loss: { total: number };
      heldOut: { reconstruction: number; klPerDimension: number[] };
      decomposition: { totalCorrelation: number };
    }[];
    expect(events.map(({ step }) => step)).toEqual(epochs.map(({ step }) => step));
    expect(events).toHaveLength(2);
    events.forEach(({ scalars }, i) => {
      const { loss, heldOut, decomposition } = epochs[i]!;
      expect(scalars['loss/total']).toBe(Math.fround(loss.total));
      expect(scalars['held_out/reconstruction']).toBe(Math.fround(heldOut.reconstruction));
      expect(scalars['held_out_kl/z2']).toBe(Math.fround(heldOut.klPerDimension[2]!));
      expect(scalars['decomposition/total_correlation']).toBe(Math.fround(decomposition.totalCorrelation));
    });
  });

  it('refuses a folder that cannot be made before it trains', async () => {
    const { id } = await createSampleFaces(scratch.workspace, { count: 24, seed: 1 });
    const file = join(scratch.workspace.root, 'file');
    await writeFile(file, '');
    const outcome = await runHere(
      ...['train', id, '--model', 'vae', '--epochs', '1', '--tensorboard', join(file, 'logs')],
      ...['--workspace', scratch.workspace.root, '--json'],
    );
    expect(outcome.code).toBe(1);
    expect(lastLine(outcome)['message']).toMatch(/Could not write/);
    expect(await readdir(scratch.workspace.runs).catch(() => [])).toEqual([]);
  });

  it('writes the epochs that are left when a training is resumed', async () => {
    const { id } = await createSampleFaces(scratch.workspace, { count: 24, seed: 1 });
    const logs = join(scratch.workspace.root, 'logs');
    const interrupt = new AbortController();
    const dataset = await openDataset(scratch.workspace, id);
    const config = { ...defaultConfig(makeObjective('vae', {})), architecture: 'burgess' as const };
    const { id: run, epoch } = await train(
      scratch.workspace,
      dataset,
      { ...config, latentDim: 3, epochs: 3, batchSize: 8 },
      {
        signal: interrupt.signal,
        onEvent: ({ event }) => {
          if (event === 'epoch') interrupt.abort();
        },
      },
    );
    await dataset.close();
    expect(epoch).toBe(1);
    const outcome = await runHere(
      ...['resume', run, '--tensorboard', logs, '--workspace', scratch.workspace.root, '--json'],
    );
    expect(outcome.code, outcome.stdout + outcome.stderr).toBe(0);
    const [file = ''] = await readdir(join(logs, run));
    const [version, ...events] = await readEvents(join(logs, run, file));
    expect(version!.fileVersion).toBe('brain.Event:2');
    const stepsPerEpoch = events[1]!.step - events[0]!.step;
    expect(stepsPerEpoch).toBeGreaterThan(0);
    expect(events.map(({ step }) => step)).toEqual([2 * stepsPerEpoch, 3 * stepsPerEpoch]);
  });
});
