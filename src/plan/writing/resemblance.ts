/**
 * How alike two texts are, from 0 to 1: the Jaccard index of their three-word shingles, after links, case and punctuation are taken
 * off (Broder 1997, "On the resemblance and containment of documents"). Texts shorter than three words are compared whole.
 */
export function resemblance(a: string, b: string): number {
  const left = shingles(a);
  const right = shingles(b);
  if (left.size === 0 || right.size === 0) return left.size === right.size ? 1 : 0;
  let shared = 0;
  for (const shingle of left) if (right.has(shingle)) shared++;
  return shared / (left.size + right.size - shared);
}

/** From here on a follower would say that it was posted before. */
export const tooAlike = 0.5;

export type Alike = { title: string; resemblance: number };

/** The text that a follower would take for this one; null when there is none. */
export function nearestOf(text: string, others: readonly { title: string; text: string }[]): Alike | null {
  let nearest: Alike | null = null;
  for (const other of others) {
    const alike = resemblance(text, other.text);
    if (alike >= tooAlike && alike > (nearest?.resemblance ?? 0)) nearest = { title: other.title, resemblance: alike };
  }
  return nearest;
}

/** Why it was refused, with the other one: `it reads like “…” (67% the same words)`. */
export function likeWords({ title, resemblance: alike }: Alike): string {
  return `it reads like “${title}” (${Math.round(alike * 100)}% the same words)`;
}

function shingles(text: string): Set<string> {
  const words = text
    .toLowerCase()
    .replace(/https?:\/\/\S+|\{\{link\}\}/g, ' ')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
  if (words.length < 3) return new Set(words.length > 0 ? [words.join(' ')] : []);
  return new Set(words.slice(2).map((word, at) => `${words[at]} ${words[at + 1]} ${word}`));
}
