import type { Inside } from '#src/context.ts';
import { notFound } from '#src/refusal.ts';

const columns = [
  'id',
  'name',
  'url',
  'state',
  'positioning',
  'description',
  'confidence',
  'quote',
  'quoteUrl',
  'createdAt',
  'lastReadAt',
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
  return rows.map(rounded);
}

export async function showCompetitor({ tx }: Inside, competitorId: string) {
  const row = await tx
    .selectFrom('competitors')
    .select([...columns, 'marketingStrategy', 'contentStrategy'])
    .where('id', '=', competitorId)
    .executeTakeFirst();
  if (!row) throw notFound('competitor');
  const profiles = await tx
    .selectFrom('competitorProfiles')
    .select(['platform', 'handle', 'url'])
    .where('competitorId', '=', competitorId)
    .orderBy('platform')
    .execute();
  const prices = await tx
    .selectFrom('competitorPrices')
    .select(['plan', 'amountMinor', 'currency', 'every', 'quote', 'seenFrom'])
    .where('competitorId', '=', competitorId)
    .where('seenUntil', 'is', null)
    .orderBy('amountMinor')
    .execute();
  const assessments = await tx
    .selectFrom('competitorAssessments')
    .select(['kind', 'statement', 'quote', 'quoteUrl'])
    .where('competitorId', '=', competitorId)
    .orderBy('kind')
    .orderBy('assessedAt')
    .execute();
  const changes = await tx
    .selectFrom('competitorChanges')
    .select(['kind', 'before', 'after', 'severity', 'foundAt'])
    .where('competitorId', '=', competitorId)
    .orderBy('foundAt', 'desc')
    .limit(100)
    .execute();
  return {
    ...rounded(row),
    profiles,
    prices: prices.map(({ amountMinor, currency, ...price }) => ({
      ...price,
      price: { minor: amountMinor, currency },
    })),
    assessments,
    changes,
  };
}

function rounded<T extends { confidence: number | null }>(row: T): T {
  return { ...row, confidence: row.confidence === null ? null : Math.round(row.confidence * 100) / 100 };
}
