import { type Inside, userOf } from '#src/context.ts';
import type { DeveloperApp, Platform } from '#src/outside/platform.ts';
import { normaliseUrl } from '#src/outside/web.ts';
import { audit } from '#src/people/audit.ts';
import { refuse } from '#src/refusal.ts';

/** The adapter with this id, or a refusal that says so. */
export function platformOf(context: { platforms: ReadonlyMap<string, Platform> }, platform: string): Platform {
  const adapter = context.platforms.get(platform);
  if (!adapter) throw refuse('invalid', 'unknown_platform', `Fanfare cannot publish to "${platform}".`);
  return adapter;
}

/** What is known of the workspace's own developer app on a platform; the secret itself is never shown. */
export async function showDeveloperApp(inside: Inside, platform: string) {
  const adapter = platformOf(inside, platform);
  const row = await rowOf(inside, platform);
  const addresses = defaultsOf(inside, platform);
  return {
    platform,
    name: adapter.name,
    needed: adapter.oauth?.apps === 'own',
    clientId: row?.clientId ?? null,
    secretIsSet: Boolean(row?.sealedClientSecret),
    apiUrl: row?.apiUrl ?? addresses.apiUrl,
    authorizeUrl: row?.authorizeUrl ?? addresses.authorizeUrl,
    redirectUri: redirectUriOf(inside, platform),
  };
}

/**
 * Stores the developer app. `clientSecret` left out keeps the stored one, null makes it a public client.
 *
 * @throws Refusal for an address in a private network: our calls go there, and nobody looks into this network through us
 */
export async function setDeveloperApp(
  inside: Inside,
  app: {
    platform: string;
    clientId: string;
    clientSecret?: string | null | undefined;
    apiUrl?: string | null | undefined;
    authorizeUrl?: string | null | undefined;
  },
): Promise<void> {
  if (platformOf(inside, app.platform).oauth?.apps !== 'own')
    throw refuse('invalid', 'no_developer_app', 'This platform is connected without a developer app.');
  for (const address of [app.apiUrl, app.authorizeUrl]) if (address) assertPublic(inside, app.platform, address);
  // The secret belongs to the address it was entered for: another one gets it only from a person.
  const known = await rowOf(inside, app.platform);
  const moved = (['apiUrl', 'authorizeUrl'] as const).some(
    (field) => app[field] !== undefined && (app[field] ?? null) !== (known?.[field] ?? null),
  );
  if (known?.sealedClientSecret && moved && app.clientSecret === undefined)
    throw refuse('invalid', 'secret_again', 'The addresses changed: enter the client secret again.');
  const values = {
    clientId: app.clientId,
    ...(app.apiUrl === undefined ? {} : { apiUrl: app.apiUrl?.replace(/\/$/, '') ?? null }),
    ...(app.authorizeUrl === undefined ? {} : { authorizeUrl: app.authorizeUrl }),
    ...(app.clientSecret === undefined
      ? {}
      : {
          sealedClientSecret:
            app.clientSecret === null ? null : inside.secrets.seal(secretPlace(inside, app.platform), app.clientSecret),
        }),
    updatedBy: userOf(inside),
    updatedAt: inside.clock.now(),
  };
  await inside.tx
    .insertInto('developerApps')
    .values({ workspaceId: inside.workspaceId, platform: app.platform, ...values })
    .onConflict((oc) => oc.columns(['workspaceId', 'platform', 'serverUrl']).doUpdateSet(values))
    .execute();
  await audit(inside, {
    operation: 'accounts.setDeveloperApp',
    subject: app.platform,
    after: { clientId: app.clientId, secretChanged: app.clientSecret !== undefined },
  });
}

/**
 * The developer app, opened for a call; refuses when none is set. `serverUrl` on platforms of many servers: the one at
 * which it is registered.
 */
