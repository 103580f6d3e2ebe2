import { spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import * as v from 'valibot';
import { main as unravel } from '../../src/cli/index.ts';
import { UnravelError } from '../../src/contract/errors.ts';
import type { ImageSize } from '../../src/contract/image-size.ts';
import type { ArchitectureName, ModelKind } from '../../src/contract/run.ts';
import { openWorkspace } from '../../src/engine/basics/workspace.ts';
import { codesFile, readStoredCodes } from '../../src/engine/codes/codes-file.ts';
import { openDataset } from '../../src/engine/data/store.ts';
import { readSafetensors } from '../../src/engine/files/safetensors.ts';
import { openRun } from '../../src/engine/runs/store.ts';
import { pythonCommand } from '../environment.ts';
import { scratchFolder } from '../paths.ts';
import { describeMachine, table, writeResults } from '../report.ts';
import { writeExpected, writePictures, type Pictures } from './files.ts';

type Log = (line: string) => void;

/** The models that are exported. */
const MODELS: readonly {
  readonly model: ModelKind;
  readonly architecture: ArchitectureName;
  readonly size: ImageSize;
  /** The label that a conditional model is given. */
  readonly condition?: string;
}[] = [
  { model: 'vae', architecture: 'paper', size: 64 },
  { model: 'beta-tcvae', architecture: 'burgess', size: 64 },
  { model: 'ae', architecture: 'burgess', size: 64 },
  { model: 'vae', architecture: 'burgess', size: 64, condition: 'mood' },
  { model: 'vae', architecture: 'paper', size: 128 },
  { model: 'beta-vae', architecture: 'burgess', size: 128 },
];

const FindingSchema = v.object({
  what: v.string(),
  /** The libraries that read or wrote it. */
  with: v.string(),
  equal: v.boolean(),
  /** The largest difference; null if there are values that are no numbers. */
  apart: v.optional(v.nullable(v.number())),
  allowed: v.optional(v.number()),
  /** What is different, where no number says it. */
  problem: v.optional(v.string()),
});
/** What one check found. */
type Finding = v.InferOutput<typeof FindingSchema>;

const WrittenSchema = v.object({
  names: v.array(v.string()),
  labels: v.record(v.string(), v.array(v.nullable(v.union([v.string(), v.number()])))),
  files: v.array(
    v.object({
      file: v.string(),
      what: v.string(),
      /** What the error must name, where the file need not be read. */
      refusal: v.nullable(v.string()),
      key: v.nullable(v.string()),
      labels: v.array(v.string()),
    }),
  ),
});
type Written = v.InferOutput<typeof WrittenSchema>;

const DoneSchema = v.looseObject({ event: v.string() });

/** Runs a command of the command line in a workspace of its own. */
async function command(workspace: string, ...argv: readonly string[]) {
  let [stdout, stderr] = ['', ''];
  const code = await unravel([...argv, '--workspace', workspace, '--json'], {
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
  });
  const last = v.parse(DoneSchema, JSON.parse(stdout.trimEnd().split('\n').at(-1) || '{"event":"none"}'));
  return { code, last, stderr };
}

/** A command that must succeed. */
async function must(workspace: string, ...argv: readonly string[]): Promise<Record<string, unknown>> {
  const { code, last, stderr } = await command(workspace, ...argv);
  if (code === 0) return last;
  throw new UnravelError('internal', `unravel ${argv.join(' ')} failed.`, {
    hint: typeof last['message'] === 'string' ? last['message'] : stderr,
  });
}

/** Runs the Python side to its end and collects what it found. */
async function runPython(task: 'read' | 'write', path: string): Promise<Finding[]> {
  const { program, args, env } = pythonCommand('interchange', 'interchange.py', [task, path]);
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors = (errors + text).slice(-4000)));
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const findings: Finding[] = [];
  for await (const line of createInterface(child.stdout)) {
    findings.push(v.parse(FindingSchema, JSON.parse(line)));
  }
  const code = await ended;
  if (code === 0) return findings;
  throw new UnravelError('internal', `Python's side ended with the exit code ${code}.`, {
    hint: `It said:\n${errors.trim().split('\n').slice(-8).join('\n')}`,
  });
}

