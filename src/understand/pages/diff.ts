/** Which lines of a page came and went. */

export type LineChange = { kind: 'added' | 'removed'; text: string };

/** Longer pages are compared as heaps of lines: the table of a comparison grows with the square of their length. */
const MOST_COMPARED = 700;

/**
 * What has to be taken out and put in to make the new text of the old one, by whole lines in reading order: the longest
 * common subsequence stays. Lines that only moved are told once each way.
 */
export function diffLines(before: string, after: string): LineChange[] {
  const [old, fresh] = [linesOf(before), linesOf(after)];
  let start = 0;
  while (start < old.length && start < fresh.length && old[start] === fresh[start]) start++;
  let end = 0;
  while (end < old.length - start && end < fresh.length - start && old.at(-1 - end) === fresh.at(-1 - end)) end++;
  const a = old.slice(start, old.length - end);
  const b = fresh.slice(start, fresh.length - end);
  return a.length > MOST_COMPARED || b.length > MOST_COMPARED ? asHeaps(a, b) : inOrder(a, b);
}

function inOrder(a: string[], b: string[]): LineChange[] {
  const wide = b.length + 1;
  const common = new Uint16Array((a.length + 1) * wide);
  const at = (i: number, j: number) => common[i * wide + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      common[i * wide + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const changes: LineChange[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      i++;
      j++;
    } else if (i < a.length && (j >= b.length || at(i + 1, j) >= at(i, j + 1)))
      changes.push({ kind: 'removed', text: a[i++] as string });
    else changes.push({ kind: 'added', text: b[j++] as string });
  }
  return changes;
}

function asHeaps(a: string[], b: string[]): LineChange[] {
  const [old, fresh] = [new Set(a), new Set(b)];
  return [
    ...a.filter((line) => !fresh.has(line)).map((text): LineChange => ({ kind: 'removed', text })),
    ...b.filter((line) => !old.has(line)).map((text): LineChange => ({ kind: 'added', text })),
  ];
}

function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
}
