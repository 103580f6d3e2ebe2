// @vitest-environment happy-dom
import { describe, expect, it } from 'vitest';
import { createClient } from '../../../src/contract/client.ts';
import { UnravelError } from '../../../src/contract/errors.ts';
import { portPair, type Port } from '../../../src/contract/port.ts';
import { serve, type SomeHandlers } from '../../../src/contract/serve.ts';
import { Session } from '../../../src/renderer/state/session.svelte.ts';
import { Theme } from '../../../src/renderer/theme/theme.svelte.ts';
import { appInfo, nothingRemembered } from '../small-app.ts';
import { held, passed } from '../held.ts';
import { eventually } from '../../fixtures/eventually.ts';

/** A session whose tries reach hosts that answer with these handlers; `undefined`: nobody answers. */
function session(hosts: (SomeHandlers | undefined)[]) {
  const ends: { port: Port; isClosed: boolean }[] = [];
  let tries = 0;
  const opened = new Session({
    connect: () => {
      tries += 1;
      const handlers = hosts.shift();
      if (!handlers) return Promise.reject(new UnravelError('disconnected', 'Unravel does not answer.'));
      const [near, far] = portPair();
      const end = { port: far, isClosed: false };
      ends.push(end);
      far.onClose(() => (end.isClosed = true));
      serve(far, {
        'app.describe': () => appInfo,
        'app.recall': () => nothingRemembered,
        'datasets.list': () => [],
        'datasets.damaged': () => [],
        'runs.list': () => [],
        'runs.damaged': () => [],
        'jobs.list': () => [],
        ...handlers,
      });
      return Promise.resolve(createClient(near));
    },
    theme: new Theme(),
    retryMs: [0],
  });
  return { opened, ends, tries: () => tries };
}

const failing: SomeHandlers = {
  'runs.list': () => {
    throw new UnravelError('native', 'The engine is busy.', { hint: 'Try again.' });
  },
};

describe('the session', () => {
  it('connects and loads', async () => {
    const { opened } = session([{}]);
    await opened.open();
    expect(opened.app).toBeDefined();
    expect(opened.problem).toBeUndefined();
    opened.close();
  });

  it('closes the connection of a try that fails, says why, and tries once more', async () => {
    const { opened, ends, tries } = session([failing, {}]);
    await opened.open();
    await passed();
    expect(opened.problem).toMatchObject({ message: 'The engine is busy.', hint: 'Try again.' });
    expect(ends[0]!.isClosed).toBe(true);
    await eventually(() => expect(opened.app).toBeDefined());
    expect(tries()).toBe(2);
    expect(opened.problem).toBeUndefined();
    expect(ends.map(({ isClosed }) => isClosed)).toEqual([true, false]);
    opened.close();
  });

  it('makes one new connection where the old one is lost while it loads', async () => {
    const lists = held(() => []);
    const { opened, ends, tries } = session([{ 'runs.list': lists.handler }, {}, {}, {}]);
    const first = opened.open();
    await passed();
    ends[0]!.port.close();
    await first;
    await eventually(() => expect(opened.app).toBeDefined());
    // A second try would be made in one of the next turns: a timer that was set before ours runs before it.
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
    expect(tries()).toBe(2);
    opened.close();
  });

  it('shows what it had while it connects again, and goes on in the same view', async () => {
    const { opened, ends, tries } = session([{}, undefined, {}]);
    await opened.open();
    const first = opened.app!;
    first.view = 'train';
    ends[0]!.port.close();
    await passed();
    expect(opened.app).toBe(first);
    expect(opened.problem?.message).toContain('Trying again');
    await eventually(() => expect(opened.app).not.toBe(first));
    expect(opened.app?.view).toBe('train');
    expect(tries()).toBe(3);
    opened.close();
  });

  it('closes its connection with itself, also one that comes later, and makes no other', async () => {
    const { opened, ends, tries } = session([{}, {}]);
    await opened.open();
    opened.close();
    await passed();
    expect(ends[0]!.isClosed).toBe(true);
    expect(opened.problem).toBeUndefined();

    const late = session([{}]);
    const asked = late.opened.open();
    late.opened.close();
    await asked;
    await passed();
    expect(late.ends[0]!.isClosed).toBe(true);
    expect(late.opened.app).toBeUndefined();
    expect(tries()).toBe(1);
  });
});
