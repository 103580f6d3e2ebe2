import svelte from 'eslint-plugin-svelte';
import tseslint from 'typescript-eslint';
import { importOrder } from './scripts/lint/import-order.mjs';
import { LAYERS } from './scripts/lint/layers.mjs';
import svelteConfig from './svelte.config.js';

/** Packages that a layer does not use; the native engine is reached through one folder only. */
const foreignPackages = {
  contract: [],
  system: ['electron'],
  engine: ['electron'],
  host: ['electron'],
  main: [],
  preload: [],
  renderer: ['electron', 'node:*', 'fs', 'path'],
  server: ['electron'],
  cli: ['electron'],
};

/** Packages that a folder does not use although other folders of its layer do. */
const foreignPackagesOfFolders = {
  'renderer/scene': ['svelte', 'svelte/*', 'bits-ui', '@lucide/svelte', '@lucide/svelte/**'],
};

function packageRule(folder) {
  const [layer] = folder.split('/');
  const patterns = [
    { group: ['@tensorflow/*'], message: 'The native engine is reached through src/engine/tensorflow only.' },
    { group: foreignPackages[layer], message: `src/${layer} does not use this package.` },
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

export default tseslint.config(
  { ignores: ['out', 'dist', 'node_modules', 'coverage', 'bench/.venv'] },
  {
    files: ['**/*.ts', '**/*.svelte'],
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
    },
  },
  {
    files: ['**/*.{js,mjs,cjs,ts,svelte}'],
    ignores: ['tests/**', 'scripts/setup/remove.mjs'],
    rules: { 'no-restricted-syntax': ['error', ...removalRule] },
  },
  {
    files: ['src/**/*.{ts,svelte}'],
    plugins: { unravel: { rules: { 'import-order': importOrder } } },
    rules: { 'unravel/import-order': 'error' },
  },
  ...[...Object.keys(LAYERS), ...Object.keys(foreignPackagesOfFolders)].map(packageRule),
);
