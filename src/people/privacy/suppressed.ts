import type { Inside } from '#src/context.ts';

const printOf = ({ secrets }: Inside, email: string) =>
  secrets.fingerprint('suppressed address', email.trim().toLowerCase());

/** From now on no list takes these addresses by import or by somebody else's hand. */
export async function suppress(inside: Inside, emails: readonly string[]): Promise<void> {
  if (emails.length === 0) return;
  const { tx, workspaceId, clock } = inside;
  await tx
    .insertInto('suppressedAddresses')
    .values(emails.map((email) => ({ workspaceId, fingerprint: printOf(inside, email), suppressedAt: clock.now() })))
    .onConflict((oc) => oc.doNothing())
    .execute();
}

/** Which of these addresses were erased. */
export async function suppressedAmong(inside: Inside, emails: readonly string[]): Promise<Set<string>> {
  const any = await inside.tx.selectFrom('suppressedAddresses').select('fingerprint').limit(1).executeTakeFirst();
  if (!any || emails.length === 0) return new Set();
  const prints = new Map(emails.map((email) => [printOf(inside, email), email]));
  const rows = await inside.tx
    .selectFrom('suppressedAddresses')
    .select('fingerprint')
    .where('fingerprint', 'in', [...prints.keys()])
    .execute();
  return new Set(rows.map(({ fingerprint }) => prints.get(fingerprint) ?? ''));
}

/** Its owner confirmed a subscription: the address may be written to again. */
export async function liftSuppression(inside: Inside, email: string): Promise<void> {
  await inside.tx.deleteFrom('suppressedAddresses').where('fingerprint', '=', printOf(inside, email)).execute();
}
