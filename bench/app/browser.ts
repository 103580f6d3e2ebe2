import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

/** The window that everything is measured and pictured in. */
export const WINDOW = { width: 1280, height: 800 };

/** The system's Chromium, or what `UNRAVEL_CHROMIUM` names; undefined where there is none. */
export function findChromium(): string | undefined {
  const named = process.env['UNRAVEL_CHROMIUM'];
  if (named !== undefined && named !== '') return named;
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .flatMap((folder) => NAMES.map((name) => join(folder, name)))
    .find((path) => existsSync(path));
}

/**
 * Starts a real Chromium that draws as it does on a machine without a graphics card: WebGL by SwiftShader, everything
 * else by the processor too. Without `--disable-gpu-compositing` it would put the whole window together by SwiftShader
 * as well, which no such machine does and which takes 70 ms a frame.
 */
export function startBrowser(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--use-angle=swiftshader',
      '--enable-unsafe-swiftshader',
      '--ignore-gpu-blocklist',
      '--disable-gpu-compositing',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
