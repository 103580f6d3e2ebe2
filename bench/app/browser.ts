import { chromium, type Browser } from 'playwright-core';

export { findChromium } from '../../scripts/setup/test-tools.mjs';

/** The size of the window for measurements and screenshots. */
export const WINDOW = { width: 1280, height: 800 };

/**
 * What puts the window together from its parts: a graphics card (SwiftShader acts for it), whose work goes on beside
 * the page's, or the processor, as on a machine without one.
 */
export type Compositing = 'card' | 'processor';

/**
 * Starts a real Chromium whose WebGL is SwiftShader's, so that it draws alike on every machine.
 *
 * @param compositing - `processor` is what people without a graphics card have. SwiftShader in a card's place takes
 *   70 ms to put the window together, which nobody's machine does, but leaves the page's thread alone as cards do.
 */
export function startBrowser(executablePath: string, compositing: Compositing): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--use-angle=swiftshader',
      '--enable-unsafe-swiftshader',
      '--ignore-gpu-blocklist',
      ...(compositing === 'processor' ? ['--disable-gpu-compositing'] : []),
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
