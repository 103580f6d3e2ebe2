import { setTimeout as pause } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { ownSeconds } from '../harness/processors.ts';
import type { Worker } from '../harness/worker.ts';
import type { Answer } from '../harness/worker.ts';
import { WINDOW } from './browser.ts';
import type { Place } from './ways.ts';

/** The browser and server for the benchmarks of the app. */
export interface Stage {
  readonly browser: Browser;
  /** The built bench/renderer/probe.ts. */
  readonly probe: string;
}

/**
 * Opens the app in a new browser profile with the probe loaded: `probe.…` can be evaluated there.
 *
 * @param url - as `unravel serve` prints it
 */
export async function openApp({ browser, probe }: Stage, url: string): Promise<Page> {
  const context = await browser.newContext({ viewport: WINDOW, colorScheme: 'dark' });
  // Through the debugger, because the page's content security policy allows no other scripts.
  await context.addInitScript({ content: probe });
  const page = await context.newPage();
  await page.goto(url);
  return page;
}

/**
 * Waits until points and a face are on the screen; returns the time since the page's navigation, by the page's clock.
 */
export function firstPicture(page: Page): Promise<number> {
  return page.evaluate<number>('probe.firstPicture()');
}

/** A window as a worker. All processes that we have started belong to it. */
export function windowWorker(name: string, ask: (steps: number) => Promise<Answer>): Worker {
  return { name, ask, cpuSeconds: () => ownSeconds(process.pid), peakBytes: () => undefined };
}

/**
 * Starts a watch in the page, acts on the page, and waits for the watch's result.
 *
 * @param watch - gives a promise, in the page. It is evaluated before `act` begins: an event of the pointer overtakes
 *   what a page is asked to evaluate.
 * @returns the value of the promise
 */
export async function watched<T>(page: Page, watch: string, act: () => Promise<void>): Promise<T> {
  await page.evaluate(`void (globalThis.watching = ${watch})`);
  await act();
  return page.evaluate<T>('watching');
}

const MOVE_MS = 1000 / 60;

/**
 * Presses the pointer, moves it sixty times a second, and releases it.
 *
 * @param at - where it is so many milliseconds after the press
 */
export async function dragFor(page: Page, ms: number, at: (ms: number) => Place): Promise<void> {
  await page.mouse.down();
  const start = performance.now();
  const moves: Promise<void>[] = [];
  for (let move = 1; performance.now() - start < ms; move++) {
    const { x, y } = at(move * MOVE_MS);
    // Not awaited, because a person's hand does not wait for the window either.
    moves.push(page.mouse.move(x, y));
    await pause(Math.max(0, start + move * MOVE_MS - performance.now()));
  }
  await Promise.all(moves);
  await page.mouse.up();
}
