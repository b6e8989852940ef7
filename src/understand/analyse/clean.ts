/** Deeper or longer structured data describes no product; PostgreSQL and JSON.stringify have limits of their own. */
const DEEPEST = 40;
const LONGEST = 100_000;

/**
 * What a page says, without what PostgreSQL cannot keep: the character NUL, halves of surrogate pairs, and structured
 * data that is nested or long beyond reason.
 */
export function cleaned<T extends { structured: unknown[] }>(page: T): T {
  const structured = page.structured.filter((one) => depthOf(one) <= DEEPEST && JSON.stringify(one).length <= LONGEST);
  return clean({ ...page, structured }) as T;
}

/** The same for anything else that is kept as JSON. */
export function storable<T>(value: T): T {
  return clean(value) as T;
}

function clean(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('\0', '').toWellFormed();
  if (Array.isArray(value)) return value.map(clean);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [clean(key), clean(inner)]));
}

/** Without recursion, because the depth is what is in question. */
function depthOf(value: unknown): number {
  let level = [value];
  for (let depth = 0; ; depth++) {
    level = level.flatMap((one) => (one !== null && typeof one === 'object' ? Object.values(one) : []));
    if (level.length === 0 || depth > DEEPEST) return depth;
  }
}
