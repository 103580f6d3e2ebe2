import { findChromium, startBrowser } from '../app/browser.ts';
import { buildPageScript } from '../app/page-script.ts';
import type { Context } from '../context.ts';
import type { Outcome } from '../figures.ts';
import { benchmarkClicks } from './app-clicks.ts';
import { benchmarkDrag } from './app-drag.ts';
import { benchmarkLaunch } from './app-launch.ts';
import { benchmarkOrbit } from './app-orbit.ts';

/** The app as a person has it: the real `unravel serve` in a real Chromium, timed inside the page. */
export async function benchmarkApp(context: Context): Promise<Outcome> {
  const chromium = findChromium();
  if (chromium === undefined) {
    const note = 'app: left out, because there is no Chromium (Debian, Ubuntu: sudo apt install chromium).';
    return { figures: [], series: [], notes: [note] };
  }
  const probe = await buildPageScript('probe');
  const browser = await startBrowser(chromium);
  try {
    const stage = { browser, probe };
    const outcomes = [
      await benchmarkLaunch(context, stage),
      await benchmarkDrag(context, stage),
      await benchmarkClicks(context, stage),
      await benchmarkOrbit(context, browser),
    ];
    return {
      figures: outcomes.flatMap(({ figures }) => figures),
      series: outcomes.flatMap(({ series }) => series),
      notes: [
        `app: Chromium ${browser.version()}, WebGL on the processor (SwiftShader).`,
        ...outcomes.flatMap(({ notes = [] }) => notes),
      ],
    };
  } finally {
    await browser.close();
  }
}
