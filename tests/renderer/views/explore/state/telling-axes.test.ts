import { expect, it } from 'vitest';
import { tellingAxes } from '../../../../../src/renderer/views/explore/state/telling-axes.ts';

it('are those that carry most of a label each, then those of the most variance', () => {
  const hue = { axis: 0, variance: 0.4, name: 'hue', share: 0.3 };
  const unnamed = { axis: 1, variance: 0.3 };
  const hueToo = { axis: 2, variance: 0.2, name: 'hue', share: 0.6 };
  const smile = { axis: 3, variance: 0.1, name: 'smile', share: 0.8 };
  expect(tellingAxes([hue, unnamed, hueToo, smile])).toEqual([3, 2, 0]);
  expect(tellingAxes([hue, unnamed])).toEqual([0, 1, 1]);
  expect(tellingAxes([unnamed])).toEqual([1, 1, 1]);
});
