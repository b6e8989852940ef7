import { z } from 'zod';
import { type Context, transaction } from '#src/context.ts';
import { id } from '#src/operation.ts';
import { refuse } from '#src/refusal.ts';
import { appOf } from '#src/understand/apps.ts';
import { variantsOf } from './drafts.ts';
import { readFeed } from './feeds.ts';
import { priceOfAct } from './price.ts';
import { causeOf, reached } from './reached.ts';
import { assertRule, type FeedRule, isFeedRule, type Rule } from './rule.ts';

export const previewed = z.object({
  /** Posts of the last 90 days that meet the condition, newest first, at most 50. */
  posts: z.array(
    z.object({
      publicationId: id,
      postId: id,
      title: z.string(),
      account: z.object({ id, platform: z.string(), handle: z.string() }),
      publishedAt: z.date(),
      url: z.string().nullable(),
      value: z.number(),
      /** Why, in a sentence. */
      cause: z.string(),
      /** It would act on this one now; on the others it would have acted had it been on. */
      now: z.boolean(),
      /** What it costs, millionths of a US dollar. */
      micros: z.int(),
    }),
  ),
  /** The newest items of the feed as they would be drafted; those that are there already are not. */
  items: z.array(
    z.object({
      title: z.string(),
      link: z.string(),
      publishedAt: z.date().nullable(),
      drafts: z.array(z.object({ platform: z.string(), title: z.string().nullable(), parts: z.array(z.string()) })),
    }),
  ),
  /** What acting on all that are ready now costs. */
  nowMicros: z.int(),
});

/** What a rule would do, without doing it. Of a saved rule it leaves out what that one did already. */
export async function previewRule(
  context: Context,
  wanted: { automationId?: string | undefined; appId: string; accountId: string | null; rule: Rule },
): Promise<z.input<typeof previewed>> {
  const { rule, appId, accountId } = wanted;
  await transaction(context, async (inside) => {
    await appOf(inside, appId);
    await assertRule(inside, wanted);
  });
  if (isFeedRule(rule)) return previewFeed(context, rule);
  return transaction(context, async (inside) => {
    const known = wanted.automationId
      ? await inside.tx
          .selectFrom('automations')
          .select('switchedOnAt')
          .where('id', '=', wanted.automationId)
          .executeTakeFirst()
      : undefined;
    const since = known?.switchedOnAt ?? inside.clock.now();
    const all = await reached(inside, { id: wanted.automationId ?? null, appId, accountId, rule, since });
    const prices = new Map<string, number>();
    for (const { account } of all)
      if (!prices.has(account.platform)) prices.set(account.platform, await priceOfAct(inside, rule, account.platform));
    const priced = all.map(({ median, ...one }) => ({
      ...one,
      cause: causeOf(rule, { ...one, median }),
      micros: prices.get(one.account.platform) ?? 0,
    }));
    const nowMicros = priced.filter((one) => one.now).reduce((sum, one) => sum + one.micros, 0);
    return { posts: priced.slice(0, 50), items: [], nowMicros };
  });
}

async function previewFeed(context: Context, rule: FeedRule): Promise<z.input<typeof previewed>> {
  const feed = await readFeed(context, rule);
  if (!feed.ok) throw refuse('invalid', 'feed_unreadable', feed.reason);
  const items = feed.items.slice(0, 5).map((item) => ({
    title: item.title,
    link: item.link,
    publishedAt: item.publishedAt,
    drafts: variantsOf(context, rule, item).map(({ platform, title, parts }) => ({
      platform,
      title: title ?? null,
      parts: parts.map(({ text }) => text),
    })),
  }));
  return { posts: [], items, nowMicros: 0 };
}
