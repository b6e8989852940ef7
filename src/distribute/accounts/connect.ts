import { createHash } from 'node:crypto';
import { record } from '#src/activity.ts';
import { asSystem, type Context, type Inside, shared, transaction, userOf, type World } from '#src/context.ts';
import {
  developerAppOf,
  forgetRegisteredApp,
  isRegistered,
  keepRegisteredApp,
  platformOf,
  redirectUriOf,
} from '#src/distribute/accounts/developer-apps.ts';
import { forgetGrant, storeGrant } from '#src/distribute/accounts/grants.ts';
import { type ConnectionProblem, problemSentences } from '#src/distribute/accounts/problems.ts';
import { accountOf, showPaused } from '#src/distribute/accounts/status.ts';
import { pauseInForce } from '#src/distribute/publications/pauses.ts';
import { charge } from '#src/distribute/spend.ts';
import type { Cost, Profile, Tokens } from '#src/outside/platform.ts';
import { normaliseUrl } from '#src/outside/web.ts';
import { audit } from '#src/people/audit.ts';
import { refuse } from '#src/refusal.ts';
import { randomToken } from '#src/secrets.ts';

/** A connection must be finished within this time, in milliseconds. */
const EXPIRES = 10 * 60_000;
/** A used or expired state is remembered for so long, so that coming back with it is told apart from a made-up one. */
const KEPT = 24 * 3_600_000;
const FALLBACK = '/settings/accounts';

/**
 * Begins to connect an account: the address of the platform's page of consent. `returnTo` is a path of ours to which the
 * person comes back.
 */
export async function beginConnection(
  context: Context,
  platform: string,
  returnTo: string,
  server?: string,
): Promise<string> {
  const userId = userOf(context);
  if (!userId)
    throw refuse('forbidden', 'needs_person', 'A person has to connect an account, in the browser. A key cannot.');
  if (!isLocalPath(returnTo)) throw refuse('invalid', 'return_to', 'returnTo must be a path of this site.');
  const { oauth, name } = platformOf(context, platform);
  if (!oauth) throw refuse('invalid', 'no_oauth', `${name} is connected without a page of consent.`);
  const serverUrl = oauth.apps === 'registered' ? await serverFor(context, platform, server) : '';
  const state = randomToken();
  const verifier = randomToken(48);
  const redirectUri = redirectUriOf(context, platform);
  const app = await transaction(context, async (inside) => {
    const now = inside.clock.now();
    const found = await developerAppOf(inside, platform, serverUrl);
    await inside.tx
      .deleteFrom('oauthRequests')
      .where('expiresAt', '<', new Date(now.getTime() - KEPT))
      .execute();
    await inside.tx
      .insertInto('oauthRequests')
      .values({
        state,
        workspaceId: inside.workspaceId,
        userId,
        platform,
        serverUrl,
        sealedVerifier: inside.secrets.seal(verifierPlace(state), verifier),
        redirectUri,
        returnTo,
        createdAt: now,
        expiresAt: new Date(now.getTime() + EXPIRES),
      })
      .execute();
    return found;
  });
  const codeChallenge = createHash('sha256').update(verifier).digest('base64url');
  return oauth.authorizeUrl(app, { redirectUri, state, codeChallenge });
}

export type Connected =
  | { returnTo: string; accountId: string; handle: string }
  | { returnTo: string; problem: ConnectionProblem; message: string };

/**
 * Finishes a connection in the callback request itself (X's codes live 30 seconds). A state is good once and for the
 * person who began. "Connected" is said only after the platform told us who we are. Never throws for what went wrong at
 * the platform: the answer says what it was, and where to send the person.
 */
