import svelte from 'eslint-plugin-svelte';
import tseslint from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

/**
 * The layers, as ARCHITECTURE.md draws them: a file of one layer may import only from those named here.
 * `engine/tensorflow` is the one place that may touch the native package.
 */
const layers = {
  contract: { may: [], mayNot: ['system', 'engine', 'host', 'main', 'preload', 'renderer', 'cli', 'server'] },
  system: {
    may: ['contract'],
    mayNot: ['engine', 'host', 'main', 'preload', 'renderer', 'cli', 'server'],
    packages: ['electron'],
  },
  engine: {
    may: ['contract', 'system'],
    mayNot: ['host', 'main', 'preload', 'renderer', 'cli', 'server'],
    packages: ['electron'],
  },
  host: {
    may: ['contract', 'system'],
    mayNot: ['engine', 'main', 'preload', 'renderer', 'cli', 'server'],
    packages: ['electron'],
  },
  main: { may: ['contract', 'system', 'host'], mayNot: ['engine', 'renderer', 'cli', 'server'] },
  preload: { may: ['contract'], mayNot: ['system', 'engine', 'host', 'main', 'renderer', 'cli', 'server'] },
  renderer: {
    may: ['contract'],
    mayNot: ['system', 'engine', 'host', 'main', 'preload', 'cli', 'server'],
    packages: ['electron', 'node:*', 'fs', 'path'],
  },
  server: {
    may: ['contract', 'system', 'host'],
    mayNot: ['engine', 'main', 'preload', 'renderer', 'cli'],
    packages: ['electron'],
  },
  cli: {
    may: ['contract', 'system', 'engine', 'server'],
    mayNot: ['main', 'preload', 'renderer'],
    packages: ['electron'],
  },
};

const native = {
  group: ['@tensorflow/*'],
  message: 'The native engine is reached through src/engine/tensorflow only.',
};

function layerRule([layer, { may, mayNot, packages = [] }]) {
  const patterns = [
    {
      group: mayNot.map((other) => `**/${other}/**`),
      message: `src/${layer} may import ${may.length ? may.join(' and ') : 'nothing'} of ours (ARCHITECTURE.md).`,
    },
    native,
    ...(packages.length ? [{ group: packages, message: `src/${layer} does not use this package.` }] : []),
  ];
  return {
    files: [`src/${layer}/**/*.{ts,svelte}`],
    ignores: ['src/engine/tensorflow/**'],
    rules: { 'no-restricted-imports': ['error', { patterns }] },
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
  ...Object.entries(layers).map(layerRule),
);
