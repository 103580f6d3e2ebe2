/** A function to minimise: returns its value and writes its gradient into `gradient`. */
export type Objective = (at: Float64Array, gradient: Float64Array) => number;

/** Number of stored steps, and the stopping criteria: SciPy's and scikit-learn's defaults. */
const MEMORY = 10;
const MOST_STEPS = 100;
const SMALLEST_GRADIENT = 1e-4;
/** A step must gain this part of the decrease that the slope predicts (Nocedal & Wright 2006, eq. 3.4). */
const ARMIJO = 1e-4;
/** A step must reduce the slope to this part (eq. 3.7b). */
const CURVATURE = 0.9;

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** A previous step, and the change of the gradient. */
interface Memory {
  readonly step: Float64Array;
  readonly change: Float64Array;
}

/** −H·gradient, where H is estimated from the last steps (Nocedal & Wright 2006, algorithm 7.4). */
function descentDirection(gradient: Float64Array, memory: readonly Memory[]): Float64Array {
  const q = gradient.map((value) => -value);
  const alphas: number[] = [];
  for (let i = memory.length - 1; i >= 0; i--) {
    const { step, change } = memory[i]!;
    const alpha = dot(step, q) / dot(step, change);
    alphas[i] = alpha;
    for (let j = 0; j < q.length; j++) q[j]! -= alpha * change[j]!;
  }
  const last = memory.at(-1);
  if (last) {
    const scale = dot(last.step, last.change) / dot(last.change, last.change);
    for (let j = 0; j < q.length; j++) q[j]! *= scale;
  }
  for (const [i, { step, change }] of memory.entries()) {
    const beta = dot(change, q) / dot(step, change);
    for (let j = 0; j < q.length; j++) q[j]! += (alphas[i]! - beta) * step[j]!;
  }
  return q;
}

/**
 * Finds a step length that satisfies the weak Wolfe conditions, by doubling and bisection.
 *
 * @returns undefined if none is found because of rounding
 */
function findLength(
  value: number,
  slope: number,
  first: number,
  probe: (length: number) => { value: number; slope: number },
): number | undefined {
  let [low, high, length] = [0, Number.POSITIVE_INFINITY, first];
  for (let trial = 0; trial < 40; trial++) {
    const there = probe(length);
    if (!(there.value <= value + ARMIJO * length * slope)) high = length;
    else if (there.slope < CURVATURE * slope) low = length;
    else return length;
    length = Number.isFinite(high) ? (low + high) / 2 : 2 * low;
  }
  return low > 0 ? low : undefined;
}

/**
 * Minimises a smooth function by limited-memory BFGS (Nocedal & Wright 2006, section 7.2).
 *
 * @param start - the starting point, which is not changed
 * @returns a point where every component of the gradient is at most 1e-4, or the point after a hundred steps
 */
export function minimise(objective: Objective, start: Float64Array): Float64Array {
  let at = new Float64Array(start);
  let gradient = new Float64Array(start.length);
  let value = objective(at, gradient);
  const memory: Memory[] = [];
  for (let taken = 0; taken < MOST_STEPS; taken++) {
    if (gradient.every((part) => Math.abs(part) <= SMALLEST_GRADIENT)) break;
    const direction = descentDirection(gradient, memory);
    const slope = dot(direction, gradient);
    const next = new Float64Array(at.length);
    const nextGradient = new Float64Array(at.length);
    let nextValue = value;
    const from = at;
    const probe = (length: number): { value: number; slope: number } => {
      for (let i = 0; i < next.length; i++) next[i] = from[i]! + length * direction[i]!;
      nextValue = objective(next, nextGradient);
      return { value: nextValue, slope: dot(nextGradient, direction) };
    };
    const first = taken === 0 ? Math.min(1, 1 / Math.sqrt(dot(gradient, gradient))) : 1;
    const length = findLength(value, slope, first, probe);
    if (length === undefined) break;
    probe(length);
    const step = next.map((there, i) => there - from[i]!);
    const before = gradient;
    const change = nextGradient.map((there, i) => there - before[i]!);
    if (dot(step, change) > 1e-12 * dot(step, step)) memory.push({ step, change });
    if (memory.length > MEMORY) memory.shift();
    [at, gradient, value] = [next, nextGradient, nextValue];
  }
  return at;
}
