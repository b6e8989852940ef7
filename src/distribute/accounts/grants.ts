import { type Context, type Inside, transaction } from '#src/context.ts';
import type { Database } from '#src/db/client.ts';
import { apiUrlOf, developerAppOf, platformOf } from '#src/distribute/accounts/developer-apps.ts';
import { accountOf, needReconnect, noteSync } from '#src/distribute/accounts/status.ts';
import type { Failure, Grant, Outcome, Tokens } from '#src/outside/platform.ts';
import { notify } from '#src/people/notices.ts';
import { Refusal } from '#src/refusal.ts';

/** A token is changed this long before it ends, in milliseconds. */
const EARLY = 15 * 60_000;
/** One that lives for weeks is changed this long before: the machine may be off for days. */
const DAYS_EARLY = 7 * 86_400_000;
/** A token with less than this left is not used any more, in milliseconds. */
const TOO_SHORT = 60_000;

export type OpenGrant =
  | { ok: true; grant: Grant; version: number; refreshedAt: Date }
  | { ok: false; failure: Failure };

/**
 * A valid token for the account, changed for a new one when it ends soon (or when `refusedVersion` says that the
 * platform no longer takes the current one). Never throws for what the platform says: a failure of kind `reconnect`
 * has already been told to the people of the workspace, `later` means that nothing is wrong with the grant.
 */
export async function openGrant(
  context: Context,
  accountId: string,
  refusedVersion: number | null = null,
): Promise<OpenGrant> {
  const now = context.clock.now();
  const known = await transaction(context, (inside) => readGrant(inside, accountId));
  if (!known.ok) return known;
  if (known.version !== refusedVersion && !endsSoon(known, now)) return known;
  return once(context.db, accountId, () =>
    transaction(context, (inside) => refreshInside(inside, accountId, refusedVersion)),
  );
}

/** Stores a grant, replacing what was there. */
export async function storeGrant(inside: Inside, accountId: string, tokens: Tokens): Promise<void> {
  const now = inside.clock.now();
  const values = {
    sealedAccess: inside.secrets.seal(place(accountId, 'sealed_access'), tokens.access),
    sealedRefresh:
      tokens.refresh === null ? null : inside.secrets.seal(place(accountId, 'sealed_refresh'), tokens.refresh),
    scopes: tokens.scopes,
    expiresAt: endOf(tokens, now),
    refreshedAt: now,
  };
  await inside.tx
    .insertInto('grants')
    .values({ workspaceId: inside.workspaceId, accountId, ...values })
    .onConflict((oc) =>
      oc
        .columns(['workspaceId', 'accountId'])
        .doUpdateSet((eb) => ({ ...values, version: eb('grants.version', '+', 1) })),
    )
    .execute();
}

/** Forgets the tokens of an account. */
export async function forgetGrant(inside: Inside, accountId: string): Promise<void> {
  await inside.tx.deleteFrom('grants').where('accountId', '=', accountId).execute();
}

type Known = {
  ok: true;
  grant: Grant;
  version: number;
  expiresAt: Date | null;
  refreshedAt: Date;
  refreshToken: string | null;
  platform: string;
  serverUrl: string;
};

async function readGrant(
  inside: Inside,
  accountId: string,
  lock = false,
): Promise<Known | { ok: false; failure: Failure }> {
  const account = await accountOf(inside, accountId);
  const row = await inside.tx
    .selectFrom('grants')
    .selectAll()
    .where('accountId', '=', accountId)
    .$if(lock, (query) => query.forUpdate())
    .executeTakeFirst();
  if (!row || account.status === 'removed' || account.status === 'reconnect')
    return {
      ok: false,
      failure: { kind: 'reconnect', reason: account.statusReason ?? 'The account is disconnected.' },
    };
  const token = inside.secrets.open(place(accountId, 'sealed_access'), row.sealedAccess);
  return {
    ok: true,
    grant: {
      token,
      platformUserId: account.platformUserId,
      apiUrl: account.serverUrl || (await apiUrlOf(inside, account.platform)),
    },
    serverUrl: account.serverUrl,
    version: row.version,
    expiresAt: row.expiresAt,
    refreshedAt: row.refreshedAt,
    refreshToken: row.sealedRefresh ? inside.secrets.open(place(accountId, 'sealed_refresh'), row.sealedRefresh) : null,
    platform: account.platform,
  };
}

/**
 * The one place where the network is called inside a transaction: a refresh token is good for one use, so whoever uses
 * it must hold the row until the new pair is stored; a second use ends the whole grant (measured against a rotating
 * server: of three at once, two were refused).
 */
