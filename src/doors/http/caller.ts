import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context as Request } from 'hono';
import ipaddr from 'ipaddr.js';
import type { Role, World } from '#src/context.ts';
import { claimsLocal, recogniseLocal } from '#src/doors/http/local.ts';
import type { Caller } from '#src/operation.ts';
import { recogniseKey } from '#src/people/keys.ts';
import type { SignIn } from '#src/people/sign-in.ts';
import { workspacesOf } from '#src/people/workspaces.ts';
import { requestId } from '#src/trail.ts';

/**
 * Who sends this request: an API key ("Authorization: Bearer …"), the command line on this machine, a signed-in browser,
 * or nobody yet.
 */
export async function callerOf(world: World, signIn: SignIn, request: Request): Promise<Caller> {
  const caller: Caller = {
    world,
    who: null,
    workspaceId: null,
    address: addressOf(world, request),
    requestId: requestId(),
  };
  const bearer = /^Bearer (.+)$/i.exec(request.req.header('authorization') ?? '')?.[1];
  if (bearer) {
    const known = claimsLocal(bearer)
      ? await recogniseLocal(world, bearer, request.req.header('x-fanfare-workspace'))
      : await recogniseKey(world, bearer);
    return known ? { ...caller, ...known } : caller;
  }
  const session = await signIn.api.getSession({ headers: request.req.raw.headers });
  if (!session) return caller;
  const workspaces = await workspacesOf(world, session.user.id);
  const wanted = request.req.header('x-fanfare-workspace');
  // A workspace that is named and not theirs is no reason to act in another one.
  const workspace = wanted
    ? workspaces.find((one) => one.id === wanted)
    : (workspaces.find((one) => one.id === session.session.workspaceId) ?? workspaces[0]);
  return {
    ...caller,
    sessionId: session.session.id,
    who: { kind: 'user', id: session.user.id, name: session.user.name, role: (workspace?.role ?? 'viewer') as Role },
    workspaceId: workspace?.id ?? null,
  };
}

/** The address of the person at the other end, as `addressIn` reads it. */
export function addressOf(world: Pick<World, 'config'>, request: Request): string | null {
  return addressIn(world, request.req.header('x-forwarded-for'), () => getConnInfo(request).remote.address);
}

/**
 * The address of the person at the other end. A header can be invented, so `X-Forwarded-For` is believed only as far as
 * there are proxies of ours in front (TRUSTED_PROXIES): each adds the address it was called from at the end. Null when
 * it is not known.
 */
export function addressIn(
  world: Pick<World, 'config'>,
  forwardedFor: string | undefined,
  remote: () => string | undefined,
): string | null {
  const proxies = world.config.TRUSTED_PROXIES;
  if (proxies > 0) {
    const told = forwardedFor?.split(',').at(-proxies)?.trim();
    if (told && ipaddr.isValid(told)) return told;
  }
  try {
    return remote() ?? null;
  } catch {
    return null; // called without a socket, by a test
  }
}