/** Trains and exports every model, and says in a manifest where its files are. */
async function exportModels(workspace: string, pictures: Pictures, folder: string, log: Log) {
  const models: Record<string, string>[] = [];
  for (const size of [64, 128] as const) {
    const crop = ['--crop', 'square', '--size', String(size)];
    await must(workspace, 'import', pictures.folder, '--name', `faces ${size}`, ...crop);
  }
  for (const { model, architecture, size, condition } of MODELS) {
    const name = [model, architecture, size, ...(condition === undefined ? [] : ['conditional'])].join(' ');
    log(`interchange: ${name}`);
    const at = (part: string): string => join(folder, `${name} ${part}`);
    const { run } = await must(
      workspace,
      ...['train', `faces ${size}`, '--model', model, '--architecture', architecture, '--name', name],
      ...['--epochs', '20', '--batch', '16', '--latent', '6', '--lr', '0.001', '--seed', '3'],
      ...(condition === undefined ? [] : ['--condition', condition]),
    );
    await must(workspace, 'export-model', name, '--format', 'onnx', '--out', at('onnx'));
    const files: Record<string, string> = { onnx: at('onnx'), expected: at('expected.safetensors') };
    if (condition === undefined) {
      await must(workspace, 'export-model', name, '--format', 'safetensors', '--out', at('weights'));
      await must(workspace, 'export-model', name, '--out', at('unravel'));
      Object.assign(files, { weights: at('weights'), checkpoint: at('unravel') });
    }
    await writeExpected(workspace, run as string, size, files['expected']!);
    models.push({ title: name, ...files });
  }
  return models;
}

/** Has Python read the models and the codes that Unravel wrote. */
async function checkWritten(workspace: string, folder: string, log: Log): Promise<Finding[]> {
  const pictures = await writePictures(join(folder, 'pictures'));
  const models = await exportModels(workspace, pictures, folder, log);
  const [{ model, architecture, size }] = MODELS as [(typeof MODELS)[number]];
  const encode = async (file: string): Promise<string> => {
    const [run, out] = [`${model} ${architecture} ${size}`, join(folder, file)];
    await must(workspace, 'encode', run, '--images', `faces ${size}`, '--out', out);
    return out;
  };
  const manifest = join(folder, 'manifest.json');
  const tables = {
    codes: await encode('codes.safetensors'),
    parquet: await encode('codes.parquet'),
    h5ad: await encode('codes.h5ad'),
    names: pictures.names,
    labels: pictures.labels,
  };
  await writeFile(manifest, JSON.stringify({ models, tables }));
  log('interchange: Python reads what Unravel wrote');
  return runPython('read', manifest);
}

/** What is different in imported codes; undefined if nothing is. */
async function differences(
  workspaceRoot: string,
  ids: { readonly run: string; readonly dataset: string },
  { names, labels }: Written,
  columns: readonly string[],
  expected: Float32Array,
): Promise<string | undefined> {
  const workspace = openWorkspace(workspaceRoot);
  const { folder } = await openRun(workspace, ids.run);
  const dataset = await openDataset(workspace, ids.dataset);
  try {
    const own = await dataset.names();
    if (own.join('\n') !== names.join('\n')) return `its names are ${own.slice(0, 3).join(', ')} …`;
    const { mu } = await readStoredCodes(codesFile(folder, ids.dataset), names.length, { logVar: false });
    if (mu.length !== expected.length) return `it has ${mu.length} numbers, not ${expected.length}`;
    const at = mu.findIndex((value, i) => value !== expected[i]);
    if (at >= 0) return `number ${at} is ${mu[at]}, not ${expected[at]}`;
    for (const name of columns) {
      const column = dataset.info.columns.find((one) => one.name === name);
      if (!column) return `it has no label ${name}`;
      const words = 'categories' in column ? column.categories : undefined;
      const values = [...(await dataset.column(column))].map((value) =>
        Number.isNaN(value) ? null : words ? words[value]! : value,
      );
      const wrong = values.findIndex((value, i) => value !== labels[name]![i]);
      if (wrong >= 0) return `${name} of row ${wrong} is ${values[wrong]}, not ${labels[name]![wrong]}`;
    }
    return undefined;
  } finally {
    await dataset.close();
  }
}

