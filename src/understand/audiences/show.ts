import type { Inside } from '#src/context.ts';

export const states = ['proposed', 'confirmed', 'retired'] as const;
export type State = (typeof states)[number];

/** Audiences as a person sees them: confirmed ones first, then the surest. */
export async function showAudiences(
  { tx }: Inside,
  wanted: { appId: string; state?: State | undefined } | { audienceId: string },
) {
  const rows = await tx
    .selectFrom('audiences')
    .selectAll()
    .$if('appId' in wanted, (query) => query.where('appId', '=', (wanted as { appId: string }).appId))
    .$if('audienceId' in wanted, (query) => query.where('id', '=', (wanted as { audienceId: string }).audienceId))
    .$if('state' in wanted && wanted.state !== undefined, (query) =>
      query.where('state', '=', (wanted as { state: State }).state),
    )
    .orderBy((eb) =>
      eb.case().when('state', '=', 'confirmed').then(0).when('state', '=', 'proposed').then(1).else(2).end(),
    )
    .orderBy('confidence', (order) => order.desc().nullsFirst())
    .orderBy('name')
    .execute();
  const ids = rows.map((row) => row.id);
  if (ids.length === 0) return [];
  const traits = await tx
    .selectFrom('audienceTraits as trait')
    .leftJoin('facts as fact', 'fact.id', 'trait.factId')
    .select(['trait.audienceId', 'trait.kind', 'trait.statement', 'trait.factId', 'fact.statement as fact'])
    .where('trait.audienceId', 'in', ids)
    .orderBy('trait.kind')
    .orderBy('trait.statement')
    .execute();
  const platforms = await tx
    .selectFrom('audiencePlatforms')
    .select(['audienceId', 'platform', 'presence', 'reasoning'])
    .where('audienceId', 'in', ids)
    .orderBy('platform')
    .execute();
  const steps = await tx
    .selectFrom('audienceSizeSteps')
    .select(['audienceId', 'label', 'factor', 'assumption'])
    .where('audienceId', 'in', ids)
    .orderBy('position')
    .execute();
  const campaigns = await tx
    .selectFrom('campaignAudiences')
    .innerJoin('campaigns', 'campaigns.id', 'campaignAudiences.campaignId')
    .select(['campaignAudiences.audienceId', 'campaigns.id', 'campaigns.name'])
    .where('campaignAudiences.audienceId', 'in', ids)
    .orderBy('campaigns.name')
    .execute();
  return rows.map((row) => {
    const amount = (minor: string | null) =>
      minor !== null && row.currency ? { minor, currency: row.currency } : null;
    return {
      id: row.id,
      name: row.name,
      description: row.description,
      state: row.state,
      confidence: row.confidence === null ? null : Math.round(row.confidence * 100) / 100,
      quote: row.quote,
      quoteUrl: row.quoteUrl,
      traits: traits.filter((one) => one.audienceId === row.id).map(({ audienceId: _, ...one }) => one),
      platforms: platforms.filter((one) => one.audienceId === row.id).map(({ audienceId: _, ...one }) => one),
      segment: row.segmentBy ? { by: row.segmentBy, values: row.segmentValues } : null,
      campaigns: campaigns.filter((one) => one.audienceId === row.id).map(({ audienceId: _, ...one }) => one),
      estimated: {
        size: row.estimatedSize,
        sizeReasoning: row.sizeReasoning,
        sizeSteps: steps.filter((one) => one.audienceId === row.id).map(({ audienceId: _, ...one }) => one),
        lifetimeValue: amount(row.estimatedLtvMinor),
        acquisitionCost: amount(row.estimatedCacMinor),
      },
    };
  });
}
