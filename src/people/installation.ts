import { type Context, shared, type World } from '#src/context.ts';
import type { Tx } from '#src/db/client.ts';
import { refuse } from '#src/refusal.ts';

/**
 * The person the installation belongs to: who signed up first and was not erased. Null before anybody has. When they
 * are erased it belongs to whoever came next.
 */
export async function installationOwner(context: World & { tx?: Tx }): Promise<string | null> {
  const first = (tx: Tx) =>
    tx
      .selectFrom('users')
      .select('id')
      .where('erasedAt', 'is', null)
      .orderBy('createdAt')
      .orderBy('id')
      .limit(1)
      .executeTakeFirst();
  const row = await (context.tx ? first(context.tx) : shared(context, first));
  return row?.id ?? null;
}

/**
 * Whether the caller may do what concerns all workspaces at once (backups, moving, the secret). Keys never may: a key
 * belongs to one workspace. The command line on the server's own machine may, whichever workspace it acts in.
 */
export async function isInstallationOwner(context: Context): Promise<boolean> {
  const { who } = context;
  if (who.kind !== 'user') return false;
  return who.local === true || who.id === (await installationOwner(context));
}

/** Throws a refusal in words for everybody else. */
export async function requireInstallationOwner(context: Context): Promise<void> {
  if (await isInstallationOwner(context)) return;
  throw refuse(
    'forbidden',
    'installation_owner',
    'This concerns every workspace of this Fanfare, so it is for the person who set it up, or for the command line on its own machine.',
  );
}
