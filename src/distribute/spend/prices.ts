import { z } from 'zod';
import { type Inside, transaction, userOf } from '#src/context.ts';
import { platformOf } from '#src/distribute/accounts/developer-apps.ts';
import { done, operation } from '#src/operation.ts';
import type { Cost } from '#src/outside/platform.ts';
import { audit } from '#src/people/audit.ts';

/** What the workspace has changed: the price of one, and the price of one in the built-in list. */
export type Prices = ReadonlyMap<string, { micros: number; listed: number | null }>;

/**
 * What a call costs by the workspace's own price for the item, else by the adapter's table. A call can be charged for
 * several (a timeline by the post): then all of them change by as much as one does.
 */
export function priceOf(prices: Prices, { item, micros }: Cost): Cost {
  const own = prices.get(item);
  if (!own) return { item, micros };
  return { item, micros: own.listed ? Math.round((micros * own.micros) / own.listed) : own.micros };
}

/** The prices the workspace has changed, by item. */
export async function pricesOf({ tx, platforms }: Inside, platform: string): Promise<Prices> {
  const rows = await tx
    .selectFrom('platformPrices')
    .select(['item', 'micros'])
    .where('platform', '=', platform)
    .execute();
  const list = platforms.get(platform)?.prices?.items ?? [];
  return new Map(
    rows.map(({ item, micros }) => [item, { micros, listed: list.find((one) => one.item === item)?.micros ?? null }]),
  );
}

export const priceOperations = {
  prices: operation({
    summary: 'Show what a platform charges for: its price list, and what this workspace has changed of it.',
    route: 'GET /spend/prices',
    access: 'read',
    input: z.strictObject({ platform: z.string().max(40) }),
    output: z.object({
      /** The day and the page the built-in prices are of; null where a platform charges nothing. */
      asOf: z.string().nullable(),
      source: z.string().nullable(),
      items: z.array(
        z.object({
          item: z.string(),
          what: z.string(),
          /** Millionths of a US dollar for one, as counted now. */
          micros: z.int(),
          /** By the built-in list. */
          listedMicros: z.int().nullable(),
          changedAt: z.date().nullable(),
          changedBy: z.string().nullable(),
        }),
      ),
    }),
    run: (context, { platform }) => transaction(context, (inside) => priceList(inside, platform)),
  }),
  setPrice: operation({
    summary: 'Correct a price that a platform has changed; without a price the built-in one counts again.',
    route: 'PUT /spend/prices',
    access: 'write',
    role: 'owner',
    input: z.strictObject({
      platform: z.string().max(40),
      item: z.string().min(1).max(80),
      micros: z.int().min(0).max(1_000_000_000).nullable(),
    }),
    output: done,
    run: (context, { platform, item, micros }) =>
      transaction(context, async (inside) => {
        platformOf(inside, platform);
        await inside.tx
          .deleteFrom('platformPrices')
          .where('platform', '=', platform)
          .where('item', '=', item)
          .execute();
        if (micros !== null)
          await inside.tx
            .insertInto('platformPrices')
            .values({
              workspaceId: inside.workspaceId,
              platform,
              item,
              micros,
              updatedBy: userOf(inside),
              updatedAt: inside.clock.now(),
            })
            .execute();
        await audit(inside, { operation: 'spend.setPrice', subject: `${platform}:${item}`, after: { micros } });
        return { done: true };
      }),
  }),
};

async function priceList(inside: Inside, platform: string) {
  const list = platformOf(inside, platform).prices ?? null;
  const changed = await inside.tx
    .selectFrom('platformPrices')
    .leftJoin('users', 'users.id', 'platformPrices.updatedBy')
    .select(['item', 'micros', 'platformPrices.updatedAt', 'users.name'])
    .where('platform', '=', platform)
    .orderBy('item')
    .execute();
  const listed = list?.items ?? [];
  const own = changed.filter((row) => !listed.some((one) => one.item === row.item));
  return {
    asOf: list?.asOf ?? null,
    source: list?.source ?? null,
    items: [...listed, ...own.map(({ item }) => ({ item, micros: null, what: item }))].map((one) => {
      const row = changed.find(({ item }) => item === one.item);
      return {
        item: one.item,
        what: one.what,
        micros: row?.micros ?? one.micros ?? 0,
        listedMicros: one.micros,
        changedAt: row?.updatedAt ?? null,
        changedBy: row?.name ?? null,
      };
    }),
  };
}
