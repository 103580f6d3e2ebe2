// @vitest-environment happy-dom
import { cleanup, render, screen } from '@testing-library/svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createClient, type Client } from '../../src/contract/client.ts';
import { UnravelError } from '../../src/contract/errors.ts';
import { portPair, type Port } from '../../src/contract/port.ts';
import { serve, type SomeHandlers } from '../../src/contract/serve.ts';
import Root from '../../src/renderer/Root.svelte';
import { held, passed } from './held.ts';
import { appInfo, nothingRemembered } from './small-app.ts';

/** What each try reaches: a host that answers with these handlers, or nobody. */
let hosts: (SomeHandlers | undefined)[] = [];
let ends: { port: Port; isClosed: boolean }[] = [];
let tries = 0;

vi.mock('../../src/renderer/state/connection.ts', () => ({
  grantDropped: () => Promise.resolve(null),
  connect: (): Promise<Client> => {
    tries += 1;
    const handlers = hosts.shift();
    if (!handlers) {
      return Promise.reject(
        new UnravelError('disconnected', 'Nobody answers.', { hint: 'Start Unravel again.' }),
      );
    }
    const [near, far] = portPair();
    const end = { port: far, isClosed: false };
    ends.push(end);
    far.onClose(() => (end.isClosed = true));
    const nothing = {
      'app.describe': () => appInfo,
      'app.recall': () => nothingRemembered,
      'datasets.list': () => [],
      'datasets.damaged': () => [],
      'runs.list': () => [],
      'runs.damaged': () => [],
      'jobs.list': () => [],
    };
    serve(far, { ...nothing, ...handlers });
    return Promise.resolve(createClient(near));
  },
}));
// All views would need a canvas; what is tested is what stands around them.
vi.mock('../../src/renderer/App.svelte', () => import('./AppStub.svelte'));

beforeEach(() => {
  vi.useFakeTimers();
  [hosts, ends, tries] = [[], [], 0];
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

it('shows the app once it is loaded', async () => {
  hosts = [{}];
  render(Root);
  await passed();
  expect(screen.getByText('Unravel 0.0.0')).toBeTruthy();
  expect(screen.queryByRole('alert')).toBeNull();
});

it('says why there is no connection and what to do, and shows the app once there is one', async () => {
  hosts = [undefined, {}];
  render(Root);
  await passed();
  expect(screen.getByText('Nobody answers. Start Unravel again.')).toBeTruthy();
  await vi.advanceTimersByTimeAsync(500);
  await passed();
  expect(screen.getByText('Unravel 0.0.0')).toBeTruthy();
  expect(tries).toBe(2);
});

it('loads the page again where a person asks for it', async () => {
  hosts = [undefined];
  const reload = vi.spyOn(location, 'reload').mockReturnValue(undefined);
  render(Root);
  await passed();
  screen.getByRole('button', { name: 'Try again' }).click();
  expect(reload).toHaveBeenCalledOnce();
});

it('makes the app anew on top of a new connection', async () => {
  hosts = [{}, { 'app.describe': () => ({ ...appInfo, version: '0.0.1' }) }];
  render(Root);
  await passed();
  ends[0]!.port.close();
  await passed();
  await vi.advanceTimersByTimeAsync(500);
  await passed();
  expect(screen.getByText('Unravel 0.0.1')).toBeTruthy();
});

it('closes the connection of a try whose lists cannot be loaded', async () => {
  hosts = [
    {
      'runs.list': () => {
        throw new UnravelError('native', 'The engine is busy.');
      },
    },
    {},
  ];
  render(Root);
  await passed();
  expect(ends[0]!.isClosed).toBe(true);
  await vi.advanceTimersByTimeAsync(500);
  await passed();
  expect(ends.map(({ isClosed }) => isClosed)).toEqual([true, false]);
});

it('connects once more, not twice, where the connection is lost while it loads', async () => {
  const lists = held(() => []);
  hosts = [{ 'runs.list': lists.handler }, {}, {}];
  render(Root);
  await passed();
  ends[0]!.port.close();
  await passed();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(tries).toBe(2);
});

it('keeps the app where it was while a lost connection is made again, and says so', async () => {
  hosts = [{}, {}];
  render(Root);
  await passed();
  ends[0]!.port.close();
  await passed();
  expect(screen.getByText('Unravel 0.0.0')).toBeTruthy();
  expect(screen.getByRole('alert').textContent).toContain('Trying again');
  await vi.advanceTimersByTimeAsync(500);
  await passed();
  expect(screen.queryByRole('alert')).toBeNull();
});

it('closes its connection when it goes, and makes no other', async () => {
  hosts = [{}, {}];
  const { unmount } = render(Root);
  await passed();
  unmount();
  await passed();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(ends.map(({ isClosed }) => isClosed)).toEqual([true]);
  expect(tries).toBe(1);
});
