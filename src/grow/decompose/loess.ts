export type Smoother = {
  /** Rows that take part in each fit, an odd number. */
  span: number;
  degree: 0 | 1;
  /** Each how many rows a fit is made; straight lines between. */
  jump: number;
};

/**
 * Local regression on evenly spaced values (Cleveland 1979): at each row a weighted mean (degree 0) or line (degree 1)
 * through its `span` nearest rows, tricube weights times `weights`.
 */
export function smooth(
  values: Float64Array,
  { span, degree, jump }: Smoother,
  weights: Float64Array | null,
): Float64Array {
  const rows = values.length;
  const fitted = new Float64Array(rows);
  if (rows < 2) return Float64Array.from(values);
  const step = Math.min(jump, rows - 1);
  const places: number[] = [];
  for (let at = 0; at < rows; at += step) places.push(at);
  if (places.at(-1) !== rows - 1) places.push(rows - 1);
  for (const at of places)
    fitted[at] = fitAt(values, at, nearest(at, span, rows), { span, degree }, weights) ?? values[at]!;
  for (let index = 1; index < places.length; index++) {
    const [from, to] = [places[index - 1]!, places[index]!];
    const slope = (fitted[to]! - fitted[from]!) / (to - from);
    for (let at = from + 1; at < to; at++) fitted[at] = fitted[from]! + slope * (at - from);
  }
  return fitted;
}

type Neighbours = { from: number; to: number };

function nearest(at: number, span: number, rows: number): Neighbours {
  if (span >= rows) return { from: 0, to: rows - 1 };
  const from = Math.min(Math.max(0, at - ((span - 1) >> 1)), rows - span);
  return { from, to: from + span - 1 };
}

/** The fit at `at`, which may lie outside the rows; null when all of its neighbours weigh nothing. */
export function fitAt(
  values: Float64Array,
  at: number,
  { from, to }: Neighbours,
  { span, degree }: Pick<Smoother, 'span' | 'degree'>,
  weights: Float64Array | null,
): number | null {
  const rows = values.length;
  const reach = Math.max(at - from, to - at) + (span > rows ? Math.floor((span - rows) / 2) : 0);
  const near = new Float64Array(to - from + 1);
  let total = 0;
  for (let row = from; row <= to; row++) {
    const distance = Math.abs(row - at);
    if (distance > 0.999 * reach) continue;
    const tricube = distance <= 0.001 * reach ? 1 : (1 - (distance / reach) ** 3) ** 3;
    const weight = tricube * (weights ? weights[row]! : 1);
    near[row - from] = weight;
    total += weight;
  }
  if (total <= 0) return null;
  let [centre, mean] = [0, 0];
  for (let row = from; row <= to; row++) {
    const weight = near[row - from]! / total;
    centre += weight * row;
    mean += weight * values[row]!;
  }
  if (degree === 0 || reach === 0) return mean;
  let [spread, slope] = [0, 0];
  for (let row = from; row <= to; row++) {
    const weight = near[row - from]! / total;
    spread += weight * (row - centre) ** 2;
    slope += weight * (row - centre) * values[row]!;
  }
  // Rows that lie together say nothing about a slope.
  return Math.sqrt(spread) > 0.001 * (rows - 1) ? mean + (slope / spread) * (at - centre) : mean;
}
