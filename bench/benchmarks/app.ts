import { findChromium, startBrowser } from '../app/browser.ts';
import { buildPageScript } from '../app/page-script.ts';
import type { Context } from '../context.ts';
import type { Outcome } from '../figures.ts';
import { benchmarkClicks } from './app-clicks.ts';
import { benchmarkDrag } from './app-drag.ts';
import { benchmarkLaunch } from './app-launch.ts';
import { benchmarkOrbit } from './app-orbit.ts';

/** The benchmarks of the app: the real `unravel serve` in a real Chromium, timed inside the page. */
export async function benchmarkApp(context: Context): Promise<Outcome> {
  const chromium = findChromium();
  if (chromium === undefined) {
    const note = 'app: left out, because there is no Chromium (Debian, Ubuntu: sudo apt install chromium).';
    return { figures: [], series: [], notes: [note] };
  }
  const probe = await buildPageScript('probe');
  const parts: Outcome[] = [];
  const browser = await startBrowser(chromium, 'processor');
  const version = browser.version();
  try {
    const stage = { browser, probe };
    for (const benchmark of [benchmarkLaunch, benchmarkDrag, benchmarkClicks]) {
      parts.push(await benchmark(context, stage));
    }
  } finally {
    await browser.close();
  }
  parts.push(await benchmarkOrbit(context, chromium));
  return {
    figures: parts.flatMap(({ figures }) => figures),
    series: parts.flatMap(({ series }) => series),
    notes: [
      `app: Chromium ${version}, WebGL by SwiftShader on the processor.`,
      ...parts.flatMap(({ notes = [] }) => notes),
    ],
  };
}
