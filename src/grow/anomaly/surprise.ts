/** Rows remembered: two weeks of five minutes, half a year of hours. */
const remembered = 4000;
/** Fewer earlier values than this say nothing about what is rare. */
const needed = 50;
/** The part of the values that makes the tail. */
const tail = 0.04;
const rarest = 1e-6;

/**
 * How rare a value is among those before it, as −log10 of its probability: 2 for one in a hundred, 0 until 50 values are
 * known. Values are compared by rank, so the scale of a series does not matter; beyond its largest values an exponential
 * tail goes on (peaks over threshold: Pickands 1975; on streams: Siffer et al. 2017). A probability stays within what was
 * counted: a spike that comes every day is no surprise because it is high. Logarithmic in what is remembered but for the
 * moving of it.
 */
export function surprises(): (value: number) => number {
  const sorted = new Float64Array(remembered + 1);
  const order = new Float64Array(remembered);
  let [size, next] = [0, 0];
  return (value) => {
    const surprise = size < needed ? 0 : -Math.log10(Math.max(rarest, probability(sorted, size, value)));
    if (size === remembered) {
      const gone = below(sorted, size, order[next]!);
      sorted.copyWithin(gone, gone + 1, size);
      size--;
    }
    const place = below(sorted, size, value);
    sorted.copyWithin(place + 1, place, size);
    sorted[place] = value;
    order[next] = value;
    next = (next + 1) % remembered;
    size++;
    return surprise;
  };
}

function probability(sorted: Float64Array, size: number, value: number): number {
  const reached = size - below(sorted, size, value);
  const most = (reached + 1) / (size + 1);
  const inTail = Math.max(10, Math.floor(tail * size));
  if (reached >= inTail) return most;
  const start = sorted[size - inTail - 1]!;
  let excess = 0;
  for (let at = size - inTail; at < size; at++) excess += sorted[at]! - start;
  const mean = excess / inTail;
  // A tail without width: everything was the same until now.
  const further = mean > 0 ? (inTail / size) * Math.exp((start - value) / mean) : 0.1 / (size + 1);
  return Math.min(most, Math.max(further, (0.7 * reached) / (size + 1)));
}

/** How many of the sorted are smaller. */
function below(sorted: Float64Array, size: number, value: number): number {
  let [low, high] = [0, size];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
