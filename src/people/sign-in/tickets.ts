import { shared, type World } from '#src/context.ts';
import { hashToken } from '#src/secrets.ts';

/** How the library, too, keeps what its codes and links are found by: only their SHA-256 stands in the database. */
export const hashedIdentifiers = { hash: async (identifier: string) => hashToken(identifier) };

/** Keeps something that may be redeemed once, before it ends. `name` is secret and long. */
export async function keepTicket(world: World, name: string, value: string, endsAt: Date): Promise<void> {
  await shared(world, (tx) =>
    tx
      .insertInto('verifications')
      .values({ identifier: hashToken(name), value, expiresAt: endsAt })
      .execute(),
  );
}

/** What was kept under this name; null when it is unknown, over, or redeemed already. */
export async function redeemTicket(world: World, name: string): Promise<string | null> {
  const row = await shared(world, (tx) =>
    tx
      .deleteFrom('verifications')
      .where('identifier', '=', hashToken(name))
      .returning(['value', 'expiresAt'])
      .executeTakeFirst(),
  );
  return row && row.expiresAt.getTime() > Date.now() ? row.value : null;
}
