/**
 * Anybody can send paths, campaigns and referrers that do not exist. So that totals do not grow with them, an app has at
 * most so many different values of a dimension on one day; what comes beyond is told together.
 */
export const MOST_VALUES = 5000;
export const OTHERS = '(other)';

export type Crowds = {
  /** Whether so many values were counted for this app, day and dimension that one more may not have room. */
  isCrowded(key: string, value: string): boolean;
};

/** Days of apps by dimension; beyond so many the oldest are forgotten: of old days hardly anything comes any more. */
const MOST_KEYS = 20_000;
/** About so many bytes of values are remembered in all. */
const ROOM = 32_000_000;
/** What a value takes beside its characters. */
const EACH = 64;

/** Remembers the values that this process has counted, as far as there is room; of the others the database is asked. */
export function openCrowds(room: number = ROOM, mostKeys: number = MOST_KEYS): Crowds {
  /** Null: crowded, as far as is known here. */
  const counted = new Map<string, Set<string> | null>();
  let taken = 0;
  const sizeOf = (values: Iterable<string>) => [...values].reduce((sum, value) => sum + value.length + EACH, 0);
  const letGo = (key: string, values: Set<string>) => {
    counted.set(key, null);
    taken -= sizeOf(values);
  };
  const makeRoom = () => {
    for (const [key, values] of counted) {
      if (taken <= room / 2) return;
      if (values) letGo(key, values);
    }
  };
  return {
    isCrowded(key, value) {
      const known = counted.get(key);
      if (known === null) return true;
      if (known?.has(value)) return false;
      if (known === undefined) {
        const [oldest] = counted.size >= mostKeys ? counted : [];
        if (oldest) {
          counted.delete(oldest[0]);
          taken -= sizeOf(oldest[1] ?? []);
        }
      }
      const values = known ?? new Set<string>();
      counted.set(key, values.add(value));
      taken += value.length + EACH;
      if (values.size >= MOST_VALUES) letGo(key, values);
      if (taken > room) makeRoom();
      return counted.get(key) === null;
    },
  };
}
