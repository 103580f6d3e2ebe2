import fc from 'fast-check';
import { Vector3 } from 'three';
import { describe, expect, it } from 'vitest';
import { seenEllipse } from '../../../src/renderer/scene/ellipse.ts';

const right = new Vector3(1, 0, 0);
const up = new Vector3(0, 1, 0);
const fresh = () => ({ major: 0, minor: 0, angle: 0 });

describe('what a posterior looks like', () => {
  it('is a circle of one σ where all variances are equal, from every side', () => {
    const turned = new Vector3(0.6, 0, 0.8);
    const ellipse = seenEllipse([4, 0, 0, 0, 4, 0, 0, 0, 4], turned, up, 10, fresh());
    expect(ellipse.major).toBeCloseTo(20, 9);
    expect(ellipse.minor).toBeCloseTo(20, 9);
  });

  it('has the standard deviations as half its axes, longest first', () => {
    const ellipse = seenEllipse([1, 0, 0, 0, 9, 0, 0, 0, 25], right, up, 2, fresh());
    expect(ellipse.major).toBeCloseTo(6, 9);
    expect(ellipse.minor).toBeCloseTo(2, 9);
    expect(Math.abs(ellipse.angle)).toBeCloseTo(Math.PI / 2, 9);
  });

  it('leans as the covariance does; the screen runs downwards', () => {
    const ellipse = seenEllipse([2, 1, 0, 1, 2, 0, 0, 0, 1], right, up, 1, fresh());
    expect(ellipse.major).toBeCloseTo(Math.sqrt(3), 9);
    expect(ellipse.minor).toBeCloseTo(1, 9);
    expect(ellipse.angle).toBeCloseTo(-Math.PI / 4, 9);
  });

  it('keeps the variance in every direction of the screen', () => {
    const number = fc.double({ min: -2, max: 2, noNaN: true });
    fc.assert(
      fc.property(number, number, number, number, number, number, number, (a, b, c, d, e, f, theta) => {
        // M Mᵀ is a covariance.
        const xx = a * a + b * b;
        const xy = a * d + b * e;
        const yy = d * d + e * e + f * f;
        const { major, minor, angle } = seenEllipse(
          [xx, xy, 0, xy, yy, 0, 0, 0, c * c],
          right,
          up,
          1,
          fresh(),
        );
        const [x, y] = [Math.cos(theta), -Math.sin(theta)];
        const along = x * Math.cos(angle) + y * Math.sin(angle);
        const across = y * Math.cos(angle) - x * Math.sin(angle);
        const seen = (major * along) ** 2 + (minor * across) ** 2;
        const ofCovariance = xx * x * x - 2 * xy * x * y + yy * y * y;
        expect(seen).toBeCloseTo(ofCovariance, 6);
      }),
    );
  });
});
