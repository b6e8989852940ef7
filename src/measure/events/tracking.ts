import { z } from 'zod';
import { type Context, type Inside, shared, transaction, type World } from '#src/context.ts';
import { id, operation } from '#src/operation.ts';
import { audit } from '#src/people/audit.ts';
import { notFound, refuse } from '#src/refusal.ts';
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
      },
    ]),
  );
}

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

/** What the app puts on its pages. */
export function snippetOf(context: { publicUrl: string }, publicKey: string): string {
  return `<script defer src="${context.publicUrl}/t.js" data-app="${publicKey}"></script>`;
}

function ownHost(url: string): string {
  return new URL(url).hostname.replace(/^www\./, '');
}

async function keyOf({ tx, workspaceId }: Inside, appId: string): Promise<string | null> {
  const row = await tx
    .selectFrom('appKeys')
    .select('publicKey')
    .where('workspaceId', '=', workspaceId)
    .where('appId', '=', appId)
    .orderBy('createdAt')
    .executeTakeFirst();
  return row?.publicKey ?? null;
}

const host = z
  .string()
  .trim()
  .toLowerCase()
  .max(253)
  .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)*$/, 'A host is written as example.com, without https:// and path.');
const parameter = z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/);
const models = ['first', 'last', 'last_non_direct', 'linear', 'time_decay', 'position'] as const;

const shown = z.object({
  publicKey: z.string(),
  snippet: z.string(),
  hosts: z.array(z.string()),
  ownHosts: z.array(z.string()),
  privacyTier: z.enum(['anonymous', 'consented']),
  keptQueryParameters: z.array(z.string()),
  attributionWindowDays: z.int(),
  attributionModel: z.string(),
  firstEventAt: z.date().nullable(),
  refusals: z.array(z.object({ reason: z.string(), times: z.int(), lastDay: z.string() })),
});

async function show(context: Context, { appId }: { appId: string }): Promise<z.output<typeof shown>> {
  return transaction(context, async (inside) => {
    const { tx } = inside;
    const publicKey = (await keyOf(inside, appId)) ?? (await ensureTracking(inside, appId));
    const settings = await tx
      .selectFrom('trackingSettings')
      .selectAll()
      .where('appId', '=', appId)
      .executeTakeFirstOrThrow();
    const since = new Date(inside.clock.now().getTime() - 30 * 86_400_000).toISOString().slice(0, 10);
    const refusals = await tx
      .selectFrom('eventRefusals')
      .select((eb) => [
        'reason',
        eb.cast<number>(eb.fn.sum('times'), 'bigint').as('times'),
        eb.fn.max('day').as('lastDay'),
      ])
      .where('appId', '=', appId)
      .where('day', '>=', since)
      .groupBy('reason')
      .orderBy('times', 'desc')
      .execute();
    const app = await appOf(inside, appId);
    return {
      publicKey,
      snippet: snippetOf(inside, publicKey),
      hosts: settings.hosts,
      ownHosts: [ownHost(app.url)],
      privacyTier: settings.privacyTier,
      keptQueryParameters: settings.keptQueryParameters,
      attributionWindowDays: settings.attributionWindowDays,
      attributionModel: settings.attributionModel,
      firstEventAt: settings.firstEventAt,
      refusals,
    };
  });
}

export const trackingOperations = {
  get: operation({
    summary: 'Show how an app is measured: its public key, the script for its pages, hosts, what was refused.',
    route: 'GET /apps/{appId}/tracking',
    access: 'read',
    input: z.strictObject({ appId: id }),
    output: shown,
    run: show,
  }),
  set: operation({
    summary: 'Change how an app is measured. No hosts means its own and its subdomains.',
    route: 'PATCH /apps/{appId}/tracking',
    access: 'write',
    input: z.strictObject({
      appId: id,
      hosts: z.array(host).max(50).optional(),
      privacyTier: z.enum(['anonymous', 'consented']).optional(),
      keptQueryParameters: z.array(parameter).max(20).optional(),
      attributionWindowDays: z.int().min(1).max(365).optional(),
      attributionModel: z.enum(models).optional(),
    }),
    output: shown,
    run: async (context, { appId, ...changes }) => {
      const set = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
      if (Object.keys(set).length === 0)
        throw refuse('invalid', 'nothing_to_change', 'Name at least one setting to change.');
      await transaction(context, async (inside) => {
        await ensureTracking(inside, appId);
        const row = await inside.tx
          .updateTable('trackingSettings')
          .set(set)
          .where('appId', '=', appId)
          .returning('appId')
          .executeTakeFirst();
        if (!row) throw notFound('app');
        await audit(inside, { operation: 'tracking.set', subject: appId, after: set });
      });
      return show(context, { appId });
    },
  }),
};
