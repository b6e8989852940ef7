import type { Inside } from '#src/context.ts';
import { unpaidParts } from '#src/distribute/publications/parts.ts';
import { pauseWithNotice } from '#src/distribute/publications/pauses.ts';
import { HELD, inTime, release, type Work } from '#src/distribute/publications/work.ts';
import { monthOf, priceOf, pricesOf, spentThisMonth } from '#src/distribute/spend.ts';

/** Whether the next part has to wait for money or for the platform's pace; the work is handed back then. */
export async function isOverLimit(inside: Inside, work: Work): Promise<boolean> {
  return (await isOverBudget(inside, work)) || (await isOverRate(inside, work));
}

/** The budget has to hold for all that is left of the publication: no thread ends midway because of money. */
async function isOverBudget(inside: Inside, work: Work): Promise<boolean> {
  const { account, adapter, claimed } = work;
  const budget = account.monthlyBudgetMicros;
  if (budget === null) return false;
  const prices = await pricesOf(inside, adapter.id);
  const price = (await unpaidParts(inside, claimed.publicationId, account.id))
    .flatMap((part) => adapter.priceOf(part))
    .reduce((sum, cost) => sum + priceOf(prices, cost).micros, 0);
  const spent = await spentThisMonth(inside, account.id);
  if (price === 0 || spent + price <= budget) return false;
  const reason = `The monthly budget of ${dollars(budget)} would be exceeded: ${dollars(spent)} is spent, and the next post costs ${dollars(price)}. Raise the budget and resume, or wait for the next month.`;
  await pauseWithNotice(inside, account.id, {
    kind: 'budget_reached',
    title: `The budget of @${account.handle} is used up`,
    reason,
    until: monthOf(inside.clock.now(), 1),
  });
  await release(inside, work, inTime(inside, HELD), reason);
  return true;
}

/** The platform's pace: when a window is full, the next part goes as soon as the oldest has left it. */
async function isOverRate(inside: Inside, work: Work): Promise<boolean> {
  const { account, adapter } = work;
  const now = inside.clock.now().getTime();
  let until = 0;
  let reason = '';
  for (const { posts, minutes } of adapter.limits.rates) {
    const window = minutes * 60_000;
    const oldest = await inside.tx
      .selectFrom('attempts')
      .innerJoin('publicationParts', 'publicationParts.id', 'attempts.publicationPartId')
      .innerJoin('publications', 'publications.id', 'publicationParts.publicationId')
      .select('attempts.sentAt')
      .where('publications.accountId', '=', account.id)
      .where('attempts.sentAt', '>', new Date(now - window))
      .orderBy('attempts.sentAt', 'desc')
      .offset(posts - 1)
      .limit(1)
      .executeTakeFirst();
    const free = (oldest?.sentAt?.getTime() ?? 0) + window;
    if (!oldest || free <= until) continue;
    until = free;
    reason = `${adapter.name} takes ${posts} posts in ${inWords(minutes)} from one account, and @${account.handle} has sent as many. It goes on by itself.`;
  }
  if (until === 0) return false;
  await release(inside, work, new Date(until), reason);
  return true;
}

function inWords(minutes: number): string {
  if (minutes % 1440 === 0) return minutes === 1440 ? 'a day' : `${minutes / 1440} days`;
  if (minutes % 60 === 0) return minutes === 60 ? 'an hour' : `${minutes / 60} hours`;
  return minutes === 1 ? 'a minute' : `${minutes} minutes`;
}

function dollars(micros: number): string {
  return `$${(micros / 1_000_000).toFixed(2)}`;
}
