import { sql } from 'kysely';
import type { Inside } from '#src/context.ts';

type Numbers = {
  link: { id: string; code: string; destination: string } | null;
  clicks: number;
  visits: number;
  signups: number;
  customers: number;
  amounts: { currency: string; due: string; flagged: string; paid: string }[];
};

/** What affiliates brought and earned. A signup counts when their link is among the visits it is credited to. */
export async function numbersOf({ tx }: Inside, ids: string[]): Promise<(affiliateId: string) => Numbers> {
  if (ids.length === 0) return () => ({ link: null, clicks: 0, visits: 0, signups: 0, customers: 0, amounts: [] });
  const links = await tx
    .selectFrom('links')
    .select(['id', 'code', 'destination', 'affiliateId'])
    .where('affiliateId', 'in', ids)
    .orderBy('createdAt')
    .execute();
  const clicks = await tx
    .selectFrom('clicks')
    .innerJoin('links', 'links.id', 'clicks.linkId')
    .select((eb) => ['links.affiliateId', eb.fn.countAll<number>().as('times')])
    .where('links.affiliateId', 'in', ids)
    .where('clicks.agentClass', 'in', ['human', 'unsure'])
    .groupBy('links.affiliateId')
    .execute();
  const visits = await tx
    .selectFrom('touches')
    .select((eb) => ['affiliateId', eb.fn.countAll<number>().as('times')])
    .where('affiliateId', 'in', ids)
    .where('kind', '=', 'arrival')
    .groupBy('affiliateId')
    .execute();
  const signups = await tx
    .selectFrom('credits')
    .innerJoin('touches', 'touches.id', 'credits.touchId')
    .innerJoin('conversions', 'conversions.id', 'credits.conversionId')
    .select(['touches.affiliateId', sql<number>`count(distinct conversions.id)`.as('times')])
    .where('credits.model', '=', 'linear')
    .where('conversions.kind', '=', 'signup')
    .where('touches.affiliateId', 'in', ids)
    .groupBy('touches.affiliateId')
    .execute();
  const customers = await tx
    .selectFrom('commissions')
    .select(['affiliateId', sql<number>`count(distinct coalesce(customer_id, payment_id))`.as('times')])
    .where('affiliateId', 'in', ids)
    .where('state', '<>', 'reversed')
    .groupBy('affiliateId')
    .execute();
  const amounts = await tx
    .selectFrom('commissions')
    .select(['affiliateId', 'currency'])
    .select([
      sql<string>`coalesce(sum(amount_minor) filter (where state = 'earned'), 0)`.as('due'),
      sql<string>`coalesce(sum(amount_minor) filter (where state = 'flagged'), 0)`.as('flagged'),
      sql<string>`coalesce(sum(amount_minor) filter (where state = 'paid'), 0)`.as('paid'),
    ])
    .where('affiliateId', 'in', ids)
    .groupBy(['affiliateId', 'currency'])
    .orderBy('currency')
    .execute();
  return (affiliateId) => {
    const times = (rows: readonly { affiliateId: string | null; times: number }[]) =>
      rows.find((row) => row.affiliateId === affiliateId)?.times ?? 0;
    return {
      link: links.find((link) => link.affiliateId === affiliateId) ?? null,
      clicks: times(clicks),
      visits: times(visits),
      signups: times(signups),
      customers: times(customers),
      amounts: amounts.filter((row) => row.affiliateId === affiliateId),
    };
  };
}
