/** Relative difference that arithmetic alone makes. */
const rounding = 1e-9;

/** How far the mean of the last `short` rows is from the mean of the `long` rows before them; 0 while they are too few. */
export function levelChange(short: number, long: number): (value: number) => number {
  const kept = new Float64Array(short + long);
  let [seen, recent, earlier] = [0, 0, 0];
  const at = (back: number) => kept[(seen - back + kept.length * 2) % kept.length]!;
  return (value) => {
    // What leaves the short window enters the long one, before its place is taken.
    if (seen >= short) {
      const passing = at(short);
      recent -= passing;
      earlier += passing;
      if (seen >= short + long) earlier -= at(short + long);
    }
    kept[seen % kept.length] = value;
    recent += value;
    seen++;
    // Sums that only add and take away drift; once around they are made anew.
    if (seen % kept.length === 0) {
      [recent, earlier] = [0, 0];
      for (let back = 1; back <= kept.length; back++) {
        if (back <= short) recent += at(back);
        else earlier += at(back);
      }
    }
    if (seen < short + long) return 0;
    const [now, before] = [recent / short, earlier / long];
    const change = Math.abs(now - before);
    return change <= rounding * (Math.abs(now) + Math.abs(before)) ? 0 : change;
  };
}
