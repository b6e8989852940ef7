import type { BetterAuthPlugin } from 'better-auth';
import { APIError, createAuthEndpoint, sensitiveSessionMiddleware } from 'better-auth/api';
import { setSessionCookie } from 'better-auth/cookies';
import { z } from 'zod';
import { asSystem, type Context, transaction, type World } from '#src/context.ts';
import { isStorable } from '#src/operation.ts';
import { acceptInvitation, invitationBehind } from '#src/people/workspaces/invitations.ts';
import { Refusal } from '#src/refusal.ts';
import { placeSession } from './sessions.ts';

const token = z.string().min(1).max(200);

/**
 * The way in by invitation, for who is new here and for who is signed in. Unknown, used, withdrawn and expired
 * invitations are not told apart.
 */
export function joining(world: World) {
  const notGood = () =>
    new APIError('NOT_FOUND', {
      message: 'This invitation is not good any more. Each is good once and for seven days. Ask for a new one.',
    });
  return {
    id: 'joining',
    endpoints: {
      lookAtInvitation: createAuthEndpoint(
        '/invitation/look',
        { method: 'POST', body: z.object({ token }) },
        async (request) => {
          const found = await invitationBehind(world, request.body.token);
          if (!found) throw notGood();
          const { workspace, email, role, invitedBy, expiresAt } = found;
          return request.json({ workspace, email, role, invitedBy, expiresAt });
        },
      ),
      joinByInvitation: createAuthEndpoint(
        '/invitation/join',
        {
          method: 'POST',
          body: z.object({
            token,
            name: z.string().trim().min(1).max(200).refine(isStorable),
            password: z.string().min(10).max(200),
          }),
        },
        async (request) => {
          const { name, password } = request.body;
          const password_ = await request.context.password.hash(password);
          const found = await invitationBehind(world, request.body.token);
          if (!found) throw notGood();
          const address = request.headers?.get('x-fanfare-address') ?? null;
          const joined = await settle(() =>
            transaction(contextOf(world, found.workspaceId, address), async (inside) => {
              const user = await inside.tx
                .insertInto('users')
                .values({ name, email: found.email })
                .onConflict((oc) => oc.column('email').doNothing())
                .returning('id')
                .executeTakeFirst();
              if (!user) return null;
              await inside.tx
                .insertInto('credentials')
                .values({ userId: user.id, accountId: user.id, providerId: 'credential', password: password_ })
                .execute();
              const who = { kind: 'user', id: user.id, name, role: found.role } as const;
              const accepted = await acceptInvitation({ ...inside, who }, request.body.token);
              if (!accepted) throw notGood();
              return user;
            }),
          );
          if (!joined)
            throw new APIError('CONFLICT', {
              message: 'There is an account with this address. Sign in with it, then open the invitation again.',
            });
          const user = await request.context.internalAdapter.findUserById(joined.id);
          if (!user) throw notGood();
          const session = await request.context.internalAdapter.createSession(user.id);
          await setSessionCookie(request, { session, user });
          await placeSession(world, session.id, found.workspaceId);
          return request.json({ workspaceId: found.workspaceId });
        },
      ),
      acceptInvitation: createAuthEndpoint(
        '/invitation/accept',
        { method: 'POST', use: [sensitiveSessionMiddleware], body: z.object({ token }) },
        async (request) => {
          const { user, session } = request.context.session;
          const found = await invitationBehind(world, request.body.token);
          if (!found) throw notGood();
          const address = request.headers?.get('x-fanfare-address') ?? null;
          const who = { kind: 'user', id: user.id, name: user.name, role: found.role } as const;
          const accepted = await settle(() =>
            transaction({ ...contextOf(world, found.workspaceId, address), who }, (inside) =>
              acceptInvitation(inside, request.body.token),
            ),
          );
          if (!accepted) throw notGood();
          await placeSession(world, session.id, found.workspaceId);
          return request.json({ workspaceId: found.workspaceId });
        },
      ),
    },
  } satisfies BetterAuthPlugin;
}

function contextOf(world: World, workspaceId: string, address: string | null): Context {
  return { ...asSystem(world, workspaceId, 'invitation'), address };
}

/** A refusal of ours in the library's words. */
async function settle<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof Refusal) throw new APIError('CONFLICT', { message: error.message });
    throw error;
  }
}
