import { z } from 'zod';
import { type Actor, type Context, type Scope, shared, transaction, userOf, type World } from '#src/context.ts';
import { id, instant, nothing, operation } from '#src/operation.ts';
import { audit } from '#src/people/audit.ts';
import { notFound } from '#src/refusal.ts';
import { hashToken, randomToken } from '#src/secrets.ts';

const PREFIX = 'ff_';
const scopes = z.array(z.enum(['read', 'write', 'destructive', 'events'])).min(1);

/** Makes a key and shows it once: only its hash is kept. */
export async function createKey(
  context: Context,
  wanted: { name: string; scopes: Scope[]; expiresAt?: Date | undefined },
): Promise<{ id: string; key: string }> {
  const key = PREFIX + randomToken(32);
  return transaction(context, async (inside) => {
    const row = await inside.tx
      .insertInto('apiKeys')
      .values({
        workspaceId: inside.workspaceId,
        name: wanted.name,
        prefix: key.slice(0, 10),
        scopes: wanted.scopes,
        createdBy: userOf(inside),
        expiresAt: wanted.expiresAt ?? null,
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    await inside.tx
      .insertInto('apiKeyHashes')
      .values({ hash: hashToken(key), workspaceId: inside.workspaceId, apiKeyId: row.id })
      .execute();
    await audit(inside, {
      operation: 'keys.create',
      subject: row.id,
      after: { name: wanted.name, scopes: wanted.scopes },
    });
    return { id: row.id, key };
  });
}

/** Who a key speaks for, or null when it is unknown, revoked or expired: the three are not told apart. */
export async function recogniseKey(world: World, key: string): Promise<{ who: Actor; workspaceId: string } | null> {
  if (!key.startsWith(PREFIX)) return null;
  const found = await shared(world, (tx) =>
    tx
      .selectFrom('apiKeyHashes')
      .select(['workspaceId', 'apiKeyId'])
      .where('hash', '=', hashToken(key))
      .executeTakeFirst(),
  );
  if (!found) return null;
  const now = world.clock.now();
  return world.db.transaction({ workspaceId: found.workspaceId }, async (tx) => {
    const row = await tx
      .selectFrom('apiKeys')
      .select(['id', 'scopes', 'lastUsedAt'])
      .where('id', '=', found.apiKeyId)
      .where('revokedAt', 'is', null)
      .where((eb) => eb.or([eb('expiresAt', 'is', null), eb('expiresAt', '>', now)]))
      .executeTakeFirst();
    if (!row) return null;
    // Once a minute is enough to know whether a key is in use; a write per request would not be.
    if (!row.lastUsedAt || now.getTime() - row.lastUsedAt.getTime() > 60_000)
      await tx.updateTable('apiKeys').set({ lastUsedAt: now }).where('id', '=', row.id).execute();
    return { who: { kind: 'key', id: row.id, scopes: row.scopes as Scope[] }, workspaceId: found.workspaceId };
  });
}

const shown = z.object({
  id,
  name: z.string(),
  prefix: z.string(),
  scopes,
  createdAt: z.date(),
  expiresAt: z.date().nullable(),
  lastUsedAt: z.date().nullable(),
  revokedAt: z.date().nullable(),
});

export const keyOperations = {
  list: operation({
    summary: 'List the API keys of this workspace.',
    route: 'GET /keys',
    access: 'read',
    role: 'owner',
    input: nothing,
    output: z.object({ keys: z.array(shown) }),
    run: (context) =>
      transaction(context, async ({ tx }) => {
        const rows = await tx
          .selectFrom('apiKeys')
          .select(['id', 'name', 'prefix', 'scopes', 'createdAt', 'expiresAt', 'lastUsedAt', 'revokedAt'])
          .orderBy('createdAt', 'desc')
          .execute();
        return { keys: rows.map((row) => ({ ...row, scopes: row.scopes as Scope[] })) };
      }),
  }),
  create: operation({
    summary: 'Make an API key. It is shown once.',
    route: 'POST /keys',
    access: 'write',
    role: 'owner',
    input: z.strictObject({ name: z.string().trim().min(1).max(120), scopes, expiresAt: instant.optional() }),
    output: z.object({ id, key: z.string() }),
    run: createKey,
  }),
  revoke: operation({
    summary: 'Revoke an API key at once.',
    route: 'POST /keys/{keyId}/revoke',
    access: 'destructive',
    role: 'owner',
    input: z.strictObject({ keyId: id }),
    output: z.object({ id }),
    run: (context, { keyId }) =>
      transaction(context, async (inside) => {
        const row = await inside.tx
          .updateTable('apiKeys')
          .set({ revokedAt: inside.clock.now(), revokedBy: userOf(inside) })
          .where('id', '=', keyId)
          .where('revokedAt', 'is', null)
          .returning('id')
          .executeTakeFirst();
        if (!row) throw notFound('active key');
        await audit(inside, { operation: 'keys.revoke', subject: keyId });
        return { id: row.id };
      }),
  }),
};
