#!/usr/bin/env node
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createCanvas, Path2D } from '@napi-rs/canvas';
import { icnsOf, icoOf } from './package/icon-files.mjs';
import { cloneRoot, runScript } from './setup.mjs';

/** The logo of src/renderer/components/Logo.svelte, on a square of 24. */
const thread = 'M2.2 3.4C4.6 5.4 8 5.2 12.4 5.2';
const turns = ['M12.4 5.2a7.9 7.9 0 1 1-7.7 6.1', 'M9.4 16.4a4.3 4.3 0 1 1 6.2-.6'];
const core = { x: 12.4, y: 13, radius: 1.5 };
const middle = { x: 11.25, y: 12.05 };
const strokeWidth = 2.1;

/** Colours of the dark theme. */
const colours = { top: '#26262B', bottom: '#0F0F11', edge: '#3A3A41', ink: '#F2F2F3', accent: '#4ED2BF' };

/**
 * Draws the app's icon: the logo on a dark tile with round corners.
 *
 * @param {number} size - in pixels
 * @param {number} marginFraction - left free around the tile: a tenth on macOS, where icons keep to a common grid
 * @returns {Buffer} a PNG
 */
function drawIcon(size, marginFraction) {
  const canvas = createCanvas(size, size);
  const context = canvas.getContext('2d');
  const margin = size * marginFraction;
  const side = size - 2 * margin;
  const shade = context.createLinearGradient(0, margin, 0, size - margin);
  shade.addColorStop(0, colours.top);
  shade.addColorStop(1, colours.bottom);
  context.beginPath();
  context.roundRect(margin, margin, side, side, side * 0.2247);
  context.fillStyle = shade;
  context.fill();
  if (size >= 128) {
    context.lineWidth = size / 256;
    context.strokeStyle = colours.edge;
    context.stroke();
  }

  context.translate(size / 2, size / 2);
  // At the smallest sizes the logo takes more of the tile, so that its turns stay apart.
  const scale = (side / 24) * (size <= 32 ? 0.92 : 0.74);
  context.scale(scale, scale);
  context.translate(-middle.x, -middle.y);
  context.lineWidth = strokeWidth;
  context.lineCap = 'round';
  context.strokeStyle = colours.ink;
  for (const turn of turns) context.stroke(new Path2D(turn));
  context.strokeStyle = colours.accent;
  context.stroke(new Path2D(thread));
  context.beginPath();
  context.arc(core.x, core.y, core.radius, 0, 2 * Math.PI);
  context.fillStyle = colours.accent;
  context.fill();
  return canvas.toBuffer('image/png');
}

/** `node scripts/make-icons.mjs`: draws build/'s icons again, for every system. */
await runScript(async () => {
  const build = join(cloneRoot, 'build');
  const linux = join(build, 'icons');
  await mkdir(linux, { recursive: true });
  for (const size of [16, 32, 48, 64, 128, 256, 512]) {
    await writeFile(join(linux, `${size}x${size}.png`), drawIcon(size, 0.03));
  }
  await writeFile(join(build, 'icon.png'), drawIcon(1024, 0.03));
  const windows = [16, 24, 32, 48, 64, 128, 256].map((size) => ({ size, png: drawIcon(size, 0.03) }));
  await writeFile(join(build, 'icon.ico'), icoOf(windows));
  const mac = [16, 32, 64, 128, 256, 512, 1024].map((size) => ({ size, png: drawIcon(size, 0.098) }));
  await writeFile(join(build, 'icon.icns'), icnsOf(mac));
  process.stdout.write(`${build}\n`);
});
