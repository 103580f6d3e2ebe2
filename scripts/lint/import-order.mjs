import { dirname, relative, resolve, sep } from 'node:path';
import { ENGINE_FOLDERS, ENGINE_STRANGERS, LAYERS, RENDERER_FOLDERS } from './layers.mjs';

/**
 * Says what is wrong with an import, if anything.
 *
 * @param {string} from - path of the importing file inside `src`, such as `engine/runs/store.ts`
 * @param {string} to - path of the imported file inside `src`
 * @returns {string | undefined} a sentence for the person who wrote the import
 */
export function whyForbidden(from, to) {
  const [layer = '', folder = '', ...below] = from.split('/');
  const [otherLayer = '', otherFolder = '', ...otherBelow] = to.split('/');
  if (layer !== otherLayer) {
    const may = LAYERS[layer];
    if (may === undefined || LAYERS[otherLayer] === undefined || may.includes(otherLayer)) return undefined;
    return `src/${layer} may import from ${may.length ? may.join(', ') : 'no other layer'}, and not from ${otherLayer} (scripts/lint/layers.mjs).`;
  }
  if (layer === 'renderer') return whyForbiddenInRenderer(from, to);
  if (layer !== 'engine' || folder === otherFolder) return undefined;
  // The entry files of the engine lie above all its folders.
  if (below.length === 0) return undefined;
  if (otherBelow.length === 0) return `engine/${folder} may not import the entry file engine/${otherFolder}.`;
  const [height, otherHeight] = [ENGINE_FOLDERS.indexOf(folder), ENGINE_FOLDERS.indexOf(otherFolder)];
  if (height < 0 || otherHeight < 0) {
    return `engine/${height < 0 ? folder : otherFolder} has no place among the engine's folders: give it one in scripts/lint/layers.mjs.`;
  }
  if (otherHeight < height) {
    return `engine/${folder} may not import from engine/${otherFolder}, which stands above it (scripts/lint/layers.mjs).`;
  }
  if (ENGINE_STRANGERS.some((pair) => pair.includes(folder) && pair.includes(otherFolder))) {
    return `engine/${folder} and engine/${otherFolder} know nothing of each other (scripts/lint/layers.mjs).`;
  }
  return undefined;
}

/**
 * What is wrong with an import from one file of the renderer to another, if anything.
 *
 * @param {string} from
 * @param {string} to
 */
function whyForbiddenInRenderer(from, to) {
  const [, folder = '', ...below] = from.split('/');
  const [, otherFolder = '', ...otherBelow] = to.split('/');
  if (below.length === 0) return undefined;
  if (otherBelow.length === 0) {
    return `renderer/${folder} may not import the entry file renderer/${otherFolder}.`;
  }
  if (folder === 'views' && otherFolder === 'views' && below[0] !== otherBelow[0]) {
    return `The view ${below[0]} may not import from the view ${otherBelow[0]}: what views share is in components, state or scene.`;
  }
  if (folder === 'scene' && /\.svelte(\.ts)?$/.test(to)) {
    return 'renderer/scene may not import Svelte components or runes.';
  }
  if (folder === otherFolder) return undefined;
  const may = RENDERER_FOLDERS[folder];
  if (may === undefined || RENDERER_FOLDERS[otherFolder] === undefined) {
    return `renderer/${may === undefined ? folder : otherFolder} is missing in the table of the renderer's folders: add it in scripts/lint/layers.mjs.`;
  }
  if (may.includes(otherFolder)) return undefined;
  return `renderer/${folder} may not import from renderer/${otherFolder} (scripts/lint/layers.mjs).`;
}

/**
 * ESLint's rule that every import follows the layers of `src` and the order of the folders in `engine` and
 * `renderer`, types and `import()` included.
 *
 * @type {import('eslint').Rule.RuleModule}
 */
export const importOrder = {
  meta: { type: 'problem', schema: [] },
  create(context) {
    const source = resolve(context.cwd, 'src');
    const inside = (/** @type {string} */ path) => relative(source, path).split(sep).join('/');
    /**
     * @param {import('estree').Node} node
     * @param {unknown} specifier
     */
    const check = (node, specifier) => {
      if (typeof specifier !== 'string' || !specifier.startsWith('.')) return;
      const target = resolve(dirname(context.filename), specifier);
      const message = whyForbidden(inside(context.filename), inside(target));
      if (message !== undefined) context.report({ node, message });
    };
    /** @param {import('estree').ImportDeclaration | import('estree').ExportNamedDeclaration | import('estree').ExportAllDeclaration} node */
    const ofDeclaration = (node) => check(node, node.source?.value);
    /** @param {import('estree').Node & { source: { value: string } }} node */
    const checkType = (node) => check(node, node.source.value);
    return {
      ImportDeclaration: ofDeclaration,
      ExportNamedDeclaration: ofDeclaration,
      ExportAllDeclaration: ofDeclaration,
      ImportExpression: (node) => check(node, node.source.type === 'Literal' ? node.source.value : undefined),
      // ESLint's own types know nothing of TypeScript's nodes.
      TSImportType: /** @type {any} */ (checkType),
    };
  },
};