/** Imports the codes that Python wrote. */
async function checkRead(workspace: string, folder: string, log: Log): Promise<Finding[]> {
  log('interchange: Unravel reads what Python wrote');
  await mkdir(folder);
  await runPython('write', folder);
  const written = v.parse(
    WrittenSchema,
    JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as unknown,
  );
  const { tensors } = await readSafetensors(join(folder, 'expected.safetensors'));
  const expected = Float32Array.from(tensors.get('mu')!.data as ArrayLike<number>);
  const findings: Finding[] = [];
  for (const { file, what, refusal, key, labels } of written.files) {
    const by = file.endsWith('.parquet') ? 'pyarrow, pandas' : file.endsWith('.h5ad') ? 'anndata' : 'h5py';
    const keyed = key === null ? [] : ['--key', key];
    const { code, last, stderr } = await command(workspace, 'import-codes', join(folder, file), ...keyed);
    const say = (problem: string | undefined, note = ''): void => {
      const found = { what: `import-codes: ${what}${note}`, with: by, equal: problem === undefined };
      findings.push({ ...found, ...(problem !== undefined && { problem }) });
    };
    if (code === 0) {
      const ids = last as unknown as { readonly run: string; readonly dataset: string };
      say(await differences(workspace, ids, written, labels, expected));
    } else {
      const said = [last['message'], last['hint']].filter((text) => typeof text === 'string').join(' ');
      // The name of the file holds what must be named.
      const words = said.replaceAll(join(folder, file), file.replace(/^.*\./, 'the file .'));
      const isNamed = refusal !== null && code === 1 && words.includes(refusal);
      if (isNamed) say(undefined, ' (refused, and the reason is named)');
      else say(`${words || stderr}${refusal === null ? '' : ` (“${refusal}” is not named)`}`);
    }
  }
  return findings;
}

function findingTable(findings: readonly Finding[]): string {
  const number = (value: number | null | undefined): string =>
    value === undefined ? '' : value === null ? 'no number' : value.toExponential(1);
  return table([
    ['what', 'by', 'apart', 'allowed', 'verdict'],
    ...findings.map(({ what, with: by, equal, apart, allowed, problem }) => [
      ...[what, by, number(apart), number(allowed)],
      equal ? 'equal' : `DIFFERENT${problem === undefined ? '' : `: ${problem}`}`,
    ]),
  ]);
}

/**
 * Checks that Python's libraries read what Unravel writes (models as ONNX and safetensors, codes as Parquet and AnnData)
 * with the engine's own values, and that Unravel reads the codes that they write.
 *
 * @returns 0, or 1 where something differs
 */
export async function checkInterchange(log: Log): Promise<number> {
  const folder = join(scratchFolder(), 'interchange');
  await mkdir(folder);
  const workspace = join(folder, 'workspace');
  const findings = [
    ...(await checkWritten(workspace, folder, log)),
    ...(await checkRead(workspace, join(folder, 'by-python'), log)),
  ];
  const path = writeResults('interchange.json', {
    version: 1,
    made: new Date().toISOString(),
    machine: await describeMachine(),
    findings,
  });
  const different = findings.filter(({ equal }) => !equal).length;
  const conclusion =
    different === 0 ? 'All are equal.' : `${different} of ${findings.length} checks found a difference.`;
  process.stdout.write(`\n${findingTable(findings)}\n\n${conclusion} Everything: ${path}\n`);
  return different === 0 ? 0 : 1;
}