export async function finishConnection(
  world: World,
  callback: { platform: string; state: string; userId: string | null; code?: string; error?: string },
): Promise<Connected> {
  const taken = await takeRequest(world, callback);
  if ('problem' in taken) return taken;
  const { request, returnTo } = taken;
  const failed = (problem: ConnectionProblem, detail?: string): Connected => ({
    returnTo,
    problem,
    message: detail ? `${problemSentences[problem]} ${detail}` : problemSentences[problem],
  });
  if (callback.error || !callback.code) return failed(callback.error === 'access_denied' ? 'denied' : 'platform_error');

  const context: Context = {
    ...asSystem(world, request.workspaceId, 'connect'),
    who: { kind: 'user', id: request.userId, name: '', role: 'owner' },
  };
  const adapter = platformOf(world, request.platform);
  if (!adapter.oauth) return failed('platform_error');
  const app = await transaction(context, (inside) => developerAppOf(inside, request.platform, request.serverUrl));
  const codeVerifier = world.secrets.open(verifierPlace(callback.state), request.sealedVerifier);
  const tokens = await adapter.oauth.exchange(app, {
    code: callback.code,
    codeVerifier,
    redirectUri: request.redirectUri,
  });
  if (!tokens.ok) {
    const { failure } = tokens;
    // Some servers forget apps that nobody used for a day. Ours is made anew when the person tries again.
    if (failure.code === 'invalid_client' && adapter.oauth.apps === 'registered')
      await transaction(context, (inside) => forgetRegisteredApp(inside, request.platform, request.serverUrl));
    if (failure.kind === 'reconnect') return failed('code_refused', failure.reason);
    return failed(failure.code === 'invalid_client' ? 'app_refused' : 'platform_error', failure.reason);
  }
  const profile = await adapter.profile({ token: tokens.value.access, platformUserId: '', apiUrl: app.apiUrl });
  if (!profile.ok) return failed('not_confirmed', profile.failure.reason);
  const accountId = await transaction(context, (inside) =>
    storeAccount(inside, request.platform, request.serverUrl, profile.value, tokens.value, profile.cost),
  );
  return { returnTo, accountId, handle: profile.value.handle };
}

/** Connects an account of the sandbox: a pretend platform needs no consent. The handle is one's own choice. */
export async function connectSandbox(context: Context, handle: string): Promise<{ id: string; handle: string }> {
  const token = handle.replace(/^@/, '');
  const profile = await platformOf(context, 'sandbox').profile({ token, platformUserId: '', apiUrl: '' });
  if (!profile.ok) throw refuse('unavailable', 'sandbox', profile.failure.reason);
  const tokens = { access: token, refresh: null, expiresIn: null, scopes: [] };
  const id = await transaction(context, (inside) => storeAccount(inside, 'sandbox', '', profile.value, tokens));
  return { id, handle: profile.value.handle };
}

/**
 * Connects an account with keys that a person copied from the platform. The platform is asked whose they are first; what
 * it says no to is kept nowhere.
 */
export async function connectWithKeys(
  context: Context,
  platform: string,
  values: Record<string, string>,
): Promise<{ id: string; handle: string }> {
  const { keys, name } = platformOf(context, platform);
  if (!keys) throw refuse('invalid', 'no_keys', `${name} is not connected with keys.`);
  const known = new Set(keys.fields.map((field) => field.name));
  const strange = Object.keys(values).find((field) => !known.has(field));
  if (strange) throw refuse('invalid', 'unknown_field', `${name} does not ask for "${strange}".`);
  const missing = keys.fields.find((field) => !field.optional && !values[field.name]?.trim());
  if (missing) throw refuse('invalid', 'missing_field', `${missing.label} is missing. ${missing.help}`);
  const opened = await keys.open(Object.fromEntries(Object.entries(values).map(([key, text]) => [key, text.trim()])));
  if (!opened.ok) {
    const kind = opened.failure.kind === 'later' || opened.failure.kind === 'unknown' ? 'unavailable' : 'invalid';
    throw refuse(kind, opened.failure.code ?? 'not_confirmed', opened.failure.reason);
  }
  const { tokens, profile, apiUrl } = opened.value;
  const id = await transaction(context, (inside) =>
    storeAccount(inside, platform, apiUrl, profile, tokens, opened.cost),
  );
  return { id, handle: profile.handle };
}

/**
 * Connects an account of a platform that this program is itself (a mailing list): nobody has to be asked. Its token names
 * the workspace. The same one again is connected again.
 */
export function connectOwn(inside: Inside, platform: string, profile: Profile): Promise<string> {
  const tokens = { access: inside.workspaceId, refresh: null, expiresIn: null, scopes: [] };
  return storeAccount(inside, platform, '', profile, tokens);
}

/** Disconnects an account: its tokens are forgotten, its queue waits in case it is connected again. */
export async function disconnect(inside: Inside, accountId: string): Promise<void> {
  const account = await accountOf(inside, accountId);
  await forgetGrant(inside, accountId);
  await inside.tx
    .updateTable('accounts')
    .set({ status: 'removed', statusReason: 'Disconnected.' })
    .where('id', '=', accountId)
    .execute();
  await audit(inside, {
    operation: 'accounts.disconnect',
    subject: accountId,
    before: { platform: account.platform, handle: account.handle },
  });
  await record(inside, 'account.disconnected', { subjectId: accountId });
}

