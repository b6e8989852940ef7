import { type BetterAuthOptions, type BetterAuthPlugin, betterAuth } from 'better-auth';
import { APIError, createAuthMiddleware } from 'better-auth/api';
import { CamelCasePlugin, Kysely, PostgresDialect } from 'kysely';
import { shared, type World } from '#src/context.ts';
import { isStorable } from '#src/operation.ts';
import { createWorkspace } from '#src/people/workspaces.ts';
import { account } from './sign-in/account.ts';
import { hashedSessions } from './sign-in/hashed.ts';
import { joining } from './sign-in/join.ts';
import { passkeys } from './sign-in/passkeys.ts';
import { rateLimitRules } from './sign-in/paths.ts';
import { mailResetLink, RESET_SECONDS, resetNeedsMail } from './sign-in/reset.ts';
import { secondFactor } from './sign-in/second-factor.ts';
import { hashedIdentifiers } from './sign-in/tickets.ts';

/**
 * Sign-in by password with a second factor, or by passkey, on our own tables. better-auth's defaults, each with what we
 * made of it and why, are listed in docs/decisions/0004-sign-in.md. The first person to sign up becomes the owner; after
 * that the way in is an invitation.
 */
export function openSignIn(world: World) {
  const db = new Kysely({
    dialect: new PostgresDialect({ pool: world.db.pool }),
    plugins: [new CamelCasePlugin()],
  });
  const secure = world.publicUrl.startsWith('https:');
  const origins = [world.publicUrl, ...loopbackOrigins(world.publicUrl)];
  const options = {
    baseURL: world.publicUrl,
    basePath: '/api/auth',
    secret: world.secrets.lasting('sign-in'),
    // A sign-up is its user, its password and its session, or nothing.
    database: { db, type: 'postgres', transaction: true },
    telemetry: { enabled: false },
    trustedOrigins: origins,
    plugins: [
      hashedSessions,
      closedAfterOwner(world),
      ...secondFactor(world),
      passkeys(world, origins),
      account(world),
      resetNeedsMail(world),
      joining(world),
    ],
    emailAndPassword: {
      enabled: true,
      minPasswordLength: 10,
      maxPasswordLength: 200,
      autoSignIn: true,
      resetPasswordTokenExpiresIn: RESET_SECONDS,
      revokeSessionsOnPasswordReset: true,
      sendResetPassword: ({ user, token }) => mailResetLink(world, user, token),
    },
    user: {
      modelName: 'users',
      additionalFields: { founder: { type: 'boolean', required: false, input: false, returned: false } },
      changeEmail: { enabled: false },
      deleteUser: { enabled: false },
    },
    session: {
      modelName: 'sessions',
      expiresIn: 60 * 60 * 24 * 30,
      updateAge: 60 * 60 * 24,
      cookieCache: { enabled: false },
      additionalFields: { workspaceId: { type: 'string', required: false, input: false } },
    },
    account: { modelName: 'credentials', accountLinking: { enabled: false } },
    verification: { modelName: 'verifications', storeIdentifier: hashedIdentifiers },
    // Off outside production and in memory by default; ours is on in every mode and kept in the database.
    rateLimit: {
      enabled: true,
      storage: 'database',
      modelName: 'rateLimits',
      window: 60,
      max: 300,
      customRules: rateLimitRules,
    },
    advanced: {
      // Off while tests run by default; ours is on in every mode.
      disableOriginCheck: false,
      disableCSRFCheck: false,
      // Mail goes out beside the answer, which must not take longer for an address that is known.
      backgroundTasks: {
        handler: (task) =>
          void task.catch((error: unknown) => world.log.warn({ err: error }, 'A mail about signing in was not sent')),
      },
      database: { generateId: 'uuid' },
      useSecureCookies: secure,
      cookiePrefix: 'fanfare',
      defaultCookieAttributes: { sameSite: 'lax', httpOnly: true, secure },
      // The server sets this from the socket, or from the proxy it was told to trust; a client's own header is dropped.
      ipAddress: { ipAddressHeaders: ['x-fanfare-address'] },
    },
    databaseHooks: {
      user: {
        create: {
          before: async (user) => {
            refuseUnfit(user);
            // Of two who sign up at the same moment, the database takes one founder.
            return { data: { ...user, founder: true } };
          },
          after: async (user) => {
            await createWorkspace(world, { name: `${user.name}’s workspace`, userId: user.id, demo: world.demo });
          },
        },
        update: {
          before: async (user) => {
            refuseUnfit(user);
            return { data: user };
          },
        },
      },
    },
    // What is no refusal goes on to the door, which logs it and says in words that it was our fault.
    onAPIError: { throw: true },
    logger: { disabled: true },
  } satisfies BetterAuthOptions;
  return betterAuth(options);
}

export type SignIn = ReturnType<typeof openSignIn>;

/** Said before the address is looked at: a closed door must not tell who is behind it. */
function closedAfterOwner(world: World) {
  return {
    id: 'closed-after-owner',
    hooks: {
      before: [
        {
          matcher: ({ path }) => path === '/sign-up/email',
          handler: createAuthMiddleware(async () => {
            if (!(await ownerExists(world))) return;
            throw new APIError('FORBIDDEN', {
              message: 'This Fanfare already has its owner. Ask them for an invitation.',
            });
          }),
        },
      ],
    },
  } satisfies BetterAuthPlugin;
}

/** Whether anybody has signed up yet; until then the page shows the form for the owner's account. */
export async function ownerExists(world: World): Promise<boolean> {
  const row = await shared(world, (tx) => tx.selectFrom('users').select('id').limit(1).executeTakeFirst());
  return row !== undefined;
}

/** What the library lets through and the database would not take. */
function refuseUnfit({ name, image }: { name?: unknown; image?: unknown }): void {
  const refused = (message: string) => new APIError('BAD_REQUEST', { message });
  if (name !== undefined && (typeof name !== 'string' || name.trim() === '' || name.length > 200 || !isStorable(name)))
    throw refused('A name has 1 to 200 characters that can be printed.');
  if (image !== undefined && image !== null && (typeof image !== 'string' || image.length > 2000 || !isStorable(image)))
    throw refused('A picture is given by its address, of up to 2,000 characters.');
}

/** `localhost` and `127.0.0.1` are the same machine; a browser opened on the other name must be able to sign in. */
function loopbackOrigins(publicUrl: string): string[] {
  const url = new URL(publicUrl);
  if (!['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)) return [];
  return ['localhost', '127.0.0.1'].map((host) => `http://${host}:${url.port || '80'}`);
}
