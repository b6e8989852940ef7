/** What a customer is called where their name may be missing or gone. */
export function nameOf({
  name,
  person,
  erasedAt,
}: {
  name: string | null;
  person: string | null;
  erasedAt: Date | null;
}): string {
  return erasedAt ? 'Erased customer' : (name ?? person ?? 'Known by payment only');
}
