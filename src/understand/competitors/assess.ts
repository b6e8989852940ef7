/** Where a competitor is stronger or weaker, each with the words it rests on. */
import type { Inside } from '#src/context.ts';
import type { Said } from './fill.ts';

type Assessment = { kind: 'strength' | 'weakness'; statement: string; quote: string | null; quoteUrl: string | null };

/** Replaces the assessments of earlier readings; those of a person stay. */
export async function assess(
  inside: Inside,
  competitor: { id: string; appId: string },
  said: readonly Said[],
): Promise<void> {
  const { tx, workspaceId, clock } = inside;
  const found = [
    ...(await byFeatures(inside, competitor)),
    ...(await byPrice(inside, competitor)),
    ...byOffer(said),
  ].slice(0, 16);
  await tx
    .deleteFrom('competitorAssessments')
    .where('competitorId', '=', competitor.id)
    .where('source', '=', 'built_in')
    .execute();
  if (found.length > 0)
    await tx
      .insertInto('competitorAssessments')
      .values(
        found.map((one) => ({
          workspaceId,
          competitorId: competitor.id,
          ...one,
          source: 'built_in' as const,
          assessedAt: clock.now(),
        })),
      )
      .execute();
}

/** Features one has, by its own words, and the other says it has not. What is unknown says nothing. */
async function byFeatures({ tx }: Inside, { id, appId }: { id: string; appId: string }): Promise<Assessment[]> {
  const rows = await tx
    .selectFrom('features as f')
    .innerJoin('featureSupport as theirs', (join) =>
      join.onRef('theirs.featureId', '=', 'f.id').on('theirs.competitorId', '=', id),
    )
    .innerJoin('featureSupport as ours', (join) =>
      join.onRef('ours.featureId', '=', 'f.id').on('ours.competitorId', 'is', null),
    )
    .select([
      'f.name',
      'theirs.support as theirs',
      'ours.support as ours',
      'theirs.quote',
      'theirs.quoteUrl',
      'ours.quote as ownQuote',
      'ours.quoteUrl as ownUrl',
    ])
    .where('f.appId', '=', appId)
    .orderBy('f.position')
    .execute();
  return rows.flatMap((row): Assessment[] => {
    if (row.theirs === 'yes' && row.ours === 'no')
      return [
        {
          kind: 'strength',
          statement: `Has ${row.name}, which you have not.`,
          quote: row.quote,
          quoteUrl: row.quoteUrl,
        },
      ];
    if (row.theirs === 'no' && row.ours === 'yes')
      return [
        {
          kind: 'weakness',
          statement: `Has no ${row.name}, which you have.`,
          quote: row.quote ?? row.ownQuote,
          quoteUrl: row.quoteUrl ?? row.ownUrl,
        },
      ];
    return [];
  });
}

/** The lowest paid price a month, where both are known in one currency. */
async function byPrice(inside: Inside, { id, appId }: { id: string; appId: string }): Promise<Assessment[]> {
  const theirs = await inside.tx
    .selectFrom('competitorPrices')
    .select(['amountMinor', 'currency', 'quote', 'plan'])
    .where('competitorId', '=', id)
    .where('seenUntil', 'is', null)
    .where('every', '=', 'month')
    .where('amountMinor', '>', '0')
    .orderBy('amountMinor')
    .limit(1)
    .executeTakeFirst();
  const ours = await ownEntryPrice(inside, appId);
  if (!theirs || !ours || theirs.currency !== ours.currency) return [];
  const [a, b] = [Number(theirs.amountMinor), Number(ours.minor)];
  if (a === b) return [];
  const page = await inside.tx
    .selectFrom('pages')
    .select('url')
    .where('competitorId', '=', id)
    .where('kind', '=', 'pricing')
    .executeTakeFirst();
  const much = `${Math.round((Math.abs(a - b) / b) * 100)} %`;
  return [
    {
      kind: a < b ? 'strength' : 'weakness',
      statement: `The cheapest paid plan (${theirs.plan}) costs ${much} ${a < b ? 'less' : 'more'} a month than yours.`,
      quote: theirs.quote,
      quoteUrl: page?.url ?? null,
    },
  ];
}

/** The app's own lowest paid price a month, from its knowledge; null when it is not known. */
export async function ownEntryPrice(
  { tx }: Inside,
  appId: string,
): Promise<{ minor: string; currency: string } | null> {
  const facts = await tx
    .selectFrom('facts')
    .select('detail')
    .where('appId', '=', appId)
    .where('kind', '=', 'pricing')
    .where('state', '<>', 'retired')
    .execute();
  const prices = facts.flatMap(({ detail }) => {
    const { amount, currency, interval } = detail as { amount?: string; currency?: string; interval?: string };
    const value = Number(amount);
    return interval === 'month' && currency && value > 0 ? [{ minor: Math.round(value * 100), currency }] : [];
  });
  const [least] = prices.sort((a, b) => a.minor - b.minor);
  return least ? { minor: String(least.minor), currency: least.currency } : null;
}

function byOffer(said: readonly Said[]): Assessment[] {
  const found: Assessment[] = [];
  for (const { url, shape } of said) {
    const free = shape.plans.find(({ offers }) => offers.some(({ amount }) => amount === '0'));
    if (free)
      found.push({
        kind: 'strength',
        statement: `Has a free plan (${free.name}).`,
        quote: free.offers.find(({ amount }) => amount === '0')?.quote ?? free.name,
        quoteUrl: url,
      });
    const [trial] = shape.trials;
    if (trial)
      found.push({
        kind: 'strength',
        statement: `Can be tried free for ${trial.days} days.`,
        quote: trial.quote,
        quoteUrl: url,
      });
    if (shape.plans.length > 1 && !free && !trial)
      found.push({
        kind: 'weakness',
        statement: 'Its prices name neither a free plan nor a trial.',
        quote: shape.plans.map(({ name }) => name).join(', '),
        quoteUrl: url,
      });
    const seat = shape.plans.flatMap(({ offers }) => offers).find(({ perSeat }) => perSeat);
    if (seat)
      found.push({
        kind: 'weakness',
        statement: 'Charges for every user: it gets dearer as a team grows.',
        quote: seat.quote,
        quoteUrl: url,
      });
  }
  const seen = new Set<string>();
  return found.filter(({ statement }) => !seen.has(statement) && seen.add(statement));
}
