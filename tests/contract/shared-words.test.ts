import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { buildProgram } from '../../src/cli/program.ts';

/** Everything whose words a window may show; the command line and the server's own start have their own. */
const LAYERS = ['contract', 'system', 'engine', 'host', 'main', 'preload', 'renderer'];
const COMMANDS = buildProgram(process, () => Promise.resolve()).commands.map((command) => command.name());
/** An option, one of our commands, or a script of the package. */
const FOR_TERMINALS = [
  /(^|[\s("“'`])--[a-z]/,
  new RegExp(`\\bunravel (${COMMANDS.join('|')})\\b`),
  /\bnpm (run|start|test)\b/,
];

/** The texts of a program: its strings and templates without its comments. */
function textsOf(source: string): string[] {
  const texts: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) return;
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node))
      texts.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('a.ts', source, ts.ScriptTarget.Latest));
  return texts;
}

/** The texts of a component: those of its script, and all of its markup without styles and attributes of style. */
function textsOfComponent(source: string): string[] {
  const script = /<script[^>]*>([\s\S]*?)<\/script>/.exec(source)?.[1] ?? '';
  const markup = source
    .replace(/<(script|style)[^>]*>[\s\S]*?<\/\1>/g, '')
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(/var\(--[a-z0-9-]+\)|style:--[a-z-]+/g, '');
  return [...textsOf(script), ...markup.split('\n')];
}

/** Sentences of a file that only a terminal's user can follow. A word alone is an argument, not a sentence. */
function terminalWords(path: string, source: string): string[] {
  const texts = path.endsWith('.svelte') ? textsOfComponent(source) : textsOf(source);
  return texts
    .map((text) => text.trim())
    .filter((text) => /\s/.test(text) && FOR_TERMINALS.some((pattern) => pattern.test(text)));
}

describe('the words that every door shares', () => {
  it('name no option, no command and no script', () => {
    const found = LAYERS.flatMap((layer) =>
      readdirSync(join('src', layer), { recursive: true, encoding: 'utf8' })
        .filter((path) => /\.(ts|svelte)$/.test(path))
        .flatMap((path) => {
          const file = join('src', layer, path);
          return terminalWords(file, readFileSync(file, 'utf8')).map((text) => `${file}: ${text}`);
        }),
    );
    expect(found).toEqual([]);
  });

  it.each([
    ['a.ts', "const hint = 'Use a smaller batch: --batch 32.';"],
    ['a.ts', 'const hint = `Explore ${run} with unravel traverse.`;'],
    ['a.ts', "throw new Error('It is not built: npm run build.');"],
    ['A.svelte', '<p>Start it with unravel serve.</p>'],
    ['A.svelte', "<script>const text = 'Name it with --workspace.';</script>"],
  ])('are looked for in %s: %s', (path, source) => {
    expect(terminalWords(path, source)).toHaveLength(1);
  });

  it.each([
    ['a.ts', "startProcess('engine', ['--workspace', workspace]); // use --workspace <folder>"],
    ['a.ts', "const text = 'To unravel a latent space -- slowly.';"],
    ['A.svelte', '<p style:--tone={tone}>a</p><style>p { color: var(--ink); --gap: 1px; }</style>'],
  ])('may stand in %s: %s', (path, source) => {
    expect(terminalWords(path, source)).toEqual([]);
  });
});
