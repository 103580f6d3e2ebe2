import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Linter } from 'eslint';
import ts from 'typescript';
import tseslint from 'typescript-eslint';
import { describe, expect, test } from 'vitest';
import { importOrder, whyForbidden } from '../../scripts/lint/import-order.mjs';
import { ENGINE_FOLDERS, LAYERS, RENDERER_FOLDERS } from '../../scripts/lint/layers.mjs';

const root = join(import.meta.dirname, '../..');

function messagesOf(code: string, filename: string): string[] {
  const linter = new Linter({ cwd: root });
  const config = [
    {
      files: ['**/*.ts'],
      languageOptions: { parser: tseslint.parser as Linter.Parser },
      plugins: { unravel: { rules: { 'import-order': importOrder } } },
      rules: { 'unravel/import-order': 'error' as const },
    },
  ];
  return linter.verify(code, config, join(root, filename)).map(({ message }) => message);
}

describe('the order of imports', () => {
  test.each([
    ["import { x } from '../figures/layout.ts';", 'src/engine/models/weights.ts'],
    ["import type { X } from '../runs/store.ts';", 'src/engine/models/weights.ts'],
    ["export * from '../serving/turns.ts';", 'src/engine/basics/random.ts'],
    ["export { x } from '../serving/turns.ts';", 'src/engine/basics/random.ts'],
    ["const x = await import('../training/train.ts');", 'src/engine/metrics/../data/store.ts'],
    ["type X = import('../training/train.ts').X;", 'src/engine/data/store.ts'],
    ["import { x } from '../losses/kl.ts';", 'src/engine/models/network.ts'],
    ["import { x } from '../models/network.ts';", 'src/engine/losses/kl.ts'],
    ["import { x } from '../../training/adam.ts';", 'src/engine/models/layers/conv.ts'],
    ["import { x } from '../process.ts';", 'src/engine/serving/handlers.ts'],
    ["import { x } from '../../host/engine.ts';", 'src/cli/commands/serve.ts'],
    ["import { x } from '../../engine/basics/random.ts';", 'src/renderer/state/app.svelte.ts'],
    ["import { x } from '../nowhere/file.ts';", 'src/engine/serving/handlers.ts'],
    ["import { x } from '../views/data/grid.ts';", 'src/renderer/state/app.svelte.ts'],
    ["import { x } from '../views/data/grid.ts';", 'src/renderer/components/face.ts'],
    ["import type { X } from '../views/data/grid.ts';", 'src/renderer/scene/points.ts'],
    ["import { x } from '../views/data/grid.ts';", 'src/renderer/shell/places.ts'],
    ["import { x } from '../state/latest.ts';", 'src/renderer/scene/points.ts'],
    ["import X from '../components/Face.svelte';", 'src/renderer/scene/points.ts'],
    ["import { x } from '../theme/theme.svelte.ts';", 'src/renderer/scene/points.ts'],
    ["import { x } from '../../data/grid.ts';", 'src/renderer/views/train/state/entries.ts'],
    ["import { x } from '../data/grid.ts';", 'src/renderer/views/train/curves.ts'],
    ["import { x } from '../main.ts';", 'src/renderer/state/app.svelte.ts'],
    ["import { x } from '../nowhere/file.ts';", 'src/renderer/state/app.svelte.ts'],
  ])('refuses %s in %s', (code, filename) => {
    expect(messagesOf(code, filename)).toHaveLength(1);
  });

  test.each([
    ["import { x } from '../basics/random.ts';", 'src/engine/models/weights.ts'],
    ["import { x } from '../../../contract/errors.ts';", 'src/engine/models/layers/conv.ts'],
    ["import { x } from './serving/handlers.ts';", 'src/engine/process.ts'],
    ["import { x } from '../engine/basics/workspace.ts';", 'src/cli/main.ts'],
    ["import { x } from 'node:fs';", 'src/engine/models/weights.ts'],
    ["import { x } from './views/data/grid.ts';", 'src/renderer/main.ts'],
    ["import { x } from '../state/entries.ts';", 'src/renderer/views/train/panels/a.ts'],
    ["import { x } from '../../state/latest.ts';", 'src/renderer/views/train/curves.ts'],
    ["import { x } from '../components/face.ts';", 'src/renderer/scene/points.ts'],
  ])('allows %s in %s', (code, filename) => {
    expect(messagesOf(code, filename)).toEqual([]);
  });

  test('names the table in what it says', () => {
    expect(whyForbidden('engine/data/store.ts', 'engine/training/train.ts')).toBe(
      'engine/data may not import from engine/training, which stands above it (scripts/lint/layers.mjs).',
    );
  });

  test('gives every folder of src, src/engine and src/renderer a place', () => {
    const folders = (path: string): string[] =>
      readdirSync(join(root, path), { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => name);
    expect(folders('src').sort()).toEqual(Object.keys(LAYERS).sort());
    expect(folders('src/engine').sort()).toEqual([...ENGINE_FOLDERS].sort());
    expect(folders('src/renderer').sort()).toEqual(Object.keys(RENDERER_FOLDERS).sort());
  });

  test('is the order of the table in ARCHITECTURE.md', () => {
    const text = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');
    const table = text.slice(text.indexOf('Inside `src/engine`, from the top:'));
    const rows = [...table.matchAll(/^\| `([a-z-]+)\/` +\|/gm)].map(([, name]) => name);
    expect(rows).toEqual([...ENGINE_FOLDERS]);
  });
});

/** What each file of ours imports, types included. Svelte files count by their scripts. */
function importsOfAll(): Map<string, string[]> {
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  });
  const files = listed
    .split('\n')
    .filter((path) => /\.(ts|mjs|svelte)$/.test(path) && existsSync(join(root, path)));
  const known = new Set(files);
  return new Map(
    files.map((file) => {
      const text = readFileSync(join(root, file), 'utf8');
      const code = file.endsWith('.svelte')
        ? [...text.matchAll(/<script[^>]*>(.*?)<\/script>/gs)].map(([, script]) => script).join('\n')
        : text;
      const imported = ts
        .preProcessFile(code, true, true)
        .importedFiles.map(({ fileName }) => join(dirname(file), fileName).replaceAll('\\', '/'))
        .filter((path) => known.has(path));
      return [file, imported];
    }),
  );
}

/** Groups of files that import each other, directly or through others (Tarjan 1972). */
function circlesIn(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const stack: string[] = [];
  const circles: string[][] = [];
  function visit(file: string): void {
    order.set(file, order.size);
    lowest.set(file, order.get(file)!);
    stack.push(file);
    for (const next of graph.get(file) ?? []) {
      if (!order.has(next)) {
        visit(next);
        lowest.set(file, Math.min(lowest.get(file)!, lowest.get(next)!));
      } else if (stack.includes(next)) {
        lowest.set(file, Math.min(lowest.get(file)!, order.get(next)!));
      }
    }
    if (lowest.get(file) !== order.get(file)) return;
    const group = stack.splice(stack.indexOf(file));
    if (group.length > 1 || graph.get(file)?.includes(file)) circles.push(group.sort());
  }
  for (const file of graph.keys()) if (!order.has(file)) visit(file);
  return circles;
}

describe('circles of files', () => {
  test('are found', () => {
    const graph = new Map([
      ['a', ['b']],
      ['b', ['c', 'd']],
      ['c', ['a']],
      ['d', []],
    ]);
    expect(circlesIn(graph)).toEqual([['a', 'b', 'c']]);
  });

  test('are nowhere', () => {
    const graph = importsOfAll();
    expect(graph.size).toBeGreaterThan(500);
    expect(circlesIn(graph)).toEqual([]);
  });
});
