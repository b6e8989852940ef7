import { sql } from 'kysely';
import type { Inside } from '#src/context.ts';
import { notFound } from '#src/refusal.ts';

const columns = [
  'id',
  'name',
  'url',
  'state',
  'tagline',
  'category',
  'positioning',
  'description',
  'confidence',
  'quote',
  'quoteUrl',
  'createdAt',
  'lastReadAt',
  'nextReadAt',
  'trouble',
] as const;

const changeColumns = [
  'id',
  'kind',
  'what',
  'severity',
  'before',
  'after',
  'place',
  'plan',
  'percent',
  'sentence',
  'url',
  'foundAt',
] as const;

/** The competitors of an app: watched ones first, then the surest proposals, dismissed ones last. */
export async function showCompetitors({ tx }: Inside, appId: string, state?: 'proposed' | 'watched' | 'dismissed') {
  const rows = await tx
    .selectFrom('competitors')
    .select(columns)
    .where('appId', '=', appId)
    .$if(state !== undefined, (query) => query.where('state', '=', state as 'proposed'))
    .orderBy((eb) =>
      eb.case().when('state', '=', 'watched').then(0).when('state', '=', 'proposed').then(1).else(2).end(),
    )
    .orderBy('confidence', (order) => order.desc().nullsFirst())
    .orderBy('name')
    .execute();
  const latest = await tx
    .selectFrom('competitorChanges as c')
    .innerJoin('competitors as o', 'o.id', 'c.competitorId')
    .distinctOn('c.competitorId')
    .select(changeColumns.map((column) => `c.${column}` as const))
    .select('c.competitorId')
    .where('o.appId', '=', appId)
    .orderBy('c.competitorId')
    .orderBy('c.foundAt', 'desc')
    .orderBy(sql`array_position(array['high', 'medium', 'low'], c.severity)`)
    .execute();
  return rows.map((row) => {
    const found = latest.find(({ competitorId }) => competitorId === row.id);
    if (!found) return { ...rounded(row), lastChange: null };
    const { competitorId: _, ...lastChange } = found;
    return { ...rounded(row), lastChange };
  });
}

/** Everything known of one competitor. */
export async function showCompetitor(inside: Inside, competitorId: string) {
  const { tx } = inside;
  const row = await tx
    .selectFrom('competitors')
    .select([...columns, 'marketingStrategy', 'contentStrategy', 'technology', 'editedFields'])
    .where('id', '=', competitorId)
    .executeTakeFirst();
  if (!row) throw notFound('competitor');
  const assessments = await tx
    .selectFrom('competitorAssessments')
    .select(['kind', 'statement', 'quote', 'quoteUrl'])
    .where('competitorId', '=', competitorId)
    .orderBy('kind')
    .orderBy('assessedAt')
    .orderBy('statement')
    .execute();
  const pages = await tx
    .selectFrom('competitorWatches as w')
    .innerJoin('pages as p', 'p.id', 'w.pageId')
    .select(['p.url', 'p.kind', 'w.state', 'w.message', 'w.readAt'])
    .where('w.competitorId', '=', competitorId)
    .orderBy('p.firstSeenAt')
    .orderBy('p.url')
    .execute();
  const changes = await tx
    .selectFrom('competitorChanges')
    .select(changeColumns)
    .where('competitorId', '=', competitorId)
    .orderBy('foundAt', 'desc')
    .limit(100)
    .execute();
  return {
    ...rounded(row),
    lastChange: changes[0] ?? null,
    profiles: await presenceOf(inside, competitorId),
    pages,
    prices: (await pricesNow(inside, [competitorId])).map(({ competitorId: _, ...price }) => price),
    assessments,
    changes,
  };
}

/** The prices that stand, cheapest first. */
export async function pricesNow({ tx }: Inside, competitorIds: readonly string[]) {
  if (competitorIds.length === 0) return [];
  const rows = await tx
    .selectFrom('competitorPrices')
    .select([
      'competitorId',
      'plan',
      'amountMinor',
      'currency',
      'every',
      'perSeat',
      'starting',
      'billed',
      'quote',
      'seenFrom',
    ])
    .where('competitorId', 'in', [...competitorIds])
    .where('seenUntil', 'is', null)
    .orderBy('amountMinor')
    .orderBy('plan')
    .execute();
  return rows.map(({ amountMinor, currency, ...price }) => ({ ...price, price: { minor: amountMinor, currency } }));
}

/** Profiles with what is public of each; the rate of posting needs two counts at least a week apart. */
export async function presenceOf({ tx }: Inside, competitorId: string) {
  const profiles = await tx
    .selectFrom('competitorProfiles')
    .select(['platform', 'handle', 'url', 'trouble', 'lookedAt'])
    .where('competitorId', '=', competitorId)
    .orderBy('platform')
    .orderBy('handle')
    .execute();
  const snapshots = await tx
    .selectFrom('competitorSnapshots')
    .select(['platform', 'day', 'followers', 'posts', 'lastPostAt'])
    .where('competitorId', '=', competitorId)
    .orderBy('day', 'desc')
    .limit(400)
    .execute();
  return profiles.map((profile) => {
    const [latest, ...others] = snapshots.filter(({ platform }) => platform === profile.platform);
    const at = (day: string | Date) => new Date(day).getTime() / 86_400_000;
    const before =
      latest &&
      others
        .filter(({ day, posts }) => posts !== null && at(latest.day) - at(day) >= 7 && at(latest.day) - at(day) <= 35)
        .at(-1);
    const posted = before && latest.posts !== null ? Number(latest.posts) - Number(before.posts) : null;
    const days = before ? at(latest.day) - at(before.day) : 0;
    return {
      ...profile,
      followers: latest?.followers == null ? null : Number(latest.followers),
      posts: latest?.posts == null ? null : Number(latest.posts),
      postsPerWeek: posted === null || posted < 0 ? null : Math.round((posted / days) * 70) / 10,
      lastPostAt: latest?.lastPostAt ?? null,
    };
  });
}

function rounded<T extends { confidence: number | null }>(row: T): T {
  return { ...row, confidence: row.confidence === null ? null : Math.round(row.confidence * 100) / 100 };
}
