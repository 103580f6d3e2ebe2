import { execFileSync } from 'node:child_process';
import { join, relative } from 'node:path';
import ts from 'typescript';
import { expect, it } from 'vitest';
import { checks } from '../../scripts/test/checks.mjs';

const root = join(import.meta.dirname, '../..');

/** The files that a check with this tsconfig.json looks at by itself, not because another one imports them. */
function filesOf(config: string): string[] {
  const read = ts.getParsedCommandLineOfConfigFile(
    config,
    undefined,
    {
      ...ts.sys,
      onUnRecoverableConfigFileDiagnostic: ({ messageText }) => {
        throw new Error(ts.flattenDiagnosticMessageText(messageText, ' '));
      },
    },
    undefined,
    undefined,
    [{ extension: '.svelte', isMixedContent: true, scriptKind: ts.ScriptKind.Deferred }],
  );
  return read!.fileNames.map((file) => relative(root, file).replaceAll('\\', '/'));
}

/** The tsconfig.json of each check that reads types. */
function configs(): string[] {
  return checks.flatMap(({ args }) => {
    const at = args.findIndex((arg) => arg === '--project' || arg === '--tsconfig');
    if (at < 0) return [];
    const path = join(root, args[at + 1]!);
    return [path.endsWith('.json') ? path : join(path, 'tsconfig.json')];
  });
}

it('every file of ours is type-checked once', () => {
  const tracked = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '--deduplicate'], {
    cwd: root,
    encoding: 'utf8',
  })
    .split('\n')
    .filter((file) => /\.(ts|svelte|js|mjs)$/.test(file) && ts.sys.fileExists(join(root, file)));
  const counts = new Map(tracked.map((file) => [file, 0]));
  for (const file of configs().flatMap(filesOf)) counts.set(file, (counts.get(file) ?? 0) + 1);
  // Declarations belong to every program whose files need them.
  const wrong = [...counts].filter(([file, count]) => (file.endsWith('.d.ts') ? count === 0 : count !== 1));
  expect(wrong).toEqual([]);
});
