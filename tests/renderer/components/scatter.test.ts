// @vitest-environment happy-dom
import { cleanup, render, screen } from '@testing-library/svelte';
import { flushSync } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ScatterScene } from '../../../src/renderer/scene/scatter-scene.ts';
import { PALETTES, type Palette } from '../../../src/renderer/theme/tokens.ts';
import { fakeCanvases } from '../scene/fake-canvas.ts';
import ScatterInWindow from './ScatterInWindow.svelte';

const THREE_POINTS = Float32Array.of(-1, 0, 0, 0, 0, 0, 1, 0, 0);
const TWO_POINTS = Float32Array.of(-1, 0, 0, 1, 0, 0);
const colours = (points: number): Uint8Array => new Uint8Array(points * 4).fill(255);
const props = {
  palette: PALETTES.dark,
  positions: THREE_POINTS,
  colours: colours(3),
  axes: ['x', 'y', 'z'],
  moveMs: 100,
  label: 'Codes',
};

/** What the scene was told, in order. */
let told: string[];
/** Tells every ResizeObserver of the page that something has changed its size. */
let resize: () => void;

beforeEach(() => {
  fakeCanvases();
  told = [];
  for (const method of ['setPalette', 'setPositions', 'setColours', 'setAxes', 'dispose'] as const) {
    const original = Reflect.get(ScatterScene.prototype, method) as (...input: unknown[]) => void;
    vi.spyOn(ScatterScene.prototype, method).mockImplementation(function (
      this: ScatterScene,
      ...input: unknown[]
    ) {
      told.push(method);
      original.apply(this, input);
    });
  }
  const callbacks: (() => void)[] = [];
  resize = () => {
    for (const callback of callbacks) callback();
  };
  vi.stubGlobal(
    'ResizeObserver',
    class {
      constructor(callback: () => void) {
        callbacks.push(callback);
      }
      observe(): void {}
      disconnect(): void {}
    },
  );
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

interface Changes {
  readonly palette?: Palette;
  readonly positions?: Float32Array;
  readonly colours?: Uint8Array;
  readonly focus?: { readonly label: string; readonly describedBy: string };
}

function show(changes: { readonly positions?: undefined } = {}) {
  let give: (changes: Changes) => void = () => undefined;
  const { container, unmount } = render(ScatterInWindow, {
    given: { ...props, ...changes },
    onready: (change: typeof give) => (give = change),
  });
  const change = (next: Changes): void => {
    give(next);
    flushSync();
  };
  return { container, unmount, change };
}

describe('Scatter', () => {
  it('gives the scene positions before the colours of the same points', () => {
    show();
    expect(told.filter((method) => method === 'setPositions' || method === 'setColours')).toEqual([
      'setPositions',
      'setColours',
    ]);
  });

  it('waits with colours that are of another number of points', () => {
    const { change } = show();
    told = [];
    change({ positions: TWO_POINTS });
    expect(told).toEqual(['setPositions']);
    change({ colours: colours(2) });
    expect(told).toEqual(['setPositions', 'setColours']);
  });

  it('hides both canvases until there are positions', () => {
    const { container, change } = show({ positions: undefined });
    const areHidden = (): boolean[] =>
      [...container.querySelectorAll('canvas')].map(({ classList }) => classList.contains('hidden'));
    expect(areHidden()).toEqual([true, true]);
    expect(told).not.toContain('setPositions');
    change({ positions: THREE_POINTS });
    expect(areHidden()).toEqual([false, false]);
  });

  it('keeps its scene, and with it the camera, when the palette changes', () => {
    const { change } = show();
    told = [];
    change({ palette: PALETTES.light });
    expect(told).toEqual(['setPalette']);
  });

  it('frees the scene when it goes', () => {
    const { unmount } = show();
    expect(told).not.toContain('dispose');
    unmount();
    expect(told.filter((method) => method === 'dispose')).toHaveLength(1);
  });

  it('takes the focus where it is given a name for it, and is a picture otherwise', () => {
    const { container, change } = show();
    screen.getByRole('img', { name: 'Codes' });
    expect(container.querySelector('canvas')!.hasAttribute('tabindex')).toBe(false);
    change({ focus: { label: 'Scatter', describedBy: 'description' } });
    screen.getByRole('application', { name: 'Codes' });
    const canvas = container.querySelector('canvas')!;
    expect([canvas.tabIndex, canvas.getAttribute('aria-label')]).toEqual([0, 'Scatter']);
  });

  it('tells the scene its size, and where something lies over the points', () => {
    const setSize = vi.spyOn(ScatterScene.prototype, 'setSize');
    const setCovered = vi.spyOn(ScatterScene.prototype, 'setCovered');
    const box = (element: Element): DOMRect =>
      element.hasAttribute('data-covers') ? new DOMRect(110, 70, 30, 20) : new DOMRect(100, 50, 400, 300);
    vi.spyOn(Element.prototype, 'getBoundingClientRect').mockImplementation(function (this: Element) {
      return box(this);
    });
    vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(400);
    vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(300);
    show();
    resize();
    expect(setSize).toHaveBeenLastCalledWith(400, 300, devicePixelRatio);
    expect(setCovered).toHaveBeenLastCalledWith([{ left: 10, top: 20, right: 40, bottom: 40 }]);
  });

  it('says why nothing can be drawn, and what to do', () => {
    HTMLCanvasElement.prototype.getContext = () => null;
    show();
    flushSync();
    expect(screen.getByText(/needs WebGL 2.*Update the driver/)).toBeTruthy();
    screen.getByRole('button', { name: 'Try again' });
    expect(told).toEqual([]);
  });
});
