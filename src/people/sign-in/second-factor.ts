import type { BetterAuthPlugin } from 'better-auth';
import { APIError, createAuthMiddleware } from 'better-auth/api';
import { deleteSessionCookie } from 'better-auth/cookies';
import { twoFactor } from 'better-auth/plugins/two-factor';
import { shared, type World } from '#src/context.ts';

/** A code fits for its own 30 seconds and those before and after. */
const CODE_LIVES_MS = 120_000;

/**
 * Codes of an authenticator app (RFC 6238) with ten recovery codes, each good once. Ten wrong codes in a row lock the
 * second factor for 15 minutes, whatever address they come from. No browser is spared: a lost laptop is one.
 */
export function secondFactor(world: World) {
  const library = twoFactor({
    issuer: 'Fanfare',
    schema: { twoFactor: { modelName: 'twoFactors' } },
    twoFactorCookieMaxAge: 600,
    backupCodeOptions: { amount: 10, length: 10, storeBackupCodes: 'encrypted' },
    accountLockout: { enabled: true, maxFailedAttempts: 10, durationSeconds: 900 },
  });
  return [library, codesOnce(world)] as const;
}

/**
 * What the library leaves open: a code that was read over a shoulder would be taken again while its 90 seconds last
 * (RFC 6238, section 5.2, asks that it is not), and a caller may ask to be trusted for a month.
 */
function codesOnce(world: World) {
  return {
    id: 'codes-once',
    hooks: {
      before: [
        {
          matcher: ({ path }) => path === '/two-factor/verify-totp' || path === '/two-factor/verify-backup-code',
          handler: createAuthMiddleware(async () => ({
            context: { body: { trustDevice: false, disableSession: false } },
          })),
        },
      ],
      after: [
        {
          matcher: ({ path }) => path === '/two-factor/verify-totp',
          handler: createAuthMiddleware(async (request) => {
            const made = request.context.newSession;
            if (!made) return;
            const { code } = request.body as { code: string };
            if (await takeCode(world, made.user.id, code)) return;
            deleteSessionCookie(request, true);
            await request.context.internalAdapter.deleteSession(made.session.token);
            request.context.setNewSession(null);
            throw new APIError('UNAUTHORIZED', {
              message: 'This code was used already. Wait for the next one in your app.',
            });
          }),
        },
      ],
    },
  } satisfies BetterAuthPlugin;
}

/** One statement, so that of two requests with the same code one is refused. The library goes by the machine's clock too. */
async function takeCode(world: World, userId: string, code: string): Promise<boolean> {
  const now = Date.now();
  const { numUpdatedRows } = await shared(world, (tx) =>
    tx
      .updateTable('twoFactors')
      .set({ lastCode: code, lastCodeAt: new Date(now) })
      .where('userId', '=', userId)
      .where((eb) =>
        eb.or([
          eb('lastCode', 'is', null),
          eb('lastCode', '<>', code),
          eb('lastCodeAt', '<', new Date(now - CODE_LIVES_MS)),
        ]),
      )
      .executeTakeFirstOrThrow(),
  );
  return numUpdatedRows > 0n;
}
