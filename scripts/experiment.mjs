#!/usr/bin/env node
import { repeatPaper } from './experiment/paper.mjs';
import { compareOnSprites } from './experiment/sprites.mjs';
import { ensureReady } from './launch.mjs';
import { goToPersonsFolder } from './setup/person-folder.mjs';
import { cloneRoot, runScript } from './setup.mjs';

const usage = `npm run experiment -- [<folder of CelebA>] [--workspace <folder>] [--out <folder>]
npm run experiment -- sprites [<options>]

The first repeats the paper's experiment, and its comparison on drawn faces whose factors are known. Without a folder (one
that holds CelebA's images and list_attr_celeba.txt) only the drawn faces are used. The second compares five models on all
737,280 sprites with published scores; --help after it lists its options. Tables and figures go to docs/experiment. Stopped
and started again, both go on where they were.`;

/** `npm run experiment`: trains, measures and draws what docs/experiment.md tells. Hours on two cores. */
await runScript(async () => {
  goToPersonsFolder(cloneRoot);
  const [first, ...rest] = process.argv.slice(2);
  if (!process.argv.includes('--help')) await ensureReady();
  if (first === 'sprites') await compareOnSprites(rest);
  else await repeatPaper(process.argv.slice(2), usage);
});
