import type { BetterAuthPlugin } from 'better-auth';
import { APIError, createAuthEndpoint, createAuthMiddleware, sensitiveSessionMiddleware } from 'better-auth/api';
import { z } from 'zod';
import { shared, type World } from '#src/context.ts';

/** What a person changes about their own account beside what the library offers. */
export function account(world: World) {
  return {
    id: 'account',
    hooks: {
      before: [
        {
          // A changed password is often one that somebody else knew: nobody stays signed in but who changed it.
          matcher: ({ path }) => path === '/change-password',
          handler: createAuthMiddleware(async () => ({ context: { body: { revokeOtherSessions: true } } })),
        },
      ],
    },
    endpoints: {
      changeOwnEmail: createAuthEndpoint(
        '/account/email',
        {
          method: 'POST',
          use: [sensitiveSessionMiddleware],
          body: z.object({ email: z.email().max(254).toLowerCase(), password: z.string().max(200) }),
        },
        async (request) => {
          const { user } = request.context.session;
          const { email } = request.body;
          await request.context.password.checkPassword(user.id, request);
          const { numUpdatedRows } = await shared(world, (tx) =>
            tx
              .updateTable('users')
              .set({ email, emailVerified: false, updatedAt: new Date() })
              .where('id', '=', user.id)
              .where(({ not, exists, selectFrom }) =>
                not(
                  exists(
                    selectFrom('users as other')
                      .select('other.id')
                      .where('other.email', '=', email)
                      .where('other.id', '<>', user.id),
                  ),
                ),
              )
              .executeTakeFirstOrThrow(),
          );
          if (numUpdatedRows === 0n)
            throw new APIError('CONFLICT', { message: 'This address cannot be used here. Choose another one.' });
          return request.json({ email });
        },
      ),
    },
  } satisfies BetterAuthPlugin;
}
