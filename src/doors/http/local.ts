import { createHash, timingSafeEqual } from 'node:crypto';
import { shared, type World } from '#src/context.ts';
import { LOCAL_PREFIX, localCredential } from '#src/doors/local.ts';
import type { Caller } from '#src/operation.ts';

/** True for what claims to come from the command line on this machine; such a bearer is never looked up as a key. */
export function claimsLocal(bearer: string): boolean {
  return bearer.startsWith(LOCAL_PREFIX);
}

/**
 * Whom the local command line acts for: the owner of the wanted workspace, else of the first one. Null when the
 * credential is not the one of this installation, or nobody owns that workspace.
 */
export async function recogniseLocal(
  world: World,
  bearer: string,
  wanted: string | undefined,
): Promise<Pick<Caller, 'who' | 'workspaceId'> | null> {
  if (!same(bearer, localCredential(world.secrets))) return null;
  const owner = await shared(world, (tx) => {
    const owners = tx
      .selectFrom('memberships as m')
      .innerJoin('workspaces as w', 'w.id', 'm.workspaceId')
      .innerJoin('users as u', 'u.id', 'm.userId')
      .select(['w.id as workspaceId', 'u.id', 'u.name'])
      .where('m.role', '=', 'owner')
      .where('u.erasedAt', 'is', null)
      .orderBy('w.createdAt')
      .orderBy('m.joinedAt');
    // Compared as text, so that something that is no id finds nothing rather than failing.
    return (
      wanted ? owners.where((eb) => eb(eb.cast<string>('w.id', 'text'), '=', wanted)) : owners
    ).executeTakeFirst();
  });
  if (!owner) return null;
  return {
    who: { kind: 'user', id: owner.id, name: owner.name, role: 'owner', local: true },
    workspaceId: owner.workspaceId,
  };
}

/** Compares digests: they have one length, and the time says nothing about where two texts part. */
function same(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