async function refreshInside(inside: Inside, accountId: string, refusedVersion: number | null): Promise<OpenGrant> {
  const known = await readGrant(inside, accountId, true);
  if (!known.ok) return known;
  const now = inside.clock.now();
  const refused = known.version === refusedVersion;
  if (!refused && !endsSoon(known, now)) return known;
  const usable = !refused && leftOf(known, now) > TOO_SHORT;

  const { oauth, refresh } = platformOf(inside, known.platform);
  if (!refresh || known.refreshToken === null) {
    if (usable) return known;
    return lost(inside, accountId, 'The platform no longer accepts the stored access, and it cannot be renewed.');
  }
  let outcome: Outcome<Tokens>;
  try {
    const app = oauth ? await developerAppOf(inside, known.platform, known.serverUrl) : null;
    const stale = { refreshToken: known.refreshToken, apiUrl: known.grant.apiUrl, app };
    outcome = await refresh(stale);
    // No answer says nothing about whether the token was used up. The same one again is right once, never more.
    if (!outcome.ok && outcome.failure.kind === 'unknown') outcome = await refresh(stale);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    outcome = { ok: false, failure: { kind: 'refused', reason: error.message } };
  }
  if (outcome.ok) return swap(inside, accountId, known, outcome.value);
  const { failure } = outcome;
  if (failure.kind === 'reconnect') return lost(inside, accountId, failure.reason);
  await noteSync(inside, accountId, failure.reason);
  if (failure.kind === 'refused')
    await notify(inside, {
      kind: 'developer_app_refused',
      title: 'Your developer app is not accepted',
      body: `${failure.reason} Nothing is published until this is corrected; the queue waits.`,
      path: '/settings/accounts',
      dedupe: `developer-app:${known.platform}`,
    });
  if (usable) return known;
  const wait = failure.kind === 'refused' ? EARLY : 60_000;
  const until = failure.kind === 'later' ? failure.until : new Date(now.getTime() + wait);
  return { ok: false, failure: { kind: 'later', until, reason: failure.reason } };
}

/** Within its last quarter of an hour (its last week when it lives for weeks), or in the second half of a shorter life. */
function endsSoon(known: Known, now: Date): boolean {
  if (known.expiresAt === null) return false;
  const life = known.expiresAt.getTime() - known.refreshedAt.getTime();
  return leftOf(known, now) <= Math.min(life > 4 * DAYS_EARLY ? DAYS_EARLY : EARLY, life / 2);
}

function endOf(tokens: Tokens, now: Date): Date | null {
  return tokens.expiresIn === null ? null : new Date(now.getTime() + tokens.expiresIn * 1_000);
}

function leftOf(known: Known, now: Date): number {
  return known.expiresAt === null ? Number.POSITIVE_INFINITY : known.expiresAt.getTime() - now.getTime();
}

async function swap(inside: Inside, accountId: string, known: Known, tokens: Tokens): Promise<OpenGrant> {
  const { secrets, tx } = inside;
  // A platform that does not rotate sends no new refresh token: the old one stays good.
  const refresh = tokens.refresh ?? known.refreshToken;
  const now = inside.clock.now();
  const row = await tx
    .updateTable('grants')
    .set({
      sealedAccess: secrets.seal(place(accountId, 'sealed_access'), tokens.access),
      sealedRefresh: refresh === null ? null : secrets.seal(place(accountId, 'sealed_refresh'), refresh),
      sealedPreviousRefresh:
        known.refreshToken === null
          ? null
          : secrets.seal(place(accountId, 'sealed_previous_refresh'), known.refreshToken),
      scopes: tokens.scopes,
      expiresAt: endOf(tokens, now),
      refreshedAt: now,
      version: known.version + 1,
    })
    .where('accountId', '=', accountId)
    .where('version', '=', known.version)
    .returning(['version', 'refreshedAt'])
    .executeTakeFirstOrThrow();
  await noteSync(inside, accountId, null);
  return { ok: true, grant: { ...known.grant, token: tokens.access }, ...row };
}

async function lost(inside: Inside, accountId: string, reason: string): Promise<OpenGrant> {
  await needReconnect(inside, accountId, reason);
  return { ok: false, failure: { kind: 'reconnect', reason } };
}

const refreshing = new WeakMap<Database, Map<string, Promise<OpenGrant>>>();

/** Within one process those who come meanwhile share one refresh, so that they do not each hold a connection. */
function once(db: Database, accountId: string, refresh: () => Promise<OpenGrant>): Promise<OpenGrant> {
  const running = refreshing.get(db) ?? new Map<string, Promise<OpenGrant>>();
  refreshing.set(db, running);
  const same = running.get(accountId);
  if (same) return same;
  const own = refresh().finally(() => running.delete(accountId));
  running.set(accountId, own);
  return own;
}

function place(accountId: string, column: string) {
  return { table: 'grants', row: accountId, column };
}
