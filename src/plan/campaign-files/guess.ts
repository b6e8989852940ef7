/** What was probably meant. */

/** The word that is a slip of the finger away, one in three letters at most; null when none is near. */
export function guess(word: string, known: Iterable<string>): string | null {
  const meant = plain(word);
  let best: { word: string; off: number } | null = null;
  for (const one of known) {
    const off = distance(meant, plain(one));
    if (off <= Math.max(1, Math.floor(meant.length / 3)) && off < (best?.off ?? Number.POSITIVE_INFINITY))
      best = { word: one, off };
  }
  return best?.word ?? null;
}

/** The same word however it is joined: `coolDownDays` is `cool_down_days`. */
function plain(word: string): string {
  return word
    .slice(0, 200)
    .toLowerCase()
    .replaceAll(/[_\s-]/g, '');
}

/** Letters to change, add, leave out or swap with the next (optimal string alignment). */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > a.length) return a.length + b.length;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      row[j] = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + same);
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        row[j] = Math.min(row[j] ?? 0, (before[j - 2] ?? Number.POSITIVE_INFINITY) + 1);
    }
    before = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
