import { z } from 'zod';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { tidy } from '#src/measure/attribution/compare.ts';
import { roundTogether } from '#src/measure/attribution/sums.ts';
import type { RangeAsked } from '#src/measure/range.ts';
import { costsOf } from '#src/measure/returns/costs.ts';
import { outcomesOf } from '#src/measure/returns/outcome.ts';
import { type Scope, scopeOf } from '#src/measure/traffic/question.ts';
import { rateOf } from './account.ts';
import { estimate, medianOf, shrunk } from './estimate.ts';
import { type Published, publishedIn } from './published.ts';

export const comparisons = ['platform', 'account', 'format'] as const;
type By = (typeof comparisons)[number];

const minor = z.string();
export const compareShown = z.object({
  timeZone: z.string(),
  currency: z.string(),
  days: z.object({ from: z.string(), until: z.string() }),
  by: z.enum(comparisons),
  rows: z.array(
    z.object({
      /** A platform, an account's id, or a format. */
      key: z.string(),
      name: z.string(),
      platform: z.string().nullable(),
      posts: z.int(),
      /** Those of the posts that were removed or archived since; they count. */
      removed: z.int(),
      /** Null = the platform does not tell. */
      impressions: z.number().nullable(),
      engagement: z.number().nullable(),
      engagementRate: estimate,
      /** Of one post: the middle one. */
      medianImpressions: estimate,
      medianEngagement: estimate,
      /** Typical engagement of a post here ÷ that of a post anywhere, drawn towards 1 by how little is known. */
      against: estimate,
      clicks: z.int(),
      visits: z.int(),
      /** Shares of credit, by the app's model. */
      signups: z.number(),
      customers: z.number(),
      revenueMinor: minor,
      costMinor: minor,
    }),
  ),
});

/**
 * Platforms, accounts or formats side by side. Numbers of posts are of what went out in the range; clicks, visits,
 * signups, revenue and costs are what fell into it. A post that went out in two formats counts its results by the first.
 */
export function comparePlatforms(
  context: Context,
  asked: { appId: string; by: By } & RangeAsked,
): Promise<z.output<typeof compareShown>> {
  return transaction(context, async (inside) => {
    const scope = await scopeOf(inside, asked);
    const { appId, timeZone, currency, current } = scope;
    const { from, until } = current;
    const out = await publishedIn(inside, { appId, timeZone, from, until });
    const names = await accountNames(inside);
    const posts = Map.groupBy(
      out.filter(({ reply }) => !reply),
      (one) => keyOf(asked.by, one),
    );
    const outcome = await outcomeBy(inside, scope, asked.by, names);
    const against = shrunk(
      new Map([...posts].map(([key, own]) => [key, own.flatMap(({ engagement }) => engagement ?? [])])),
    );
    const keys = [...new Set([...posts.keys(), ...outcome.keys()])];
    const rows = keys.map((key) => {
      const own = posts.get(key) ?? [];
      const account = names.get(key);
      return {
        key,
        name: account ? account.handle : key,
        platform: asked.by === 'platform' ? key : (account?.platform ?? null),
        posts: own.length,
        removed: own.filter(({ removed }) => removed).length,
        impressions: sum(own.flatMap(({ impressions }) => impressions ?? [])),
        engagement: sum(own.flatMap(({ engagement }) => engagement ?? [])),
        engagementRate: rateOf(own),
        medianImpressions: medianOf(own.flatMap(({ impressions }) => impressions ?? [])),
        medianEngagement: medianOf(own.flatMap(({ engagement }) => engagement ?? [])),
        against: against.get(key) ?? { value: null, low: null, high: null, reason: 'Nothing went out in this range.' },
        ...(outcome.get(key) ?? nothing),
      };
    });
    return {
      timeZone,
      currency,
      days: { from: current.days[0] ?? '', until: current.days.at(-1) ?? '' },
      by: asked.by,
      rows: rows
        .filter(
          (row) =>
            row.posts + row.clicks + row.visits + row.signups > 0 || row.revenueMinor !== '0' || row.costMinor !== '0',
        )
        .sort((a, b) => b.visits - a.visits || b.posts - a.posts || (a.key < b.key ? -1 : 1)),
    };
  });
}

const nothing = { clicks: 0, visits: 0, signups: 0, customers: 0, revenueMinor: '0', costMinor: '0' };

function keyOf(by: By, one: Published): string {
  return by === 'platform' ? one.platform : by === 'account' ? one.accountId : one.format;
}

type Names = ReadonlyMap<string, { platform: string; handle: string }>;

async function accountNames({ tx }: Inside): Promise<Names> {
  const rows = await tx.selectFrom('accounts').select(['id', 'platform', 'handle']).execute();
  return new Map(rows.map(({ id, ...row }) => [id, row]));
}

/** What the app's model credits each group with, and what was spent on it. What belongs to none of them is left out. */
async function outcomeBy(
  inside: Inside,
  { appId, currency, model, timeZone, current: period }: Scope,
  by: By,
  names: Names,
): Promise<Map<string, typeof nothing>> {
  const from = by === 'format' ? 'post' : 'account';
  const formatOf = by === 'format' ? await formatsOf(inside, appId, timeZone) : new Map<string, string>();
  const groupOf = (value: string | null): string | null => {
    if (value === null) return null;
    if (by === 'account') return names.has(value) ? value : null;
    return (by === 'platform' ? names.get(value)?.platform : formatOf.get(value)) ?? null;
  };
  const groups = new Map<string, typeof nothing>();
  const of = (key: string) => {
    const known = groups.get(key) ?? { ...nothing };
    groups.set(key, known);
    return known;
  };
  const earned: { key: string; decimal: string }[] = [];
  for (const [value, outcome] of await outcomesOf(inside, from, { appId, period, currency, model })) {
    const key = groupOf(value);
    if (key === null) continue;
    const group = of(key);
    group.clicks += outcome.clicks;
    group.visits += outcome.visits;
    group.signups = tidy(group.signups + outcome.signups);
    group.customers = tidy(group.customers + outcome.customers);
    earned.push(...outcome.revenueMinor.map((decimal) => ({ key, decimal })));
  }
  const spent: { key: string; decimal: string }[] = [];
  for (const cost of await costsOf(inside, { appId, period, currency, timeZone })) {
    const key = groupOf(from === 'post' ? cost.postId : cost.accountId);
    if (key !== null && cost.minor !== null) spent.push({ key, decimal: cost.minor });
  }
  for (const [key, total] of totals(earned)) of(key).revenueMinor = String(total);
  for (const [key, total] of totals(spent)) of(key).costMinor = String(total);
  return groups;
}

/** The format of every post of the app that ever went out: results fall into a range also long after the post. */
async function formatsOf(inside: Inside, appId: string, timeZone: string): Promise<Map<string, string>> {
  const all = await publishedIn(inside, { appId, timeZone, from: new Date(0), until: inside.clock.now() });
  // Of a post that went out more than once the first stands last, and is kept.
  return new Map(all.reverse().map((one) => [one.postId, one.format]));
}

function totals(cells: readonly { key: string; decimal: string }[]): Map<string, bigint> {
  const rounded = roundTogether(cells.map((cell) => cell.decimal));
  const table = new Map<string, bigint>();
  for (const [index, { key }] of cells.entries()) table.set(key, (table.get(key) ?? 0n) + (rounded[index] ?? 0n));
  return table;
}

function sum(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((all, each) => all + each, 0);
}
