import { type BetterAuthOptions, betterAuth } from 'better-auth';
import { APIError } from 'better-auth/api';
import { CamelCasePlugin, Kysely, PostgresDialect } from 'kysely';
import { shared, type World } from '#src/context.ts';
import { isStorable } from '#src/operation.ts';
import { createWorkspace } from '#src/people/workspaces.ts';

/**
 * Sign-in by e-mail and password on our own tables. better-auth's defaults that we change, and why, are listed in
 * docs/decisions/0004-sign-in.md. The first person to sign up becomes the owner; after that, sign-up is closed.
 */
export function openSignIn(world: World) {
  const db = new Kysely({
    dialect: new PostgresDialect({ pool: world.db.pool }),
    plugins: [new CamelCasePlugin()],
  });
  const secure = world.publicUrl.startsWith('https:');
  const options = {
    baseURL: world.publicUrl,
    basePath: '/api/auth',
    secret: world.secrets.derive('sign-in'),
    database: { db, type: 'postgres', transaction: false },
    telemetry: { enabled: false },
    trustedOrigins: [world.publicUrl, ...loopbackOrigins(world.publicUrl)],
    emailAndPassword: { enabled: true, minPasswordLength: 10, maxPasswordLength: 200, autoSignIn: true },
    user: { modelName: 'users' },
    session: {
      modelName: 'sessions',
      expiresIn: 60 * 60 * 24 * 30,
      updateAge: 60 * 60 * 24,
      cookieCache: { enabled: false },
    },
    account: { modelName: 'credentials' },
    verification: { modelName: 'verifications' },
    // Off outside production and in memory by default; ours is on in every mode and kept in the database.
    rateLimit: {
      enabled: true,
      storage: 'database',
      modelName: 'rateLimits',
      window: 60,
      max: 300,
      customRules: { '/sign-in/email': { window: 60, max: 10 }, '/sign-up/email': { window: 60, max: 5 } },
    },
    advanced: {
      // Off while tests run by default; ours is on in every mode.
      disableOriginCheck: false,
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
            if (await ownerExists(world))
              throw new APIError('FORBIDDEN', {
                message: 'This Fanfare already has its owner. Ask them for an invitation.',
              });
            return { data: user };
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
