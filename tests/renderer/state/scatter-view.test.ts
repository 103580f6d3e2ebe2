// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from 'vitest';
import { ScatterView, showsEnoughFlat } from '../../../src/renderer/state/scatter-view.svelte.ts';

const EVEN = [0.2, 0.18, 0.17];
const FLAT = [0.5, 0.3, 0.05];

const imported = (images: number) => ({ images, kind: 'imported' as const });

beforeEach(() => localStorage.clear());

describe('the first picture of a scatter', () => {
  it('is flat where the third axis holds under a third of the second, or two hold 90 %', () => {
    expect(showsEnoughFlat(EVEN)).toBe(false);
    expect(showsEnoughFlat(FLAT)).toBe(true);
    expect(showsEnoughFlat([0.3, 0.3, 0.1 + 1e-9])).toBe(false);
    expect(showsEnoughFlat([0.3, 0.3, 0.099])).toBe(true);
    // All of one axis, and a second and a third that hold as little as each other.
    expect(showsEnoughFlat([0.9, 0.04, 0.04])).toBe(true);
    // A collapsed model has no variance, of which no axis holds most.
    expect(showsEnoughFlat([0, 0, 0])).toBe(false);
  });

  it('follows the points until a person has chosen, and then the person, also after a restart', () => {
    const view = new ScatterView();
    expect([view.spaceFor(EVEN), view.spaceFor(FLAT), view.spaceFor(undefined)]).toEqual(['3d', '2d', '3d']);
    view.chooseSpace('2d');
    expect(view.spaceFor(EVEN)).toBe('2d');
    const later = new ScatterView();
    expect(later.spaceFor(EVEN)).toBe('2d');
    later.chooseSpace('3d');
    expect(new ScatterView().spaceFor(FLAT)).toBe('3d');
  });

  it('has faces where there are few images, until a person has chosen', () => {
    const view = new ScatterView();
    expect([301, 400, 500, 501, 8000].map((images) => view.pointsAsFor(imported(images)))).toEqual([
      'faces',
      'faces',
      'faces',
      'dots',
      'dots',
    ]);
    view.choosePointsAs('dots');
    expect(new ScatterView().pointsAsFor(imported(301))).toBe('dots');
  });

  it('has no faces where the points have no images', () => {
    const view = new ScatterView();
    view.choosePointsAs('faces');
    expect(view.pointsAsFor({ images: 301, kind: 'points' })).toBe('dots');
  });

  it('does not take what it does not know from the storage', () => {
    localStorage.setItem('unravel.scatter.space', '4d');
    localStorage.setItem('unravel.scatter.points', 'emoji');
    const view = new ScatterView();
    expect([view.spaceFor(EVEN), view.pointsAsFor(imported(8000))]).toEqual(['3d', 'dots']);
  });
});
