import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const eslint = new ESLint({
  cwd: root,
  // The rule is about syntax: no types are needed, and a planted file is part of no project.
  overrideConfig: [
    { files: ['**/*.{ts,mjs}'], languageOptions: { parserOptions: { projectService: false } } },
  ],
  ruleFilter: ({ ruleId }) => ruleId === 'no-restricted-syntax',
});

async function complaints(filePath: string, code: string): Promise<string[]> {
  const [result] = await eslint.lintText(code, { filePath: `${root}/${filePath}` });
  return result!.messages.map(({ message }) => message);
}

const planted = [
  "import { rm } from 'node:fs/promises'; await rm('x', { recursive: true });",
  "import { rmSync as clean } from 'node:fs'; clean('x');",
  "import { rmdir } from 'fs/promises'; await rmdir('x');",
  "export { rm } from 'node:fs/promises';",
  "import * as fs from 'node:fs'; fs.rmdirSync('x', { recursive: true });",
  "import fs from 'node:fs/promises'; await fs['rm']('x');",
  "import { promises } from 'node:fs'; await promises.rm('x');",
  "const { rm: gone } = await import('node:fs/promises'); await gone('x');",
];

describe('the linter', () => {
  it.each([
    'src/host/planted.ts',
    'src/system/planted.ts',
    'bench/planted.ts',
    'scripts/planted.mjs',
    'scripts/setup/planted.mjs',
    'electron-builder.config.mjs',
  ])('refuses every way of removing a folder in %s', async (file) => {
    for (const code of planted) {
      expect(await complaints(file, code), code).toEqual([expect.stringContaining('src/system/remove.ts')]);
    }
  });

  it('allows them in the module that removes folders, and in tests', async () => {
    for (const file of ['scripts/setup/remove.mjs', 'tests/planted.test.ts']) {
      expect(await complaints(file, planted[0]!)).toEqual([]);
    }
  });

  it('allows other names', async () => {
    expect(await complaints('src/host/planted.ts', "import { rename } from 'node:fs/promises';")).toEqual([]);
  });
});