export async function developerAppOf(inside: Inside, platform: string, serverUrl = ''): Promise<DeveloperApp> {
  const row = await rowOf(inside, platform, serverUrl);
  if (!row)
    throw refuse(
      'conflict',
      'no_developer_app',
      `Enter the client id of your ${platformOf(inside, platform).name} developer app in Settings first.`,
    );
  const addresses = defaultsOf(inside, platform);
  return {
    clientId: row.clientId,
    clientSecret: row.sealedClientSecret
      ? inside.secrets.open(secretPlace(inside, platform, serverUrl), row.sealedClientSecret)
      : null,
    apiUrl: row.apiUrl || serverUrl || addresses.apiUrl,
    authorizeUrl: row.authorizeUrl ?? addresses.authorizeUrl,
  };
}

/** Keeps the app that we made for ourselves at a server. */
export async function keepRegisteredApp(inside: Inside, platform: string, serverUrl: string, app: DeveloperApp) {
  const values = {
    clientId: app.clientId,
    sealedClientSecret:
      app.clientSecret === null
        ? null
        : inside.secrets.seal(secretPlace(inside, platform, serverUrl), app.clientSecret),
    apiUrl: app.apiUrl,
    authorizeUrl: app.authorizeUrl,
    updatedBy: userOf(inside),
    updatedAt: inside.clock.now(),
  };
  await inside.tx
    .insertInto('developerApps')
    .values({ workspaceId: inside.workspaceId, platform, serverUrl, ...values })
    .onConflict((oc) => oc.columns(['workspaceId', 'platform', 'serverUrl']).doUpdateSet(values))
    .execute();
}

/** Forgets the app we made at a server that no longer knows it. */
export async function forgetRegisteredApp({ tx }: Inside, platform: string, serverUrl: string): Promise<void> {
  await tx
    .deleteFrom('developerApps')
    .where('platform', '=', platform)
    .where('serverUrl', '=', serverUrl)
    .where('serverUrl', '<>', '')
    .execute();
}

/** Whether we have an app at this server already. */
export async function isRegistered(inside: Inside, platform: string, serverUrl: string): Promise<boolean> {
  return (await rowOf(inside, platform, serverUrl)) !== undefined;
}

/** Where the platform's API is for this workspace. */
export async function apiUrlOf(inside: Inside, platform: string): Promise<string> {
  return (await rowOf(inside, platform))?.apiUrl ?? defaultsOf(inside, platform).apiUrl;
}

/** The callback address to enter at the platform, letter by letter. */
export function redirectUriOf(context: { publicUrl: string }, platform: string): string {
  return `${context.publicUrl}/oauth/${platform}/callback`;
}

function assertPublic(inside: Inside, platform: string, address: string): void {
  // What whoever runs Fanfare has set holds for everyone, and the settings page sends it back as it is.
  const { apiUrl, authorizeUrl } = defaultsOf(inside, platform);
  if (address.replace(/\/$/, '') === apiUrl || address === authorizeUrl) return;
  const read = normaliseUrl(address, inside.config.WEB_ALLOW);
  if (!(read instanceof URL)) throw refuse('invalid', read.code, read.message);
}

function rowOf({ tx }: Inside, platform: string, serverUrl = '') {
  return tx
    .selectFrom('developerApps')
    .selectAll()
    .where('platform', '=', platform)
    .where('serverUrl', '=', serverUrl)
    .executeTakeFirst();
}

function defaultsOf(inside: Inside, platform: string): { apiUrl: string; authorizeUrl: string } {
  const { config } = inside;
  if (platform === 'x') return { apiUrl: config.X_API_URL.replace(/\/$/, ''), authorizeUrl: config.X_AUTHORIZE_URL };
  return platformOf(inside, platform).oauth?.defaults ?? { apiUrl: '', authorizeUrl: '' };
}

function secretPlace({ workspaceId }: Inside, platform: string, serverUrl = '') {
  const row = serverUrl ? `${workspaceId}:${platform}:${serverUrl}` : `${workspaceId}:${platform}`;
  return { table: 'developer_apps', row, column: 'sealed_client_secret' };
}
