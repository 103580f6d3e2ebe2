/**
 * Shapes as signed distances: negative inside, positive outside, in the units of the coordinates.
 *
 * Only + − × ÷ and square roots are used, which IEEE 754 rounds exactly, so that every platform draws the same
 * bytes. Near the edge, where anti-aliasing uses them, the distances are correct to first order.
 */
export interface Shape {
  readonly minX: number;
  readonly minY: number;
  readonly maxX: number;
  readonly maxY: number;
  readonly distance: (x: number, y: number) => number;
}

/** An ellipse about (cx, cy). Distance to first order: f·(f − 1)/|∇f| of f = |(x/rx, y/ry)|; exact for a circle. */
export function ellipse(cx: number, cy: number, rx: number, ry: number): Shape {
  const ix = 1 / rx;
  const iy = 1 / ry;
  const bounds = { minX: cx - rx, minY: cy - ry, maxX: cx + rx, maxY: cy + ry };
  if (rx === ry) {
    return { ...bounds, distance: (x, y) => Math.sqrt((x - cx) * (x - cx) + (y - cy) * (y - cy)) - rx };
  }
  return {
    ...bounds,
    distance: (x, y) => {
      const u = (x - cx) * ix;
      const v = (y - cy) * iy;
      const f = Math.sqrt(u * u + v * v);
      const gu = u * ix;
      const gv = v * iy;
      // At the centre the gradient is zero.
      if (f < 1e-6) return -Math.min(rx, ry);
      return (f * (f - 1)) / Math.sqrt(gu * gu + gv * gv);
    },
  };
}

/** A superellipse of exponent 3, |x/rx|³ + |y/ry|³ = 1: an ellipse that is closer to a rectangle. */
export function superellipse(cx: number, cy: number, rx: number, ry: number): Shape {
  return {
    minX: cx - rx,
    minY: cy - ry,
    maxX: cx + rx,
    maxY: cy + ry,
    distance: (x, y) => {
      const u = Math.abs(x - cx) / rx;
      const v = Math.abs(y - cy) / ry;
      const gu = (3 * u * u) / rx;
      const gv = (3 * v * v) / ry;
      return (u * u * u + v * v * v - 1) / (Math.sqrt(gu * gu + gv * gv) + 1e-3);
    },
  };
}

/** A stroke with round ends from (x0, y0), radius r0, to (x1, y1), radius r1. */
export function capsule(x0: number, y0: number, r0: number, x1: number, y1: number, r1: number): Shape {
  const dx = x1 - x0;
  const dy = y1 - y0;
  const lengthSquared = dx * dx + dy * dy + 1e-9;
  const radius = Math.max(r0, r1);
  return {
    minX: Math.min(x0, x1) - radius,
    minY: Math.min(y0, y1) - radius,
    maxX: Math.max(x0, x1) + radius,
    maxY: Math.max(y0, y1) + radius,
    distance: (x, y) => {
      const t = clamp01(((x - x0) * dx + (y - y0) * dy) / lengthSquared);
      const ex = x - x0 - t * dx;
      const ey = y - y0 - t * dy;
      return Math.sqrt(ex * ex + ey * ey) - (r0 + (r1 - r0) * t);
    },
  };
}

/** A box with half sides (hx, hy) about (cx, cy) whose corners have the given radius. */
export function roundedBox(cx: number, cy: number, hx: number, hy: number, radius: number): Shape {
  const r = Math.min(radius, hx, hy);
  return {
    minX: cx - hx,
    minY: cy - hy,
    maxX: cx + hx,
    maxY: cy + hy,
    distance: (x, y) => {
      const qx = Math.abs(x - cx) - hx + r;
      const qy = Math.abs(y - cy) - hy + r;
      const ox = Math.max(qx, 0);
      const oy = Math.max(qy, 0);
      return Math.sqrt(ox * ox + oy * oy) + Math.min(Math.max(qx, qy), 0) - r;
    },
  };
}

/**
 * A stroke along the parabola through (cx ± halfWidth, cy) with its middle at cy + sag, with round ends.
 *
 * The nearest point is found by two Newton steps that start at the same x, which is enough for flat curves. The
 * exact solution of the cubic equation would need the platform's arc cosine.
 */
