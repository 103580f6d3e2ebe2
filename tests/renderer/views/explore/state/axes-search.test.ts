import { describe, expect, it } from 'vitest';
import type { IndependentAxes } from '../../../../../src/contract/operations/codes.ts';
import type { AppState } from '../../../../../src/renderer/state/app.svelte.ts';
import { AxesSearch } from '../../../../../src/renderer/views/explore/state/axes-search.svelte.ts';

function named(...names: (string | undefined)[]): { name?: string }[] {
  return names.map((name) => (name === undefined ? {} : { name }));
}

/** Nothing is asked for. */
const app = {} as Pick<AppState, 'client' | 'jobs'>;

function search(): AxesSearch {
  return new AxesSearch(app, { run: 'run', dataset: 'faces' });
}

function axesNamed(...names: (string | undefined)[]): IndependentAxes {
  return { axes: named(...names) } as unknown as IndependentAxes;
}

describe('axes that are stored with a run', () => {
  it('are what sliders begin with where they carry more labels than the dimensions', () => {
    const axes = axesNamed('smile', 'turn', undefined);
    const own = search();
    own.offer(axes, named('smile', 'smile', 'smile'));
    expect(own.isWanted).toBe(true);
    expect(own.found).toBe(axes);
  });

  it('wait until they are wanted where they carry no more', () => {
    const own = search();
    own.offer(axesNamed('smile', 'smile'), named('smile'));
    expect(own.isWanted).toBe(false);
    expect(own.found).toBeDefined();
  });
});
