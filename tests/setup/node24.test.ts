import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { cacheFolder, makeOnce } from '../../scripts/setup/cache.mjs';
import { npmCommand } from '../../scripts/setup/dependencies.mjs';

const clone = resolve(import.meta.dirname, '../..');
const cli = join(clone, 'out/main/cli.js');

/** Node 24 as npm packages it, kept in the cache; or why it cannot be had. */
async function fetchNode24(): Promise<{ node: string } | { reason: string }> {
  const system = process.platform === 'win32' ? 'win' : process.platform;
  const packageName = `node-${system}-${process.arch}`;
  const folder = join(cacheFolder(), `node-24-${system}-${process.arch}`);
  const node = join(folder, 'node_modules', packageName, 'bin', system === 'win' ? 'node.exe' : 'node');
  try {
    const npm = npmCommand();
    await makeOnce(folder, async (temporary: string) => {
      const options = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--fetch-retries=0'];
      const args = [...npm.args, 'install', '--prefix', temporary, ...options, `${packageName}@24`];
      await promisify(execFile)(npm.program, args, { shell: npm.shell, timeout: 100_000 });
    });
    const { stdout, error } = spawnSync(node, ['--version'], { encoding: 'utf8' });
    if (error) throw error;
    return stdout.startsWith('v24.') ? { node } : { reason: `it is ${stdout.trim()}` };
  } catch (error) {
    return { reason: error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error) };
  }
}

const found = existsSync(cli)
  ? await fetchNode24()
  : { reason: 'the command line is not built (npm run build)' };

/** Node 23 and later lack two functions of node:util that tfjs-node calls; Electron 45 embeds Node 24. */
describe('under Node 24', () => {
  it('loads TensorFlow', async (test) => {
    if ('reason' in found) return test.skip(`Node 24 cannot be had: ${found.reason}`);
    // A plain import of the built file, as the launcher does it.
    const script = `const { main } = await import(${JSON.stringify(cli)});
      process.exitCode = await main(['doctor', '--json']);`;
    const { stdout } = await promisify(execFile)(found.node, ['--input-type=module', '-e', script]);
    const last: unknown = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
    expect(last).toMatchObject({
      event: 'done',
      node: { version: expect.stringMatching(/^24\./) as string },
      tensorflow: { found: true, version: expect.stringMatching(/^2\./) as string },
    });
  });
});
