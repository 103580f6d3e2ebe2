import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { PageBlock, type PageBlockName, type PageDescription } from '../../contract/page.ts';
import { builtFile } from '../basics/entry.ts';
import { VERSION } from '../basics/version.ts';

/** The program of the page and its styles, as the build has made them. */
export interface PageProgram {
  readonly script: string;
  readonly styles: string;
}

/** What a page is made of besides the program. */
export interface PageParts {
  readonly description: PageDescription;
  readonly blocks: Readonly<Partial<Record<Exclude<PageBlockName, 'description'>, Uint8Array>>>;
}

/** @throws UnravelError `internal` if it was not built */
export async function readPageProgram(): Promise<PageProgram> {
  const read = async (name: string): Promise<string> =>
    // Inside its element the text must not end the element, or begin a comment of HTML.
    (await readFile(builtFile(`page/${name}`), 'utf8'))
      .replaceAll(/<\/(script|style)/gi, '<\\/$1')
      .replaceAll('<!--', '<\\!--');
  return { script: await read('page.js'), styles: await read('page.css') };
}

function sourceHash(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

/**
 * What the page may do: run its own script, decode in a worker of its own, and show pictures that it holds. It may load
 * nothing and connect to nothing.
 */
function policyOf({ script, styles }: PageProgram): string {
  return [
    "default-src 'none'",
    `script-src ${sourceHash(script)} 'wasm-unsafe-eval'`,
    `style-src ${sourceHash(styles)}`,
    "style-src-attr 'unsafe-inline'",
    'img-src data: blob:',
    'font-src data:',
    'worker-src blob:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

function block(name: PageBlockName, type: string, text: string): string {
  return `<script type="${type}" id="${PageBlock[name]}">${text}</script>\n`;
}

/** The programs of others in the page, all of which ask that their notice stays with them. */
const NOTICE = `<!--
Made by Unravel ${VERSION}. It holds parts of Svelte, three.js, bits-ui and Floating UI (MIT licence), Lucide (ISC licence) and
Inter (SIL Open Font License 1.1), © their authors.
-->`;

/** Writes the whole page. */
export function writePage(program: PageProgram, { description, blocks }: PageParts): string {
  const json = JSON.stringify(description).replaceAll('<', '\\u003c');
  const numbers = (Object.keys(blocks) as (keyof typeof blocks)[]).map((name) =>
    block(name, 'text/plain', Buffer.from(blocks[name]!).toString('base64')),
  );
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policyOf(program)}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="dark light">',
    '<meta name="referrer" content="no-referrer">',
    `<title>${escaped(description.run)} · Unravel</title>`,
    NOTICE,
    `<style>${program.styles}</style>`,
    '</head>',
    '<body>',
    '<div id="app"><noscript>This page decodes codes of a model, for which it needs JavaScript.</noscript></div>',
    `${block('description', 'application/json', json)}${numbers.join('')}<script>${program.script}</script>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}
