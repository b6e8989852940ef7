import { sql } from 'kysely';
import { z } from 'zod';
import { type Inside, transaction } from '#src/context.ts';
import { id, money, operation } from '#src/operation.ts';
import { appOf } from '#src/understand/apps.ts';
import { ownEntryPrice } from './assess.ts';
import { change, changeKinds, price, severities } from './shapes.ts';
import { presenceOf, pricesNow, showCompetitors } from './show.ts';
import { readCompetitor } from './watch.ts';

type Asked = {
  appId: string;
  competitorId?: string | undefined;
  kind?: (typeof changeKinds)[number] | undefined;
  severity?: (typeof severities)[number] | undefined;
  limit: number;
};

/** What competitors changed, newest first and of one moment the heaviest first; `severity` is the least that is shown. */
async function listChanges(inside: Inside, asked: Asked) {
  await appOf(inside, asked.appId);
  const least = severities.indexOf(asked.severity ?? 'low');
  const rows = await inside.tx
    .selectFrom('competitorChanges as c')
    .innerJoin('competitors as o', 'o.id', 'c.competitorId')
    .select(['c.id', 'c.kind', 'c.what', 'c.severity', 'c.before', 'c.after', 'c.place', 'c.plan', 'c.percent'])
    .select(['c.sentence', 'c.url', 'c.foundAt', 'o.id as competitorId', 'o.name as competitorName'])
    .where('o.appId', '=', asked.appId)
    .where('o.state', '<>', 'dismissed')
    .where('c.severity', 'in', severities.slice(least))
    .$if(asked.competitorId !== undefined, (query) => query.where('o.id', '=', asked.competitorId as string))
    .$if(asked.kind !== undefined, (query) => query.where('c.kind', '=', asked.kind as 'price'))
    .orderBy('c.foundAt', 'desc')
    .orderBy(sql`array_position(array['high', 'medium', 'low'], c.severity)`)
    .orderBy('c.id')
    .limit(asked.limit)
    .execute();
  return rows.map(({ competitorId, competitorName, ...row }) => ({
    ...row,
    competitor: { id: competitorId, name: competitorName },
  }));
}

/** The app beside each watched competitor, by the same measures; what is not known is null. */
async function benchmark(inside: Inside, appId: string) {
  const { tx, workspaceId } = inside;
  const app = await appOf(inside, appId);
  const watched = await showCompetitors(inside, appId, 'watched');
  const prices = await pricesNow(
    inside,
    watched.map((one) => one.id),
  );
  const support = await tx
    .selectFrom('featureSupport as s')
    .innerJoin('features as f', 'f.id', 's.featureId')
    .select(['s.competitorId', (eb) => eb.fn.countAll<number>().as('count')])
    .where('f.appId', '=', appId)
    .where('s.support', 'in', ['yes', 'partly'])
    .groupBy('s.competitorId')
    .execute();
  const featuresOf = (competitorId: string | null) =>
    Number(support.find((row) => row.competitorId === competitorId)?.count ?? 0);
  // Own accounts are written by the stages after this one; reading them here is a join, not an import.
  const own = await sql<{ platform: string; followers: number | null; posts: number }>`
    select account.platform, sum(s.followers)::float8 as followers,
      (select count(*) from publications p where p.workspace_id = ${workspaceId} and p.account_id = any(array_agg(account.id))
         and p.reply_to is null and p.published_at > ${new Date(inside.clock.now().getTime() - 28 * 86_400_000)})::float8 / 4 as posts
    from accounts account
    left join lateral (select followers from account_snapshots s where s.workspace_id = account.workspace_id and s.account_id = account.id
      and s.followers is not null order by s.day desc limit 1) s on true
    where account.workspace_id = ${workspaceId} and account.status <> 'removed'
    group by account.platform order by account.platform
  `.execute(tx);
  const rows = [
    {
      competitorId: null,
      name: app.name,
      entryPrice: await ownEntryPrice(inside, appId),
      features: featuresOf(null),
      presence: own.rows.map(({ platform, followers, posts }) => ({
        platform,
        followers,
        postsPerWeek: Math.round(posts * 10) / 10,
      })),
    },
  ] as Row[];
  for (const one of watched) {
    const cheapest = prices.find(
      (each) => each.competitorId === one.id && each.every === 'month' && BigInt(each.price.minor) > 0n,
    );
    const presence = await presenceOf(inside, one.id);
    rows.push({
      competitorId: one.id,
      name: one.name,
      entryPrice: cheapest?.price ?? null,
      features: featuresOf(one.id),
      presence: presence.map(({ platform, followers, postsPerWeek }) => ({ platform, followers, postsPerWeek })),
    });
  }
  return rows;
}

type Row = z.infer<typeof benchmarked>;
const benchmarked = z.object({
  /** Null for the app itself, which comes first. */
  competitorId: id.nullable(),
  name: z.string(),
  /** The lowest paid price for a month. */
  entryPrice: money.nullable(),
  /** How many rows of the comparison it has, as far as is known. */
  features: z.int(),
  presence: z.array(
    z.object({ platform: z.string(), followers: z.number().nullable(), postsPerWeek: z.number().nullable() }),
  ),
});

export const competitorWatchOperations = {
  read: operation({
    summary: 'Read a competitor’s public pages now.',
    route: 'POST /competitors/{competitorId}/read',
    access: 'write',
    input: z.strictObject({ competitorId: id }),
    output: z.object({
      /** Changes that are told with this reading: those a second reading confirmed. */
      changes: z.int(),
      pages: z.int(),
      /** Why the home page could not be read. */
      trouble: z.string().nullable(),
    }),
    run: (context, { competitorId }) => readCompetitor(context, competitorId),
  }),
  changes: operation({
    summary: 'List what competitors changed, with before and after.',
    route: 'GET /apps/{appId}/competitors/changes',
    access: 'read',
    input: z.strictObject({
      appId: id,
      competitorId: id.optional(),
      kind: z.enum(changeKinds).optional(),
      /** The least severity that is shown. */
      severity: z.enum(severities).optional(),
      limit: z.coerce.number().int().min(1).max(200).default(50),
    }),
    output: z.object({ changes: z.array(change.extend({ competitor: z.object({ id, name: z.string() }) })) }),
    run: (context, input) => transaction(context, async (inside) => ({ changes: await listChanges(inside, input) })),
  }),
  prices: operation({
    summary: 'List the prices of all watched competitors side by side.',
    route: 'GET /apps/{appId}/competitors/prices',
    access: 'read',
    input: z.strictObject({ appId: id }),
    output: z.object({
      competitors: z.array(z.object({ id, name: z.string(), prices: z.array(price) })),
    }),
    run: (context, { appId }) =>
      transaction(context, async (inside) => {
        await appOf(inside, appId);
        const watched = await showCompetitors(inside, appId, 'watched');
        const all = await pricesNow(
          inside,
          watched.map((one) => one.id),
        );
        const of = (competitorId: string) =>
          all.filter((one) => one.competitorId === competitorId).map(({ competitorId: _, ...rest }) => rest);
        return {
          competitors: watched.map(({ id: competitorId, name }) => ({
            id: competitorId,
            name,
            prices: of(competitorId),
          })),
        };
      }),
  }),
  benchmark: operation({
    summary: 'Put the app beside its watched competitors: entry price, features, followers, posts.',
    route: 'GET /apps/{appId}/competitors/benchmark',
    access: 'read',
    input: z.strictObject({ appId: id }),
    output: z.object({ rows: z.array(benchmarked) }),
    run: (context, { appId }) => transaction(context, async (inside) => ({ rows: await benchmark(inside, appId) })),
  }),
};
