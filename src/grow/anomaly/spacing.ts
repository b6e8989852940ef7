/** Gaps looked at to learn how far apart rows are. */
const gaps = 31;

/** The usual time between two rows (the median of the last gaps), in ms, as it is known at each row; 0 at the first. */
export function spacing(): (at: number) => number {
  const last: number[] = [];
  const sorted: number[] = [];
  let before: number | null = null;
  return (at) => {
    if (before !== null) {
      const gap = Math.max(0, at - before);
      last.push(gap);
      const place = sorted.findIndex((one) => one >= gap);
      sorted.splice(place === -1 ? sorted.length : place, 0, gap);
      if (last.length > gaps) sorted.splice(sorted.indexOf(last.shift()!), 1);
    }
    before = at;
    return sorted[sorted.length >> 1] ?? 0;
  };
}
