// npm run texts: writes docs/texts.md, the list of all texts of the window, to be read from beginning to end.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { textsOf } from './docs/texts.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const target = join(root, 'docs', 'texts.md');

/** Where texts of the window come from: the folder of `src` and what its texts are. */
const sections = [
  ['renderer', 'The window'],
  ['contract', 'Names and explanations that window and command line share'],
  ['main', 'Menus and dialogs of the desktop app'],
  ['host', 'Jobs, files and connections'],
  ['system', 'The machine'],
  ['engine', 'Messages of the engine'],
];

/** The text of docs/texts.md. */
export async function textsDocument() {
  const lines = [
    '# Texts of the window',
    '',
    'Every text that a person can read in the window, file by file, so that all of them can be read from beginning to end.',
    'Written by `npm run texts`; do not edit it. A value inside a text is shown as `…`.',
  ];
  for (const [folder, title] of sections) {
    lines.push('', `## ${title}`);
    for (const file of sourceFiles(join('src', /** @type {string} */ (folder)))) {
      const texts = textsOf(readFileSync(join(root, file), 'utf8'), {
        isComponent: file.endsWith('.svelte'),
      });
      if (texts.length === 0) continue;
      lines.push('', `### ${file.slice('src/'.length)}`, '', ...texts.map((text) => `- ${escaped(text)}`));
    }
  }
  return format(lines.join('\n'), { ...(await resolveConfig(target)), filepath: target });
}

/** @param {string} text */
function escaped(text) {
  return text.replace(/[\\`*_[\]|]/g, '\\$&');
}

/** @param {string} folder */
function sourceFiles(folder) {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(svelte|ts)$/.test(entry.name) && !entry.name.endsWith('.d.ts'))
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length).replaceAll('\\', '/'))
    .sort();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(target, await textsDocument());
  console.log('Wrote docs/texts.md.');
}
