import tseslint from 'typescript-eslint';

/**
 * The layers, as ARCHITECTURE.md draws them: a file of one layer may import only from those named here.
 * `engine/tensorflow` is the one place that may touch the native package.
 */
const layers = {
  contract: { may: [], mayNot: ['engine', 'main', 'preload', 'renderer', 'cli', 'server'] },
  engine: {
    may: ['contract'],
    mayNot: ['main', 'preload', 'renderer', 'cli', 'server'],
    packages: ['electron'],
  },
  main: { may: ['contract'], mayNot: ['engine', 'renderer', 'cli', 'server'] },
  preload: { may: ['contract'], mayNot: ['engine', 'main', 'renderer', 'cli', 'server'] },
  renderer: {
    may: ['contract'],
    mayNot: ['engine', 'main', 'preload', 'cli', 'server'],
    packages: ['electron', 'node:*', 'fs', 'path'],
  },
  cli: {
    may: ['contract', 'engine'],
    mayNot: ['main', 'preload', 'renderer', 'server'],
    packages: ['electron'],
  },
  server: {
    may: ['contract', 'engine'],
    mayNot: ['main', 'preload', 'renderer', 'cli'],
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

export default tseslint.config(
  { ignores: ['out', 'dist', 'node_modules', 'coverage', 'bench/.venv'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
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
  ...Object.entries(layers).map(layerRule),
);
