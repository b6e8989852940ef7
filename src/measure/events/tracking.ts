import { sql } from 'kysely';
import { type Inside, shared, type World } from '#src/context.ts';
import type { AgentRules } from '#src/measure/agent.ts';
import { hashToken, randomToken } from '#src/secrets.ts';
import { appOf } from '#src/understand/apps.ts';

/** The app behind a public key, found before its workspace is known. */
export type KeyHolder = { workspaceId: string; appId: string };

/** How an app is measured. `hosts` are those whose events are accepted, never empty. */
export type Tracking = {
  appId: string;
  hosts: string[];
  consented: boolean;
  keptQueryParameters: string[];
  firstEventAt: Date | null;
  /** What the owner has decided about agents, by their names. */
  agentRules: AgentRules;
};

/** Gives the app its public key and its settings if it has none yet. Safe to call again. Returns the key. */
export async function ensureTracking(inside: Inside, appId: string): Promise<string> {
  const { tx, workspaceId } = inside;
  await appOf(inside, appId);
  await tx
    .insertInto('trackingSettings')
    .values({ workspaceId, appId })
    .onConflict((oc) => oc.doNothing())
    .execute();
  // Locks the row, so that two first looks at once do not make two keys.
  await tx.selectFrom('trackingSettings').select('appId').where('appId', '=', appId).forUpdate().execute();
  const known = await keyOf(inside, appId);
  if (known) return known;
  const publicKey = hashToken(randomToken()).slice(0, 20);
  await tx.insertInto('appKeys').values({ publicKey, workspaceId, appId }).execute();
  return publicKey;
}

/** Whose events carry this key, or null when nobody's do. */
export async function holderOf(world: World, publicKey: string): Promise<KeyHolder | null> {
  const row = await shared(world, (tx) =>
    tx.selectFrom('appKeys').select(['workspaceId', 'appId']).where('publicKey', '=', publicKey).executeTakeFirst(),
  );
  return row ?? null;
}

/** The settings of these apps as they are now. An app that is gone is not among them. */
export async function trackingOf({ tx }: Inside, appIds: string[]): Promise<Map<string, Tracking>> {
  const rows = await tx
    .selectFrom('apps')
    .leftJoin('trackingSettings', 'trackingSettings.appId', 'apps.id')
    .select(['apps.id', 'apps.url', 'hosts', 'privacyTier', 'keptQueryParameters', 'firstEventAt'])
    .select(
      sql<[string, 'bot' | 'person'][] | null>`(
        select json_agg(json_build_array(agent_name, verdict)) from agent_rules where agent_rules.app_id = apps.id)`.as(
        'rules',
      ),
    )
    .where('apps.id', 'in', appIds)
    .execute();
  return new Map(
    rows.map((row) => [
      row.id,
      {
        appId: row.id,
        hosts: row.hosts && row.hosts.length > 0 ? row.hosts : [ownHost(row.url)],
        consented: row.privacyTier === 'consented',
        keptQueryParameters: row.keptQueryParameters ?? [],
        firstEventAt: row.firstEventAt,
        agentRules: row.rules === null ? NO_RULES : new Map(row.rules),
      },
    ]),
  );
}

const NO_RULES: AgentRules = new Map();

/** Notes when the first event of an app came in; later ones change nothing. True when this was the first. */
export async function noteFirstEvent({ tx, workspaceId }: Inside, appId: string, at: Date): Promise<boolean> {
  const row = await tx
    .insertInto('trackingSettings')
    .values({ workspaceId, appId, firstEventAt: at })
    .onConflict((oc) =>
      oc
        .columns(['workspaceId', 'appId'])
        .doUpdateSet({ firstEventAt: at })
        .where('trackingSettings.firstEventAt', 'is', null),
    )
    .returning('appId')
    .executeTakeFirst();
  return row !== undefined;
}

/**
 * Under which paths the tracker and its events are served. Besides `/t.js` and `/e`, which lists of blockers may name, a
 * name of the installation's own: TRACKER_NAME, else one derived from its secret, which nobody can guess. The tracker
 * sends to its own address without `.js` (and `/t.js` to `/e`), so both can be passed on together under any path.
 */
export function trackerPaths(world: Pick<World, 'config' | 'secrets'>): { scripts: string[]; events: string[] } {
  const name = trackerName(world);
  return { scripts: ['/t.js', `/${name}.js`], events: ['/e', `/${name}`] };
}

/** The installation's own name for the tracker. */
export function trackerName({ config, secrets }: Pick<World, 'config' | 'secrets'>): string {
  return config.TRACKER_NAME ?? hashToken(secrets.lasting('tracker name')).slice(0, 10);
}

/** What the app puts on its pages. `scriptUrl`: where it is served under the app's own domain; `keep`: parameters. */
export function snippetOf(
  world: Pick<World, 'config' | 'secrets' | 'publicUrl'>,
  publicKey: string,
  { scriptUrl = null, keep = [] }: { scriptUrl?: string | null; keep?: readonly string[] } = {},
): string {
  const source = scriptUrl ?? `${world.publicUrl}/${trackerName(world)}.js`;
  const kept = keep.length === 0 ? '' : ` data-keep="${keep.join(' ')}"`;
  return `<script defer src="${source}" data-app="${publicKey}"${kept}></script>`;
}

/** The host of an app's address, without `www.`: its subdomains count as its own. */
export function ownHost(url: string): string {
  return new URL(url).hostname.replace(/^www\./, '');
}

/** The app's public key, or null while it has none. */
export async function keyOf({ tx, workspaceId }: Inside, appId: string): Promise<string | null> {
  const row = await tx
    .selectFrom('appKeys')
    .select('publicKey')
    .where('workspaceId', '=', workspaceId)
    .where('appId', '=', appId)
    .orderBy('createdAt')
    .executeTakeFirst();
  return row?.publicKey ?? null;
}