export function arc(cx: number, cy: number, halfWidth: number, sag: number, radius: number): Shape {
  const a = -sag / (halfWidth * halfWidth);
  return {
    minX: cx - halfWidth - radius,
    minY: cy + Math.min(0, sag) - radius,
    maxX: cx + halfWidth + radius,
    maxY: cy + Math.max(0, sag) + radius,
    distance: (px, py) => {
      const x = px - cx;
      const y = py - cy - sag;
      let t = Math.min(Math.max(x, -halfWidth), halfWidth);
      for (let step = 0; step < 2; step++) {
        const slope = 2 * a * t;
        const off = a * t * t - y;
        const curvature = Math.max(1 + slope * slope + 2 * a * off, 0.3);
        t = Math.min(Math.max(t - (t - x + off * slope) / curvature, -halfWidth), halfWidth);
      }
      const ex = t - x;
      const ey = a * t * t - y;
      return Math.sqrt(ex * ex + ey * ey) - radius;
    },
  };
}

/** Everything below (larger y than) the parabola that {@link arc} strokes, also beyond its ends. */
export function belowArc(cx: number, cy: number, halfWidth: number, sag: number): Shape {
  const a = -sag / (halfWidth * halfWidth);
  return {
    ...EVERYWHERE,
    distance: (px, py) => {
      const x = px - cx;
      const slope = 2 * a * x;
      return (cy + sag + a * x * x - py) / Math.sqrt(1 + slope * slope);
    },
  };
}

/** The shape with x and y exchanged. */
export function transpose({ minX, minY, maxX, maxY, distance }: Shape): Shape {
  return { minX: minY, minY: minX, maxX: maxY, maxY: maxX, distance: (x, y) => distance(y, x) };
}

/** The shape with each column moved down by `slope` per unit right of cx; for slopes well below 1. */
export function shear(shape: Shape, cx: number, slope: number): Shape {
  const { distance } = shape;
  const reach = Math.max(shape.maxX - cx, cx - shape.minX) * Math.abs(slope);
  return {
    ...shape,
    minY: shape.minY - reach,
    maxY: shape.maxY + reach,
    distance: (x, y) => distance(x, y - slope * (x - cx)),
  };
}

/** The half plane above (smaller y than) the level y0. */
export function above(y0: number): Shape {
  return { ...EVERYWHERE, maxY: y0, distance: (_x, y) => y - y0 };
}

/** All points outside the shape. */
export function outside(shape: Shape): Shape {
  const { distance } = shape;
  return { ...EVERYWHERE, distance: (x, y) => -distance(x, y) };
}

/** The points of both shapes. */
export function intersect(a: Shape, b: Shape): Shape {
  const first = a.distance;
  const second = b.distance;
  return { ...commonBounds(a, b), distance: (x, y) => Math.max(first(x, y), second(x, y)) };
}

/** The points of both shapes, with corners rounded over the given width. */
export function smoothIntersect(a: Shape, b: Shape, width: number): Shape {
  const first = a.distance;
  const second = b.distance;
  return {
    ...commonBounds(a, b),
    distance: (x, y) => -smoothMin(-first(x, y), -second(x, y), width),
  };
}

/** The points of either shape, with the notch between them filled over the given width. */
export function smoothUnion(a: Shape, b: Shape, width: number): Shape {
  const first = a.distance;
  const second = b.distance;
  const { minX, minY, maxX, maxY } = b;
  const bulge = width / 4;
  return {
    minX: Math.min(a.minX, b.minX) - bulge,
    minY: Math.min(a.minY, b.minY) - bulge,
    maxX: Math.max(a.maxX, b.maxX) + bulge,
    maxY: Math.max(a.maxY, b.maxY) + bulge,
    distance: (x, y) => {
      const near = first(x, y);
      // Most points are too far from the second shape's bounds to be affected by it.
      const gap = Math.max(Math.max(minX - x, x - maxX), Math.max(minY - y, y - maxY));
      return gap >= near + width ? near : smoothMin(near, second(x, y), width);
    },
  };
}

/** Clamps to [0, 1]. */
export function clamp01(value: number): number {
  return value < 0 ? 0 : value > 1 ? 1 : value;
}

/** 0 up to `from`, 1 from `to` on, a smooth cubic 3t² − 2t³ between. */
export function smoothStep(from: number, to: number, value: number): number {
  const t = clamp01((value - from) / (to - from));
  return t * t * (3 - 2 * t);
}

const EVERYWHERE = { minX: -1e3, minY: -1e3, maxX: 1e3, maxY: 1e3 };

function commonBounds(a: Shape, b: Shape): typeof EVERYWHERE {
  return {
    minX: Math.max(a.minX, b.minX),
    minY: Math.max(a.minY, b.minY),
    maxX: Math.min(a.maxX, b.maxX),
    maxY: Math.min(a.maxY, b.maxY),
  };
}

/** The quadratic smooth minimum: equal to min(a, b) where they differ by more than the width. */
function smoothMin(a: number, b: number, width: number): number {
  const h = Math.max(width - Math.abs(a - b), 0);
  return Math.min(a, b) - (h * h) / (4 * width);
}
