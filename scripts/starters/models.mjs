import { join } from 'node:path';
import { cloneRoot } from '../setup.mjs';

/** The sample faces of the starters, which are drawn from known factors. */
export const FACES = { name: 'Sample faces', count: 20_000, size: 128, seed: 1 };

const here = join(cloneRoot, 'scripts', 'starters');
/** A third of the weights of `sharp.json`, so that four of them are small enough to ship. */
const SMALL = join(here, 'small.json');
const SHARP = join(here, 'sharp.json');

const pace = ['--batch', '32', '--lr', '1e-3', '--schedule', 'cosine', '--average', '0.999'];
/** As many dimensions as the faces have factors, with which axes carry more of them than with 10 or 16. */
const shared = ['--latent', '13', '--precision', 'mixed', '--seed', '1', ...pace];
const papers = [...shared, '--architecture', SMALL];
const PAPERS_EPOCHS = 6;
const SHARP_EPOCHS = 48;

/**
 * A model of the gallery.
 *
 * @typedef {object} Starter
 * @property {string} folder - of resources/starters; the last in their order is trained last, and opens first
 * @property {string} name
 * @property {number} epochs
 * @property {string[]} options - of `unravel train`
 */

/**
 * The paper's four models at its weights, with equal budgets, and one that is sharper and whose axes carry single
 * factors.
 *
 * @type {readonly Starter[]}
 */
export const STARTERS = [
  { folder: '1-ae', name: 'AE', epochs: PAPERS_EPOCHS, options: ['--model', 'ae', ...papers] },
  { folder: '2-vae', name: 'VAE', epochs: PAPERS_EPOCHS, options: ['--model', 'vae', ...papers] },
  {
    folder: '3-beta-vae',
    name: 'β-VAE',
    epochs: PAPERS_EPOCHS,
    options: ['--model', 'beta-vae', '--beta', '5', ...papers],
  },
  {
    folder: '4-beta-tcvae',
    name: 'β-TCVAE',
    epochs: PAPERS_EPOCHS,
    options: ['--model', 'beta-tcvae', '--beta', '20', ...papers],
  },
  {
    folder: '5-starter',
    name: 'Starter',
    epochs: SHARP_EPOCHS,
    options: ['--model', 'vae', '--variance', '0.02', '--architecture', SHARP, ...shared],
  },
];
