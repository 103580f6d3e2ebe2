import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeOnce } from '../setup/cache.mjs';
import { libtensorflowFolder, tensorflowVersion, variants } from '../setup/libtensorflow.mjs';
import { findPython } from '../setup/tools.mjs';
import { fetchWheels } from '../setup/wheels.mjs';
import { readLock, withNeeds } from './shipped-packages.mjs';
import { parseJson } from '../setup/json.mjs';

/**
 * What a package says of itself; older ones say author and licence in objects.
 *
 * @typedef {object} Manifest
 * @property {string} name
 * @property {string} version
 * @property {string | { name: string }} [author]
 * @property {string | { type: string }} [license]
 */

/**
 * The licences of everything that an installed app holds besides Electron, whose own lie beside its program.
 *
 * @param {string} root - the clone
 * @param {string[]} shipped - folders of node_modules that are shipped as they are
 * @param {string[]} notices - further texts, such as TensorFlow's own
 * @returns {string} plain text, a section a package
 */
export function collectLicences(root, shipped, notices = []) {
  const folders = [...new Set([...shipped, ...withNeeds(root, rendererPackages(root))])].sort();
  const sections = folders
    .filter((folder) => existsSync(join(root, folder)))
    .map((folder) => section(root, folder));
  const head =
    'Unravel is published under the MIT licence (LICENSE). It holds the following works of others.\n' +
    "Electron's and Chromium's licences lie beside the program.\n";
  return [head, ...sections, ...notices].join(`\n${'─'.repeat(80)}\n\n`);
}

/**
 * @param {string} root
 * @param {string} folder
 */
function section(root, folder) {
  const manifest = /** @type {Manifest} */ (
    parseJson(readFileSync(join(root, folder, 'package.json'), 'utf8'))
  );
  const texts = licenceFolders(folder).flatMap((place) =>
    readdirSync(join(root, place))
      .filter((name) => /^(licen[cs]e|copying|notice)/i.test(name))
      .map((name) => readFileSync(join(root, place, name), 'utf8').trim()),
  );
  const author = typeof manifest.author === 'object' ? manifest.author.name : manifest.author;
  const licence = typeof manifest.license === 'object' ? manifest.license.type : manifest.license;
  const lines = [`${manifest.name} ${manifest.version}`, `Licence: ${licence ?? 'see below'}`];
  if (author) lines.push(`Author: ${author}`);
  if (folder === 'node_modules/libheif-js') lines.push(libheifSources);
  return `${lines.join('\n')}\n${texts.map((text) => `\n${text}\n`).join('')}`;
}

/**
 * Where a package's licences lie. That of libheif's builds holds the GNU GPL, which the LGPL refers to, and what it
 * is made of.
 *
 * @param {string} folder
 */
function licenceFolders(folder) {
  return folder === 'node_modules/libheif-js' ? [folder, `${folder}/libheif-wasm`] : [folder];
}

/**
 * The packages that the window's own code imports; the bundler puts them into its files.
 *
 * @param {string} root
 */
function rendererPackages(root) {
  const packages = readLock(root);
  /** @type {Set<string>} */
  const names = new Set();
  for (const file of sources(join(root, 'src', 'renderer'))) {
    for (const [, specifier = ''] of readFileSync(file, 'utf8').matchAll(
      /(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g,
    )) {
      const name = specifier
        .split('/')
        .slice(0, specifier.startsWith('@') ? 2 : 1)
        .join('/');
      if (packages[`node_modules/${name}`]) names.add(name);
    }
  }
  return [...names];
}

/** @param {string} folder */
function sources(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.(ts|svelte|css|html)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

/** What the LGPL asks for: where the source is, and how the library is replaced. */
const libheifSources = `It is libheif with libde265, both under the LGPL 3, compiled to WebAssembly without changes. Their source:
https://github.com/strukturag/libheif, https://github.com/strukturag/libde265 and
https://github.com/catdad-experiments/libheif-emscripten. To use another build, replace libheif.js and libheif.wasm in
node_modules/libheif-js/libheif-wasm.`;

const noticesMember = 'tensorflow/THIRD_PARTY_NOTICES.txt';
const licenceMember = 'tensorflow/include/LICENSE';

/**
 * TensorFlow's licence and those of what it is made of. The set-up unpacks them with the libraries; a cache that is
 * older than that gets them from the wheel again.
 *
 * @param {{ cache: string, env?: NodeJS.ProcessEnv }} options
 * @returns {Promise<string[]>}
 */
export async function tensorflowNotices({ cache, env = process.env }) {
  const unpacked = libtensorflowFolder(cache, 'cpu');
  const folder = existsSync(join(unpacked, noticesMember)) ? unpacked : `${unpacked}-notices`;
  await makeOnce(folder, async (temporary) => {
    const python = await findPython(env);
    const wheels = variants.cpu.wheels.map((wheel) => ({
      ...wheel,
      prefixes: [noticesMember, licenceMember],
    }));
    await fetchWheels({ python, wheels, into: temporary, env });
  });
  const textOf = (/** @type {string} */ member) => readFileSync(join(folder, member), 'utf8').trim();
  return [
    `TensorFlow ${tensorflowVersion} (libtensorflow)\n\n${textOf(licenceMember)}\n`,
    `${textOf(noticesMember)}\n`,
  ];
}
