// How an operation's input becomes a request. Pure: the published client takes this file whole.

/** The path with its `{parameters}` filled in, and the input that is left. */
export function fillPath(path: string, input: Record<string, unknown>) {
  const rest = { ...input };
  const filled = path.replaceAll(/\{\+?(\w+)\}/g, (_, name: string) => {
    const value = rest[name];
    delete rest[name];
    return encodeURIComponent(String(value ?? ''));
  });
  return { path: filled, rest };
}

/** Bracket notation, as the API reads it: `tags[0]=a&range[from]=…`. Absent values are left out. */
export function toQuery(input: Record<string, unknown>): string {
  const query = new URLSearchParams();
  const add = (name: string, value: unknown): void => {
    if (value === undefined || value === null) return;
    if (typeof value === 'object') for (const [key, inner] of Object.entries(value)) add(`${name}[${key}]`, inner);
    else query.append(name, String(value));
  };
  for (const [name, value] of Object.entries(input)) add(name, value);
  return query.toString();
}
