import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeOnce } from '../setup/cache.mjs';
import { libtensorflowFolder, tensorflowVersion, variants } from '../setup/libtensorflow.mjs';
import { findPython } from '../setup/tools.mjs';
import { fetchWheels } from '../setup/wheels.mjs';
import { withNeeds } from './shipped-packages.mjs';

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

function section(root, folder) {
  const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
  const files = readdirSync(join(root, folder)).filter((name) => /^(licen[cs]e|copying|notice)/i.test(name));
  const texts = files.map((name) => readFileSync(join(root, folder, name), 'utf8').trim());
  const author = typeof manifest.author === 'object' ? manifest.author.name : manifest.author;
  const licence = typeof manifest.license === 'object' ? manifest.license.type : manifest.license;
  const lines = [`${manifest.name} ${manifest.version}`, `Licence: ${licence ?? 'see below'}`];
  if (author) lines.push(`Author: ${author}`);
  return `${lines.join('\n')}\n${texts.map((text) => `\n${text}\n`).join('')}`;
}

/** The packages that the window's own code imports; the bundler puts them into its files. */
function rendererPackages(root) {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const names = new Set();
  for (const file of sources(join(root, 'src', 'renderer'))) {
    for (const [, specifier] of readFileSync(file, 'utf8').matchAll(
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

function sources(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.(ts|svelte|css|html)$/.test(entry.name))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

const noticeMembers = ['tensorflow/THIRD_PARTY_NOTICES.txt', 'tensorflow/include/LICENSE'];

/**
 * TensorFlow's licence and those of what it is made of. The set-up unpacks them with the libraries; a cache that is
 * older than that gets them from the wheel again.
 *
 * @param {{ cache: string, env?: NodeJS.ProcessEnv }} options
 * @returns {Promise<string[]>}
 */
export async function tensorflowNotices({ cache, env = process.env }) {
  const unpacked = libtensorflowFolder(cache, 'cpu');
  const folder = existsSync(join(unpacked, noticeMembers[0])) ? unpacked : `${unpacked}-notices`;
  await makeOnce(folder, async (temporary) => {
    const python = await findPython(env);
    const wheels = variants.cpu.wheels.map((wheel) => ({ ...wheel, prefixes: noticeMembers }));
    await fetchWheels({ python, wheels, into: temporary, env });
  });
  const texts = noticeMembers.map((member) => readFileSync(join(folder, member), 'utf8').trim());
  return [`TensorFlow ${tensorflowVersion} (libtensorflow)\n\n${texts[1]}\n`, `${texts[0]}\n`];
}
