import type { Inside } from '#src/context.ts';
import { finalContent } from '#src/distribute/content.ts';
import { unpaidParts } from '#src/distribute/publications/parts.ts';
import type { PricedPart } from '#src/outside/platform.ts';
import { Refusal } from '#src/refusal.ts';
import { priceOf, pricesOf } from './prices.ts';

/** So many publications of one account are priced one by one; what comes after costs their average. */
const PRICED = 300;

export type Forecast = { accountId: string; publications: number; micros: number };

/**
 * What is scheduled until then will cost on each account, by the prices of today: what waits and what is under way, less
 * what is paid. A post that could not go out as it stands costs nothing.
 */
export async function forecastOf(inside: Inside, until: Date): Promise<Forecast[]> {
  const rows = await inside.tx
    .selectFrom('publications')
    .innerJoin('accounts', 'accounts.id', 'publications.accountId')
    .select(['publications.id', 'publications.postId', 'publications.state', 'accountId', 'accounts.platform'])
    .where('state', 'in', ['scheduled', 'publishing', 'asking'])
    .where('dueAt', '<', until)
    .where('accounts.status', '<>', 'removed')
    .orderBy('dueAt')
    .execute();
  const forecasts: Forecast[] = [];
  for (const [accountId, own] of Map.groupBy(rows, (row) => row.accountId)) {
    const adapter = inside.platforms.get(own[0]?.platform ?? '');
    let micros = 0;
    if (adapter?.prices) {
      const prices = await pricesOf(inside, adapter.id);
      const some = own.slice(0, PRICED);
      for (const row of some)
        for (const part of await partsOf(inside, row))
          for (const cost of adapter.priceOf(part)) micros += priceOf(prices, cost).micros;
      micros = Math.round((micros / some.length) * own.length);
    }
    forecasts.push({ accountId, publications: own.length, micros });
  }
  return forecasts;
}

async function partsOf(
  inside: Inside,
  row: { id: string; postId: string; state: string; accountId: string; platform: string },
): Promise<PricedPart[]> {
  if (row.state === 'publishing') return unpaidParts(inside, row.id, row.accountId);
  try {
    const { parts } = await finalContent(inside, row.postId, { id: row.accountId, platform: row.platform });
    return parts.map(({ text, media }) => ({
      text,
      describedMedia: media.filter((one) => one.altText).length,
      answersOther: false,
    }));
  } catch (error) {
    if (error instanceof Refusal) return [];
    throw error;
  }
}
