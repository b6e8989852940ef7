import type { Inside } from '#src/context.ts';
import { platformOf } from '#src/distribute/accounts/developer-apps.ts';
import { accountOf } from '#src/distribute/accounts/status.ts';
import { priceOf, pricesOf, spentThisMonth } from '#src/distribute/spend.ts';
import type { Cost, Platform } from '#src/outside/platform.ts';
import { LINK, sampleLink } from '#src/plan/posts.ts';
import type { PostRule } from './rule.ts';

/**
 * What a rule spends on one post, in millionths of a US dollar, by the workspace's own prices. Showing and removing a
 * post are in a platform's price list as `<platform>.repost` and `<platform>.delete`; what is not listed is free.
 */
export async function priceOfAct(inside: Inside, rule: PostRule, platformId: string, parts = 1): Promise<number> {
  const prices = await pricesOf(inside, platformId);
  const costs = costsOf(inside, rule, platformOf(inside, platformId), parts);
  return costs.reduce((sum, cost) => sum + priceOf(prices, cost).micros, 0);
}

/** Whether so much may still be spent on the account this month. */
export async function isAffordable(inside: Inside, accountId: string, micros: number): Promise<boolean> {
  const { monthlyBudgetMicros: budget } = await accountOf(inside, accountId);
  return micros === 0 || budget === null || (await spentThisMonth(inside, accountId)) + micros <= budget;
}

function costsOf(inside: Inside, rule: PostRule, adapter: Platform, parts: number): Cost[] {
  if (rule.kind === 'auto_plug') {
    const text = rule.text.replaceAll(LINK, sampleLink(inside));
    return adapter.priceOf({ text, describedMedia: 0, answersOther: false });
  }
  const name = { auto_repost: 'repost', auto_delete: 'delete', auto_archive: null }[rule.kind];
  const listed = adapter.prices?.items.find(({ item }) => item === `${adapter.id}.${name}`);
  return listed ? [{ item: listed.item, micros: listed.micros * (rule.kind === 'auto_delete' ? parts : 1) }] : [];
}
