import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import svelte from 'eslint-plugin-svelte';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { importOrder } from './scripts/lint/import-order.mjs';
import { LAYERS } from './scripts/lint/layers.mjs';
import svelteConfig from './svelte.config.js';

/**
 * Packages that a layer does not use; the native engine is reached through one folder only.
 *
 * @type {Readonly<Record<string, string[]>>}
 */
const foreignPackages = {
  contract: [],
  system: ['electron'],
  engine: ['electron'],
  host: ['electron'],
  main: [],
  preload: [],
  renderer: ['electron', 'node:*', 'fs', 'path', 'svelte/store'],
  server: ['electron'],
  cli: ['electron'],
};

/**
 * Packages that a folder does not use although other folders of its layer do.
 *
 * @type {Readonly<Record<string, string[]>>}
 */
const foreignPackagesOfFolders = {
  'renderer/scene': ['svelte', 'svelte/*', 'bits-ui', '@lucide/svelte', '@lucide/svelte/**'],
};

/**
 * @param {string} folder - of src, such as `engine` or `renderer/scene`
 * @returns {import('eslint').Linter.Config}
 */
function packageRule(folder) {
  const [layer = ''] = folder.split('/');
  const patterns = [
    { group: ['@tensorflow/*'], message: 'The native engine is reached through src/engine/tensorflow only.' },
    { group: foreignPackages[layer] ?? [], message: `src/${layer} does not use this package.` },
    { group: foreignPackagesOfFolders[folder] ?? [], message: `src/${folder} does not use this package.` },
  ];
  return {
    files: [`src/${folder}/**/*.{ts,svelte}`],
    ignores: ['src/engine/tensorflow/**'],
    rules: { 'no-restricted-imports': ['error', { patterns: patterns.filter(({ group }) => group.length) }] },
  };
}

/** Node's functions that can remove a folder. Files are removed by `unlink`, which takes no folder. */
const removals = /^(rm|rmSync|rmdir|rmdirSync)$/;

/** Every way of getting at them: `import { rm }`, `fs.rm`, `fs['rm']`, `const { rm } = await import('node:fs')`. */
const removalRule = [
  `ImportSpecifier[imported.name=${removals}]`,
  `ExportSpecifier[local.name=${removals}]`,
  `MemberExpression[property.name=${removals}]`,
  `MemberExpression[property.value=${removals}]`,
  `ObjectPattern > Property[key.name=${removals}]`,
  `ObjectPattern > Property[key.value=${removals}]`,
].map((selector) => ({
  selector,
  message: 'Folders and files are removed through src/system/remove.ts or scripts/setup/remove.mjs only.',
}));

/** Vitest and Testing Library give up after a second, which a busy machine takes for nothing. */
const waitingRule = [
  "CallExpression[callee.object.name='vi'][callee.property.name=/^wait(For|Until)$/][arguments.length=1]",
  'CallExpression[callee.property.name=/^find(All)?By[A-Z]/][arguments.length<3]',
].map((selector) => ({
  selector,
  message: 'A test waits with eventually() of tests/fixtures/eventually.ts, or names a generous limit.',
}));

/** What the rule of imports is made of: ESLint's cache forgets its findings when that changes. */
const importOrderVersion = createHash('sha256')
  .update(
    ['import-order', 'layers']
      .map((name) => readFileSync(`${import.meta.dirname}/scripts/lint/${name}.mjs`))
      .join(),
  )
  .digest('hex');

export default defineConfig(
  { ignores: ['out', 'dist', 'node_modules', 'coverage', 'bench/.venv'] },
  {
    files: ['**/*.{ts,js,mjs}', '**/*.svelte'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, extraFileExtensions: ['.svelte'] } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      // Typed arrays are indexed in tight loops whose bounds the loop itself states.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      // `const { pid: _pid, ...rest } = run` is how a key is left out.
      '@typescript-eslint/no-unused-vars': ['error', { varsIgnorePattern: '^_', argsIgnorePattern: '^_' }],
      // There are no enums: TypeScript erases its types only. The rule takes a tenth of the time that all take.
      '@typescript-eslint/no-unsafe-enum-assignment': 'off',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    extends: [svelte.configs.recommended],
    languageOptions: { parserOptions: { parser: tseslint.parser, svelteConfig } },
    rules: {
      // Types of other components' props are known to svelte-check, not to ESLint's own program.
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      // There are no stores (see the packages that the renderer does not use).
      'svelte/require-store-reactive-access': 'off',
    },
  },
  {
    files: ['**/*.{js,mjs,cjs,ts,svelte}'],
    ignores: ['tests/**', 'scripts/setup/remove.mjs'],
    rules: { 'no-restricted-syntax': ['error', ...removalRule] },
  },
  {
    files: ['tests/**'],
    rules: { 'no-restricted-syntax': ['error', ...waitingRule] },
  },
  {
    files: ['src/**/*.{ts,svelte}'],
    plugins: {
      unravel: {
        meta: { name: 'unravel', version: importOrderVersion },
        rules: { 'import-order': importOrder },
      },
    },
    rules: { 'unravel/import-order': 'error' },
  },
  ...[...Object.keys(LAYERS), ...Object.keys(foreignPackagesOfFolders)].map(packageRule),
);
