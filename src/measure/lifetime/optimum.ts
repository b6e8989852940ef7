/**
 * The highest point of a smooth function of a few unknowns, as likelihoods need it: Nelder and Mead's simplex (1965)
 * from several starts, then Newton's method to machine precision. Unknowns are logarithms of parameters, so nothing
 * bounds them but `REACH`: whoever arrives there runs off to zero or infinity, and the data do not say where to stop.
 */

export type Optimum =
  /** `covariance` of the unknowns: the inverse of the observed information. */
  { found: true; at: number[]; value: number; covariance: number[][] } | { found: false; at: number[]; value: number };

export type Objective = (at: readonly number[]) => number;

/** e^±14: a parameter beyond a millionth or a million is no longer told from zero or infinity. */
const REACH = 14;
/** A standard error of a logarithm above this leaves a factor of 20 either way: the data do not say. */
const VAGUE = 3;

/**
 * Maximises `value` from the best of `starts`. `rough`, where given, is a cheaper function of about the same shape
 * (a sample of the data) to come near with. Not found: no proper maximum inside the reach, that is, the data do not
 * identify the parameters.
 */
export function maximise(value: Objective, starts: readonly number[][], rough: Objective = value): Optimum {
  const bounded = (f: Objective) => (at: readonly number[]) => {
    if (at.some((each) => !(Math.abs(each) <= REACH))) return Number.NEGATIVE_INFINITY;
    const result = f(at);
    return Number.isNaN(result) ? Number.NEGATIVE_INFINITY : result;
  };
  const exact = bounded(value);
  const near = bounded(rough);
  const ranked = starts.map((at) => ({ at, value: near(at) })).sort((a, b) => b.value - a.value);
  const climbs = ranked.slice(0, 3).map(({ at }) => simplex(near, at));
  let best = climbs.reduce((a, b) => (b.value > a.value ? b : a));
  if (rough !== value) best = simplex(exact, best.at, 60);
  for (let attempt = 0; attempt < 4; attempt++) {
    const end = newton(exact, best.at);
    if (end.found) return end;
    const further = simplex(exact, end.value > best.value ? end.at : best.at);
    if (further.value <= Math.max(best.value, end.value) + 1e-9) return { found: false, ...further };
    best = further;
  }
  return { found: false, ...best };
}

type Point = { at: number[]; value: number };

function simplex(f: Objective, start: readonly number[], most = 200 * start.length): Point {
  const point = (at: number[]): Point => ({ at, value: f(at) });
  const corners = [point([...start]), ...start.map((_, i) => point(start.map((x, j) => (i === j ? x + 0.5 : x))))];
  const size = start.length;
  for (let step = 0; step < most; step++) {
    corners.sort((a, b) => b.value - a.value);
    const [best, worst] = [corners[0]!, corners[size]!];
    const spread = Math.max(...corners.map(({ at }) => Math.max(...at.map((x, i) => Math.abs(x - best.at[i]!)))));
    if (spread < 1e-3 && best.value - worst.value < 1e-6) break;
    const middle = start.map((_, i) => corners.slice(0, size).reduce((sum, { at }) => sum + at[i]!, 0) / size);
    const along = (by: number) => point(middle.map((m, i) => m + by * (worst.at[i]! - m)));
    const reflected = along(-1);
    if (reflected.value > best.value) {
      const expanded = along(-2);
      corners[size] = expanded.value > reflected.value ? expanded : reflected;
    } else if (reflected.value > corners[size - 1]!.value) corners[size] = reflected;
    else {
      const contracted = along(reflected.value > worst.value ? -0.5 : 0.5);
      if (contracted.value > Math.max(worst.value, reflected.value)) corners[size] = contracted;
      else for (let i = 1; i <= size; i++) corners[i] = point(best.at.map((x, j) => x + (corners[i]!.at[j]! - x) / 2));
    }
  }
  return corners.reduce((a, b) => (b.value > a.value ? b : a));
}

