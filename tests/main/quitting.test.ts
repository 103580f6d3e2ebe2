import { EventEmitter } from 'node:events';
import type { App, MessageBoxOptions } from 'electron';
import { describe, expect, it } from 'vitest';
import { Quitting, type Quittable } from '../../src/main/quitting.ts';
import { eventually } from '../fixtures/eventually.ts';

/** Electron's way of ending: `quit` asks by an event, which may say no. */
class FakeApp extends EventEmitter {
  hasQuit = false;
  quit(): void {
    const event = { isPrevented: false, preventDefault: () => void (event.isPrevented = true) };
    this.emit('before-quit', event);
    this.hasQuit = !event.isPrevented;
  }
}

function setUp({
  isTraining = false,
  answers = [] as number[],
  host = undefined as Promise<Quittable> | undefined,
} = {}): {
  app: FakeApp;
  quitting: Quitting;
  questions: MessageBoxOptions[];
  log: string[];
} {
  const app = new FakeApp();
  const log: string[] = [];
  const questions: MessageBoxOptions[] = [];
  const close = (): Promise<void> => {
    log.push('closed');
    return Promise.resolve();
  };
  const quitting = new Quitting(app as unknown as App, host ?? Promise.resolve({ isTraining, close }), {
    ask: (options) => {
      questions.push(options);
      return Promise.resolve(answers.shift() ?? 0);
    },
    hideWindow: () => void log.push('hidden'),
  });
  quitting.setup();
  return { app, quitting, questions, log };
}

const settle = (): Promise<unknown> => new Promise((resolve) => setImmediate(resolve));

describe('quitting', () => {
  it('closes the host first, and does not ask unless a model is being trained', async () => {
    const { app, questions, log, quitting } = setUp();
    app.quit();
    expect(app.hasQuit).toBe(false);
    await eventually(() => expect(app.hasQuit).toBe(true));
    expect(log).toEqual(['hidden', 'closed']);
    expect(questions).toEqual([]);
    expect(quitting.isUnderWay).toBe(true);
  });

  it('asks once while a model is being trained, and stays open if the person says so', async () => {
    const { app, questions, log, quitting } = setUp({ isTraining: true, answers: [1, 0] });
    app.quit();
    // Quitting again while the dialog is open asks no second time.
    app.quit();
    await settle();
    expect(questions).toHaveLength(1);
    expect([app.hasQuit, quitting.isUnderWay, log]).toEqual([false, false, []]);
    app.quit();
    await eventually(() => expect(app.hasQuit).toBe(true));
    expect(questions).toHaveLength(2);
    expect(questions[0]).toMatchObject({ buttons: ['Quit', 'Keep training'], cancelId: 1 });
    expect(log).toEqual(['hidden', 'closed']);
  });

  it('does not ask when the machine shuts down, even while the dialog is open', async () => {
    const { app, quitting, questions, log } = setUp({ isTraining: true, answers: [1] });
    app.quit();
    await quitting.quit({ mayAsk: false });
    expect(app.hasQuit).toBe(true);
    expect(questions.length).toBeLessThanOrEqual(1);
    expect(log).toEqual(['hidden', 'closed']);
  });

  it('also works where the host did not start, or fails to close', async () => {
    const failing = setUp({ host: Promise.reject(new Error('No.')) });
    failing.app.quit();
    await eventually(() => expect(failing.app.hasQuit).toBe(true));
    const close = (): Promise<void> => Promise.reject(new Error('No.'));
    const stuck = setUp({ host: Promise.resolve({ isTraining: false, close }) });
    stuck.app.quit();
    await eventually(() => expect(stuck.app.hasQuit).toBe(true));
  });
});
