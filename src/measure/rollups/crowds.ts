/**
 * Anybody can send paths, campaigns and referrers that do not exist. So that totals do not grow with them, an app has at
 * most so many different values of a dimension on one day; what comes beyond is told together.
 */
export const MOST_VALUES = 5000;
export const OTHERS = '(other)';

/** Days of apps by dimension with the values this process has counted; null: so many that the database has to be asked. */
const counted = new Map<string, Set<string> | null>();
const REMEMBERED = 2000;

/** Whether so many values were counted for this app, day and dimension that one more may not have room. */
export function isCrowded(key: string, value: string): boolean {
  const known = counted.get(key);
  if (known === null) return true;
  if (known === undefined) {
    // Of the oldest days nothing comes any more.
    for (const oldest of counted.keys()) {
      if (counted.size < REMEMBERED) break;
      counted.delete(oldest);
    }
    counted.set(key, new Set([value]));
    return false;
  }
  known.add(value);
  if (known.size < MOST_VALUES) return false;
  counted.set(key, null);
  return true;
}