/** Newton's steps, shortened until they climb; ends when a step moves nothing in the tenth digit. */
function newton(f: Objective, start: readonly number[]): Optimum {
  let at = [...start];
  let value = f(at);
  for (let round = 0; round < 100; round++) {
    const slope = gradient(f, at);
    const curve = hessian(f, at, value);
    const covariance = inverseOfPositive(curve.map((row) => row.map((each) => -each)));
    if (covariance === null) {
      // Not yet in the bowl: a short way uphill by the slope.
      const length = Math.hypot(...slope);
      const next = climb(
        f,
        at,
        value,
        slope.map((each) => (each / length) * 0.5),
      );
      if (!(length > 0) || next === null) return { found: false, at, value };
      ({ at, value } = next);
      continue;
    }
    const step = covariance.map((row) => row.reduce((sum, each, i) => sum + each * slope[i]!, 0));
    const gain = step.reduce((sum, each, i) => sum + each * slope[i]!, 0) / 2;
    const longest = Math.max(...step.map(Math.abs));
    if (gain < 1e-10 && longest < 1e-6) {
      const end = at.map((x, i) => x + step[i]!);
      const isVague = covariance.some((row, i) => row[i]! > VAGUE ** 2);
      if (isVague || end.some((each) => Math.abs(each) > REACH - 1)) return { found: false, at, value };
      return { found: true, at: end, value: Math.max(value, f(end)), covariance };
    }
    const next = climb(f, at, value, longest > 2 ? step.map((each) => (each * 2) / longest) : step);
    if (next === null) {
      // The function no longer tells one point from the next: this is as exact as its digits allow.
      const isClear = covariance.every((row, i) => row[i]! <= VAGUE ** 2);
      if (gain < 1e-7 && longest < 1e-3 && isClear) return { found: true, at, value, covariance };
      return { found: false, at, value };
    }
    ({ at, value } = next);
  }
  return { found: false, at, value };
}

function climb(f: Objective, at: readonly number[], value: number, step: readonly number[]): Point | null {
  for (let share = 1; share > 1e-6; share /= 2) {
    const next = at.map((x, i) => x + share * step[i]!);
    const there = f(next);
    if (there > value) return { at: next, value: there };
  }
  return null;
}

/** Central differences of fourth order. */
function gradient(f: Objective, at: readonly number[]): number[] {
  const h = 1e-3;
  return at.map((_, i) => {
    const by = (k: number) => f(at.map((x, j) => (i === j ? x + k * h : x)));
    return (8 * (by(1) - by(-1)) - (by(2) - by(-2))) / (12 * h);
  });
}

function hessian(f: Objective, at: readonly number[], value: number): number[][] {
  const h = 2e-3;
  const by = (i: number, j: number, k: number, l: number) =>
    f(at.map((x, m) => x + (m === i ? k * h : 0) + (m === j ? l * h : 0)));
  const matrix = at.map(() => at.map(() => 0));
  for (let i = 0; i < at.length; i++) {
    const second = -by(i, i, 1, 1) + 16 * by(i, i, 1, 0) - 30 * value + 16 * by(i, i, -1, 0) - by(i, i, -1, -1);
    matrix[i]![i] = second / (12 * h * h);
    for (let j = 0; j < i; j++) {
      const mixed = (by(i, j, 1, 1) - by(i, j, 1, -1) - by(i, j, -1, 1) + by(i, j, -1, -1)) / (4 * h * h);
      matrix[i]![j] = mixed;
      matrix[j]![i] = mixed;
    }
  }
  return matrix;
}

/** By Cholesky's decomposition; null when the matrix is not positive definite. */
export function inverseOfPositive(matrix: readonly (readonly number[])[]): number[][] | null {
  const lower = cholesky(matrix);
  if (lower === null) return null;
  const size = matrix.length;
  const inverse = matrix.map(() => matrix.map(() => 0));
  for (let column = 0; column < size; column++) {
    const x = new Array<number>(size).fill(0);
    for (let i = 0; i < size; i++) {
      let sum = i === column ? 1 : 0;
      for (let k = 0; k < i; k++) sum -= lower[i]![k]! * x[k]!;
      x[i] = sum / lower[i]![i]!;
    }
    for (let i = size - 1; i >= 0; i--) {
      let sum = x[i]!;
      for (let k = i + 1; k < size; k++) sum -= lower[k]![i]! * x[k]!;
      x[i] = sum / lower[i]![i]!;
      inverse[i]![column] = x[i]!;
    }
  }
  return inverse;
}

/** The lower triangle L with L Lᵀ = the matrix; null when it is not positive definite. */
export function cholesky(matrix: readonly (readonly number[])[]): number[][] | null {
  const lower = matrix.map((row) => row.map(() => 0));
  for (let i = 0; i < matrix.length; i++) {
    const [row, target] = [matrix[i]!, lower[i]!];
    for (let j = 0; j <= i; j++) {
      const other = lower[j]!;
      let sum = row[j]!;
      for (let k = 0; k < j; k++) sum -= target[k]! * other[k]!;
      if (i !== j) target[j] = sum / other[j]!;
      else if (sum > 1e-12 * Math.abs(row[i]!)) target[i] = Math.sqrt(sum);
      else return null;
    }
  }
  return lower;
}
