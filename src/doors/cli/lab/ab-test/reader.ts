import { type Document, type Fields, isFields, type Path } from '#src/doors/cli/lab/json.ts';

/** Counts beyond this are none of things, and the exact tests would take minutes. */
const mostCounted = 1e12;

export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= mostCounted;
}

export type Reader = ReturnType<typeof reader>;

/** Fields by any of their names, each held to what it has to be. */
export function reader(document: Document, fields: Fields, at: Path) {
  const used = new Set<string>();
  const find = (name: string, also: readonly string[] = []) => {
    const found = [name, ...also].find((each) => fields[each] !== undefined);
    if (found !== undefined) used.add(found);
    return found;
  };
  const any = (name: string): unknown => (find(name) === undefined ? undefined : fields[name]);
  const number = (name: string, also?: readonly string[]): number | undefined => {
    const found = find(name, also);
    if (found === undefined) return undefined;
    const value = fields[found];
    if (typeof value !== 'number' || !Number.isFinite(value))
      throw document.wrong([...at, found], 'a number is expected.');
    return value;
  };
  return {
    number,
    any,
    has: (name: string) => fields[name] !== undefined,
    /** Fields nobody asked for; groups are read on their own. */
    unused: () => Object.keys(fields).flatMap((name) => (used.has(name) ? [] : [`"${[...at, name].join('.')}"`])),
    group: (name: string) => (isFields(fields[name]) ? any(name) : undefined),
    label(name: string) {
      const value = any(name);
      return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
    },
    text(name: string): string | undefined {
      const value = any(name);
      if (value !== undefined && typeof value !== 'string') throw document.wrong([...at, name], 'a word is expected.');
      return value;
    },
    flag(name: string): boolean {
      const value = any(name);
      if (value !== undefined && typeof value !== 'boolean')
        throw document.wrong([...at, name], 'true or false is expected.');
      return value === true;
    },
    share(name: string, also?: readonly string[]) {
      const value = number(name, also);
      if (value !== undefined && !(value > 0 && value < 1))
        throw document.wrong([...at, find(name, also) ?? name], 'a share between 0 and 1 is expected.');
      return value;
    },
    count(name: string, also: readonly string[]) {
      const value = number(name, also);
      if (!isCount(value))
        throw document.wrong(
          [...at, find(name, also) ?? name],
          `"${name}" is a whole number from zero to a million millions.`,
        );
      return value;
    },
    above(name: string, also: readonly string[]) {
      const value = number(name, also);
      if (value === undefined || value <= 0)
        throw document.wrong([...at, find(name, also) ?? name], `"${name}" is a number above zero.`);
      return value;
    },
    choice<T extends string>(name: string, of: readonly T[], also?: readonly string[]): T | undefined {
      const found = find(name, also);
      if (found === undefined) return undefined;
      const chosen = of.find((each) => each === fields[found]);
      if (chosen === undefined) throw document.wrong([...at, found], `one of ${of.join(', ')} is expected.`);
      return chosen;
    },
    list(name: string, also: readonly string[]): number[] {
      const found = find(name, also) ?? name;
      const list = fields[found];
      if (
        !Array.isArray(list) ||
        list.length === 0 ||
        !list.every((each) => typeof each === 'number' && Number.isFinite(each))
      )
        throw document.wrong([...at, found], 'a list of numbers is expected.');
      return list;
    },
  };
}