/** True for a path on this site: `//host` and `/\host` lead elsewhere in a browser. */
export function isLocalPath(path: string): boolean {
  if (!/^\/(?![/\\])/.test(path) || /[\s\\]/.test(path)) return false;
  return new URL(path, 'http://here.invalid').host === 'here.invalid';
}

async function takeRequest(world: World, callback: { platform: string; state: string; userId: string | null }) {
  return shared(world, async (tx) => {
    const request = await tx
      .selectFrom('oauthRequests')
      .selectAll()
      .where('state', '=', callback.state)
      .forUpdate()
      .executeTakeFirst();
    const now = world.clock.now();
    const stop = (problem: ConnectionProblem) => ({
      returnTo: request?.returnTo ?? FALLBACK,
      problem,
      message: problemSentences[problem],
    });
    if (!request || request.platform !== callback.platform) return stop('state_unknown');
    if (request.usedAt) return stop('state_used');
    if (request.expiresAt <= now) return stop('state_expired');
    // Otherwise a stranger could finish his own connection in somebody else's browser, and get their account.
    if (request.userId !== callback.userId) return stop('other_person');
    await tx.updateTable('oauthRequests').set({ usedAt: now }).where('state', '=', callback.state).execute();
    return { request, returnTo: request.returnTo };
  });
}

/** The server a person named, with our app at it; registered there when it is the first time. */
async function serverFor(context: Context, platform: string, server: string | undefined): Promise<string> {
  const { oauth, name } = platformOf(context, platform);
  if (!server)
    throw refuse(
      'invalid',
      'missing_server',
      `Which ${name} server is the account on? Enter it, e.g. mastodon.social.`,
    );
  const address = normaliseUrl(server, context.config.WEB_ALLOW);
  if (!(address instanceof URL)) throw refuse('invalid', address.code, address.message);
  const serverUrl = address.origin;
  if (await transaction(context, (inside) => isRegistered(inside, platform, serverUrl))) return serverUrl;
  const about = { name: 'Fanfare', website: context.publicUrl, redirectUri: redirectUriOf(context, platform) };
  const made = await oauth?.register?.(serverUrl, about);
  if (!made) throw refuse('invalid', 'no_server', `${name} has one server only.`);
  if (!made.ok) throw refuse('unavailable', made.failure.code ?? 'not_registered', made.failure.reason);
  await transaction(context, (inside) => keepRegisteredApp(inside, platform, serverUrl, made.value));
  return serverUrl;
}

/** The same platform user again keeps its row, and with it its queue, slots and settings. */
async function storeAccount(
  inside: Inside,
  platform: string,
  serverUrl: string,
  profile: Profile,
  tokens: Tokens,
  cost?: Cost,
): Promise<string> {
  const now = inside.clock.now();
  const values = {
    handle: profile.handle,
    name: profile.name,
    avatarUrl: profile.avatarUrl,
    longPosts: profile.longPosts,
    status: 'connected' as const,
    statusReason: null,
    connectedBy: userOf(inside),
    connectedAt: now,
    confirmedAt: now,
    lastSyncedAt: now,
    profileReadAt: now,
    endRemindedAt: null,
    lastError: null,
    lastErrorAt: null,
  };
  const account = await inside.tx
    .insertInto('accounts')
    .values({ workspaceId: inside.workspaceId, platform, serverUrl, platformUserId: profile.platformUserId, ...values })
    .onConflict((oc) => oc.columns(['workspaceId', 'platform', 'serverUrl', 'platformUserId']).doUpdateSet(values))
    .returning('id')
    .executeTakeFirstOrThrow();
  await storeGrant(inside, account.id, tokens);
  const held = await pauseInForce(inside, account.id);
  if (held) await showPaused(inside, account.id, held.reason);
  if (cost) await charge(inside, { accountId: account.id, cost });
  await audit(inside, {
    operation: 'accounts.connect',
    subject: account.id,
    after: { platform, handle: profile.handle, platformUserId: profile.platformUserId },
  });
  await record(inside, 'account.connected', { subjectId: account.id, detail: { platform, handle: profile.handle } });
  return account.id;
}

function verifierPlace(state: string) {
  return { table: 'oauth_requests', row: state, column: 'sealed_verifier' };
}
