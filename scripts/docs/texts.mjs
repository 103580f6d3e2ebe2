import { parse } from 'svelte/compiler';

/** Attributes that are never read by a person. Those whose names begin with `on` or `bind:` are left out as well. */
const CODE_ATTRIBUTES = new Set(
  'class style id name type role for href src d points transform viewBox fill stroke tabindex slot key kind tone icon generics lang'.split(
    ' ',
  ),
);
/** Elements that stand inside a sentence. */
const INLINE = new Set([
  'a',
  'abbr',
  'b',
  'code',
  'em',
  'i',
  'kbd',
  'q',
  'span',
  'strong',
  'sub',
  'sup',
  'Term',
]);
/** What stands for a value in a text. */
const VALUE = '…';

/**
 * The texts that a person can read of one source file, in their order: texts between tags, attributes such as labels
 * and titles, and strings of the code that read like words. A value inside a text is written `…`.
 *
 * @param {string} source - of a Svelte component or of a TypeScript file
 * @param {{ isComponent: boolean }} options
 * @returns {string[]} without repetitions
 */
export function textsOf(source, { isComponent }) {
  // A page's source may hold the end of a script, where the component would end here.
  const code = source.replaceAll('</script', '<\\/script');
  const component = isComponent ? source : `<script lang="ts">\n${code}\n</script>`;
  const tree = parse(component, { modern: true });
  /** @type {Set<string>} */
  const texts = new Set();
  for (const part of [tree.module, tree.instance, tree.fragment]) {
    if (part) walk(/** @type {AnyNode} */ (/** @type {unknown} */ (part)), texts, false);
  }
  return [...texts];
}

/**
 * A node of the tree that Svelte's compiler gives: its own, or one of ESTree.
 *
 * @typedef {{ type: string, name?: string, data?: string, value?: unknown, [key: string]: unknown }} AnyNode
 */

/**
 * @param {AnyNode} node
 * @param {Set<string>} texts
 * @param {boolean} isShown - whether every string here is shown, and not only those that read like words
 */
function walk(node, texts, isShown) {
  if (/^(Import|Export(All|Named)Declaration$)/.test(node.type) && 'source' in node && node.source) return;
  if (node.type.startsWith('TS') && !hasValue(node)) return;
  if (node.type === 'Attribute') {
    const name = node.name ?? '';
    if (CODE_ATTRIBUTES.has(name) || name.startsWith('on')) return;
    // A static attribute of the platform, such as `spellcheck="false"`, is one lower-case word.
    const parts = Array.isArray(node.value) ? node.value : [node.value];
    if (parts.every(isNode)) add(texts, flat(parts), isLabel(name));
    for (const part of parts)
      if (isNode(part) && part.type === 'ExpressionTag') walk(part, texts, isLabel(name));
    return;
  }
  if (node.type === 'StyleDirective' || node.type === 'ClassDirective') return;
  if (node.type === 'Fragment') {
    const within = sentences(/** @type {AnyNode[]} */ (node.nodes), texts);
    for (const child of /** @type {AnyNode[]} */ (node.nodes)) {
      for (const part of within.has(child) ? partsOf(child) : [child]) walk(part, texts, false);
    }
    return;
  }
  if (node.type === 'Text' || node.type === 'Comment') return;
  // A plain Error is a fault of the program, which nobody is meant to read.
  if (node.type === 'NewExpression' && isNode(node.callee) && node.callee.name === 'Error') return;
  if (node.type === 'ExpressionTag') isShown = true;
  if (node.type === 'Literal' && typeof node.value === 'string') {
    add(texts, node.value, isShown);
    return;
  }
  if (node.type === 'TemplateLiteral') {
    const quasis = /** @type {{ value: { cooked: string } }[]} */ (node.quasis);
    add(texts, quasis.map(({ value }) => value.cooked).join(VALUE), false);
  }
  // What is compared or looked up is a name in the code: `kind === 'gpu'`.
  if (node.type === 'BinaryExpression' || node.type === 'SwitchCase') isShown = false;
  if (node.type === 'MemberExpression' || node.type === 'CallExpression') isShown = false;
  for (const [key, child] of Object.entries(node)) {
    if (key === 'typeAnnotation' || key === 'typeParameters' || key === 'loc' || key === 'metadata') continue;
    const isTest = key === 'test' || key === 'callee' || key === 'property' || key === 'key';
    for (const one of Array.isArray(child) ? child : [child]) {
      if (isNode(one)) walk(one, texts, isShown && !isTest);
    }
  }
}

/** @param {AnyNode} node */
function hasValue(node) {
  return ['TSAsExpression', 'TSSatisfiesExpression', 'TSNonNullExpression'].includes(node.type);
}

/** @param {string} attribute */
function isLabel(attribute) {
  return /^(label|title|help|hint|placeholder|alt|note|text|heading|description|aria-(label|description|valuetext))$/.test(
    attribute,
  );
}

/**
 * Adds the sentences of some neighbours, across the elements that stand inside a sentence.
 *
 * @param {AnyNode[]} nodes
 * @param {Set<string>} texts
 * @returns {Set<AnyNode>} the nodes whose texts were added
 */
function sentences(nodes, texts) {
  /** @type {Set<AnyNode>} */
  const within = new Set();
  /** @type {AnyNode[]} */
  let run = [];
  const end = () => {
    if (run.some(hasText)) {
      add(texts, flat(run), true);
      for (const node of run) within.add(node);
    }
    run = [];
  };
  for (const node of nodes) {
    if (node.type === 'Text' || node.type === 'ExpressionTag' || INLINE.has(node.name ?? '')) run.push(node);
    else end();
  }
  end();
  return within;
}

/**
 * What of a sentence's element is not in its sentence: attributes, and the strings of its values.
 *
 * @param {AnyNode} node
 * @returns {AnyNode[]}
 */
function partsOf(node) {
  if (!isNode(node.fragment)) return [node];
  const children = /** @type {AnyNode[]} */ (node.fragment.nodes).flatMap(partsOf);
  return [.../** @type {AnyNode[]} */ (node.attributes ?? []), ...children];
}

/**
 * @param {AnyNode} node
 * @returns {boolean}
 */
function hasText(node) {
  if (node.type === 'Text') return /\p{L}/u.test(node.data ?? '');
  return isNode(node.fragment) && /** @type {AnyNode[]} */ (node.fragment.nodes).some(hasText);
}

/**
 * @param {AnyNode[]} nodes
 * @returns {string}
 */
function flat(nodes) {
  return nodes
    .map((node) => {
      if (node.type === 'Text') return node.data ?? '';
      if (isNode(node.fragment)) return flat(/** @type {AnyNode[]} */ (node.fragment.nodes));
      return VALUE;
    })
    .join('');
}

/**
 * @param {Set<string>} texts
 * @param {string} text
 * @param {boolean} isShown
 */
function add(texts, text, isShown) {
  const plain = text.replace(/\s+/g, ' ').trim();
  if (!/\p{L}{2}/u.test(plain) || /[;{}<>]|--|\\|=>|^[.#/@]|^https?:/.test(plain)) return;
  const readsLikeWords = /^\p{Lu}\p{Ll}+$/u.test(plain) || /\p{L}{2,}[^ ]* ([^ ]* )*[^ ]*\p{L}/u.test(plain);
  if (isShown || readsLikeWords) texts.add(plain);
}

/**
 * @param {unknown} value
 * @returns {value is AnyNode}
 */
function isNode(value) {
  return (
    typeof value === 'object' && value !== null && typeof (/** @type {AnyNode} */ (value).type) === 'string'
  );
}
