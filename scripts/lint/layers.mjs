/**
 * The layers of `src`, each with those that it may import from, as ARCHITECTURE.md draws them.
 *
 * @type {Readonly<Record<string, readonly string[]>>}
 */
export const LAYERS = {
  contract: [],
  system: ['contract'],
  engine: ['contract', 'system'],
  host: ['contract', 'system'],
  main: ['contract', 'system', 'host'],
  preload: ['contract'],
  renderer: ['contract'],
  server: ['contract', 'system', 'host'],
  cli: ['contract', 'system', 'engine', 'server'],
};

/**
 * The folders of `src/renderer`, each with those that it may import from. A view imports from no other view, `scene`
 * imports no Svelte. Files directly in `src/renderer` put the parts together and may import all of them.
 *
 * @type {Readonly<Record<string, readonly string[]>>}
 */
export const RENDERER_FOLDERS = {
  page: ['views', 'components', 'scene', 'state', 'theme'],
  views: ['components', 'scene', 'state', 'theme'],
  shell: ['components', 'state', 'theme'],
  components: ['scene', 'state', 'theme'],
  state: ['components', 'theme'],
  scene: ['components', 'theme'],
  theme: [],
};

/** The folders of `src/engine`, from the top: a file imports only from its own folder and from those below it. */
export const ENGINE_FOLDERS = [
  'serving',
  'jobs',
  'sweeps',
  'page',
  'figures',
  'animation',
  'directions',
  'axes',
  'evaluation',
  'codes',
  'metrics',
  'traversal',
  'training',
  'inference',
  'runs',
  'importing',
  'labels',
  'data',
  'synthetic',
  'models',
  'losses',
  'image-files',
  'pictures',
  'tensorflow',
  'arrays',
  'files',
  'basics',
];

/** Folders of the engine that know nothing of each other, although one stands above the other in the list. */
export const ENGINE_STRANGERS = [['models', 'losses']];
